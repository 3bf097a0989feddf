#!/usr/bin/env python3
"""Runs the third-party ring: `run.py` for all of it, `run.py seaweedfs boto3` for some, `run.py --list` for names.

The daemon under test is `target/release/replicanary`, or what $REPLICANARY names.
"""

import argparse
import os
import signal
import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from ring.case import BINARY, RingCase  # noqa: E402  (the path above is what makes it importable)

SUITES = sorted(path.stem.removeprefix("test_") for path in HERE.glob("test_*.py"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", help="which suites, or suite.part-of-a-test's-name; all by default")
    parser.add_argument("--list", action="store_true", help="print the names of all tests and stop")
    options = parser.parse_args()
    wanted = [name.partition(".") for name in options.suites or SUITES]
    if unknown := [suite for suite, _, _ in wanted if suite not in SUITES]:
        parser.error(f"no such suite: {', '.join(unknown)}; there are {', '.join(SUITES)}")
    tests = [test for suite, _, part in wanted for test in load(suite) if part in test.id()]
    if options.list:
        print("\n".join(test.id() for test in tests))
        return 0
    if not BINARY.is_file():
        parser.error(f"{BINARY} does not exist: cargo build --release")
    isolate()
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0, resultclass=Result).run(unittest.TestSuite(tests))
    return result.summary()


def load(suite: str) -> list[unittest.TestCase]:
    """The tests of one file."""
    cases = []
    todo = [unittest.defaultTestLoader.loadTestsFromName(f"test_{suite}")]
    while todo:
        for item in todo.pop(0):
            (todo if isinstance(item, unittest.TestSuite) else cases).append(item)
    return cases


def isolate() -> None:
    """No proxy, no credentials and no settings of whoever runs this; a TERM unwinds, so that children are ended."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "REPLICANARY_"))]:
        del os.environ[name]
    nowhere = str(HERE / "no-such-file")
    os.environ.update(AWS_CONFIG_FILE=nowhere, AWS_SHARED_CREDENTIALS_FILE=nowhere, AWS_EC2_METADATA_DISABLED="true")
    os.environ.update(NO_PROXY="127.0.0.1,localhost", no_proxy="127.0.0.1,localhost")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # SystemExit would only fail the test that runs


class Result(unittest.TextTestResult):
    """One line a test with its time, log tails under a failure, and `N passed, N failed` at the end."""

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.passed = 0
        self.began = 0.0

    def startTest(self, test: unittest.TestCase) -> None:
        self.began = time.monotonic()
        self.stream.writeln(f"....  {test.id()}")
        self.stream.flush()
        super().startTest(test)

    def told(self, how: str, test: unittest.TestCase) -> None:
        """The line of a test that ended."""
        seconds = time.monotonic() - self.began if self.began else 0.0
        self.stream.writeln(f"{how}  {test.id()}  ({seconds:.1f} s)")
        self.stream.flush()

    def addSuccess(self, test: unittest.TestCase) -> None:
        self.passed += 1
        self.told("ok  ", test)

    def addFailure(self, test: unittest.TestCase, err) -> None:
        self.told("FAIL", test)
        self.failures.append((test, self.explained(test, err)))

    def addError(self, test: unittest.TestCase, err) -> None:
        self.told("FAIL", test)
        self.errors.append((test, self.explained(test, err)))

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        self.skipped.append((test, reason))
        self.told("SKIP", test)

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err) -> None:
        if err is not None:
            self.addFailure(subtest, err)

    def explained(self, test: unittest.TestCase, err) -> str:
        """The failure, with the log tails taken now: clean-up comes after this and adds lines of its own."""
        case = getattr(test, "test_case", test)
        tails = case.log_tails() if isinstance(case, RingCase) else ""
        return f"{self._exc_info_to_string(err, test)}{tails}"

    def summary(self) -> int:
        """The last lines, and the exit code."""
        for test, reason in self.skipped:
            self.stream.writeln(f"\n!!!! SKIPPED {test.id()}: {reason}")
        failed = len(self.failures) + len(self.errors)
        self.stream.writeln(f"{self.passed} passed, {failed} failed")
        return 1 if failed or self.unexpectedSuccesses else 0


if __name__ == "__main__":
    sys.exit(main())
