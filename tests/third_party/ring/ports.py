"""Free TCP ports on loopback, below the range from which the kernel takes ports for outgoing connections."""

import random
import socket

FIRST, LAST = 20_000, 31_000
_handed_out: set[int] = set()


def free_ports(count: int = 1) -> int:
    """The first of `count` consecutive ports that nobody listens on and that were not handed out before."""
    for _ in range(200):
        first = random.randrange(FIRST, LAST - count)
        wanted = range(first, first + count)
        if _handed_out.isdisjoint(wanted) and all(map(_is_free, wanted)):
            _handed_out.update(wanted)
            return first
    raise RuntimeError(f"no {count} consecutive free ports between {FIRST} and {LAST}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
