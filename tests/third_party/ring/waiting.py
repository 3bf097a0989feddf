"""Waiting for something to become true: bounded, polled, and with what was last seen when it never does."""

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")


class Hopeless(AssertionError):
    """What is waited for can no longer come."""


def wait_until(what: str, seconds: float, look: Callable[[], Seen], ok: Callable[[Seen], bool] = bool) -> Seen:
    """What `look` returns, as soon as it is `ok`. A look that raises counts as not yet,
    unless it raises Hopeless.

    Raises AssertionError with the last thing seen when `seconds` have passed.
    """
    deadline = time.monotonic() + seconds
    while True:
        seen: object
        try:
            seen = look()
            if ok(seen):
                return seen
        except Hopeless:
            raise
        except Exception as error:  # whatever goes wrong meanwhile is what was seen last
            seen = f"{type(error).__name__}: {error}"
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}; last seen: {seen!r:.2000}")
        time.sleep(0.1)


def stays(what: str, seconds: float, look: Callable[[], Seen], ok: Callable[[Seen], bool] = bool) -> None:
    """Asserts that `look` returns something `ok` for `seconds` on end."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        seen = look()
        if not ok(seen):
            raise AssertionError(f"did not stay so: {what}; seen: {seen!r:.2000}")
        time.sleep(0.2)
