"""Child processes: each with a log file, each ended by the test that started it."""

import atexit
import contextlib
import os
import selectors
import signal
import subprocess
import time
from pathlib import Path

SERVERS = Path(__file__).resolve().parent.parent / "servers"


class Child:
    """A running process whose output goes to a log file."""

    def __init__(self, command: list[str], log: Path, env: dict[str, str] | None = None) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.name, self.log = Path(command[0]).name, log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env={**os.environ, **(env or {})}
            )
        atexit.register(self.kill)  # clean-up of tests is skipped when the whole run is interrupted

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def terminate(self, seconds: float = 10) -> int:
        """SIGTERM, then its exit code; SIGKILL and an AssertionError when it does not end in time."""
        if self.is_alive():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} was still running {seconds:g} s after SIGTERM") from None

    def kill(self) -> None:
        """Ends it whatever it does; for clean-up."""
        if self.is_alive():
            self.process.kill()
        self.process.wait()


class Servers:
    """A script of `servers/` that runs several processes until its standard input ends."""

    def __init__(self, script: str, arguments: list[str], logs: Path, env: dict[str, str] | None = None) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.script = script
        with (logs / f"{script}.err").open("ab") as errors:
            self.process = subprocess.Popen(
                [str(SERVERS / script), *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, "LOGS": str(logs), **(env or {})},
            )
        self.errors = logs / f"{script}.err"

    def wait_ready(self, seconds: float) -> float:
        """How many seconds it took to be ready. Raises TimeoutError when it is not in time or gives up."""
        began = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            ready = selector.select(seconds) and self.process.stdout.readline().strip() == b"ready"
        if not ready:
            raise TimeoutError(f"{self.script} was not ready within {seconds:g} s: {self.errors.read_text()[-2000:]}")
        return time.monotonic() - began

    def stop(self) -> None:
        """Ends the script, which ends its processes."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            self.process.wait(20)
        self.process.stdout.close()


@contextlib.contextmanager
def paused(pid_file: Path):
    """Stops the process of a pid file for as long as the block runs."""
    pid = int(pid_file.read_text())
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
