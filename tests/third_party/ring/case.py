"""The base of all tests of the ring: a scratch directory, kept logs, children that end with the test."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from .process import Child, Servers

ROOT = Path(__file__).resolve().parents[3]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BINARY = Path(os.environ.get("REPLICANARY", TARGET / "release" / "replicanary"))
LOGS = Path(os.environ.get("RING_LOGS", TARGET / "third-party"))


class RingCase(unittest.TestCase):
    """A test against real processes. Logs stay under `target/third-party/<class>` for whoever looks into a failure."""

    @classmethod
    def setUpClass(cls) -> None:
        scratch = tempfile.TemporaryDirectory(prefix="replicanary-ring-", ignore_cleanup_errors=True)
        cls.directory = Path(scratch.name)
        cls.addClassCleanup(scratch.cleanup)
        cls.logs = LOGS / cls.__name__
        shutil.rmtree(cls.logs, ignore_errors=True)
        cls.logs.mkdir(parents=True)

    def setUp(self) -> None:
        self.test_logs = self.logs / self._testMethodName
        self.test_logs.mkdir(exist_ok=True)

    @classmethod
    def start_servers(cls, script: str, *arguments: object, seconds: float = 60) -> None:
        """Runs a script of `servers/` for all tests of the class."""
        servers = Servers(script, [str(argument) for argument in arguments], cls.logs / "servers")
        cls.addClassCleanup(servers.stop)
        cls.ready_after = servers.wait_ready(seconds)

    @classmethod
    def start_for_class(cls, name: str, command: list[object], env: dict[str, str] | None = None) -> Child:
        """A child for all tests of the class."""
        child = Child([str(part) for part in command], cls.logs / f"{name}.log", env)
        cls.addClassCleanup(child.kill)
        return child

    def start(self, name: str, command: list[object], env: dict[str, str] | None = None) -> Child:
        """A child for this test alone."""
        child = Child([str(part) for part in command], self.test_logs / f"{name}.log", env)
        self.addCleanup(child.kill)
        return child

    def run_to_end(
        self, command: list[object], seconds: float = 60, env: dict[str, str] | None = None, text: str | None = None
    ) -> subprocess.CompletedProcess:
        """Runs a command to its end and returns its exit code and output, which are also logged."""
        done = subprocess.run(
            [str(part) for part in command],
            input=text if text is not None else "",
            capture_output=True,
            text=True,
            timeout=seconds,
            env={**os.environ, **(env or {})},
        )
        with (self.test_logs / "commands.log").open("a") as log:
            log.write(f"$ {' '.join(map(str, command))}\n{done.stdout}{done.stderr}[exit {done.returncode}]\n")
        return done

    def log_tails(self, lines: int = 25) -> str:
        """The end of each log of this test, for the report of a failure."""
        files = sorted(path for path in (*self.logs.glob("*.*"), *self.test_logs.rglob("*")) if path.is_file())
        tails = []
        for path in files:
            text = path.read_text(errors="replace").splitlines()[-lines:]
            tails.append("\n".join([f"--- {path}", *text]))
        return "\n".join(tails)
