"""`replicanary run` as its operator has it: a configuration file, an HTTP port, signals and an exit code."""

from .case import BINARY, RingCase
from .ports import free_ports
from .waiting import Hopeless, wait_until
from .web import Answer, call


class Daemon:
    """A running daemon. `routes` is the text of the configuration below `listen`."""

    def __init__(self, case: RingCase, routes: str, name: str = "daemon") -> None:
        self.url = f"http://127.0.0.1:{(port := free_ports())}"
        config = case.directory / f"{name}-{port}.yaml"
        config.write_text(f"instance: ring\nlisten: 127.0.0.1:{port}\n{routes}")
        (case.test_logs / config.name).write_text(config.read_text())
        command = [BINARY, "run", "--config", config]
        self.child = case.start(name, command, {"RING_SECRET": "canarysecret", "NO_COLOR": "1"})
        wait_until("the daemon is ready", 15, self._is_ready)

    def _is_ready(self) -> bool:
        if not self.child.is_alive():
            raise Hopeless(f"the daemon ended with {self.child.process.returncode}: {self.log()[-2000:]}")
        return self.get("/readyz").status == 200

    def get(self, path: str) -> Answer:
        """GET of a path of the daemon."""
        return call(self.url + path)

    def route(self, name: str) -> dict:
        """The route with its reports."""
        answer = self.get(f"/api/v1/routes/{name}")
        assert answer.status == 200, answer
        return answer.json()

    def destination(self, name: str) -> dict:
        """The only destination of a route, as the list of routes has it."""
        routes = self.get("/api/v1/routes").json()["routes"]
        (destination,) = next(route for route in routes if route["name"] == name)["destinations"]
        return destination

    def wait_state(self, route: str, state: str, seconds: float) -> dict:
        """The only destination of a route, as soon as it is in that state."""
        what = f"route {route} is {state}"
        return wait_until(what, seconds, lambda: self.destination(route), lambda seen: seen["state"] == state)

    def stop(self) -> int:
        """SIGTERM and the exit code; the grace of 25 s plus what the last calls may take."""
        return self.child.terminate(40)

    def log(self) -> str:
        """All that it has logged."""
        return self.child.log.read_text(errors="replace")
