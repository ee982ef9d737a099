"""Runs `pectin` with a kill point: SIGKILL at a place that can be named, without a word of it in the workflow's file.

    python examples/kill_point.py --bodies bodies.txt --kill-at classify:20 run examples/release_notes.py ...

`--kill-at NODE:COUNT` kills the process as the COUNT-th body of the node begins in it, `--kill-after NODE:COUNT` once
that body has returned: what it did to the world is done then, and the engine has not heard of it. `--bodies FILE` gets
a line for each body that begins, which is a count that the engine has no hand in. A `reconcile` counts as its node's.
"""

import argparse
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from pectin.authoring.function import AuthoredFunction
from pectin.cli import main
from pectin.core.activation import parse_activation
from pectin.ports.function import Conclusion, Request, Result, Verdict

Call = Callable[[AuthoredFunction, Request], Conclusion | Awaitable[Conclusion]]


class Point(NamedTuple):
    node: str
    nth: int


class Bodies:
    """Every body that begins in this process, by node, and the two points at which it may be the last."""

    def __init__(self, file: Path, kill_at: Point | None, kill_after: Point | None) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._kill_at, self._kill_after = kill_at, kill_after
        self._counts: dict[str, int] = {}
        self._lock = Lock()

    def begin(self, activation: str) -> Point:
        node = parse_activation(activation).node
        with self._lock:
            point = Point(node, self._counts.get(node, 0) + 1)
            self._counts[node] = point.nth
            os.write(self._file, f"{activation}\n".encode())
            if point == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
        return point

    def end(self, point: Point) -> None:
        if point == self._kill_after:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, call: Call) -> Call:
        """The call of a function, with this in front of it and behind it."""

        def counted(function: AuthoredFunction, request: Request) -> Conclusion | Awaitable[Conclusion]:
            point = self.begin(request.context.activation)
            result = call(function, request)
            if isinstance(result, Result | Verdict):
                self.end(point)
                return result
            return finish(point, result)

        async def finish(point: Point, result: Awaitable[Conclusion]) -> Conclusion:
            finished = await result
            self.end(point)
            return finished

        return counted


def read_point(text: str) -> Point:
    node, _, count = text.partition(":")
    return Point(node, int(count))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Run pectin with a kill point.")
    parser.add_argument("--bodies", type=Path, required=True, metavar="FILE")
    parser.add_argument("--kill-at", type=read_point, metavar="NODE:COUNT")
    parser.add_argument("--kill-after", type=read_point, metavar="NODE:COUNT")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="...")
    given = parser.parse_args()
    bodies = Bodies(given.bodies, given.kill_at, given.kill_after)
    AuthoredFunction.call = bodies.around(AuthoredFunction.call)  # pyright: ignore[reportAttributeAccessIssue]
    sys.exit(main(given.command))
