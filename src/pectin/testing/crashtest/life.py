"""One life of a process, as it is watched: its writes are counted, its bodies noted, and it is killed at its point."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import cast

from msgspec import UNSET

from pectin.core.codec import digest
from pectin.core.event import decode_events
from pectin.core.identity import ExecutionId
from pectin.ports.function import Conclusion, Request, Result
from pectin.ports.store import Commit
from pectin.testing.crashtest.gate import Gate
from pectin.testing.crashtest.ledger import Entered, Killed, Ledger, Returned
from pectin.testing.crashtest.outcome import Seen
from pectin.testing.crashtest.point import Point, When, commit_point


class Life:
    """What this life is to do: be killed at its point, if it has one, and write down what happens before that."""

    def __init__(self, number: int, ledger: Ledger, gate: Gate, point: Point | None, kill: Callable[[], None]) -> None:
        self.number = number
        self.ledger = ledger
        self.gate = gate
        self._point = point
        self._kill = kill
        self._writes = 0
        self._inside = False
        self._paths: dict[str, str] = {}

    def die(self, point: Point) -> None:
        """Kill the process if this is the point. A real one is gone then."""
        if point == self._point:
            self.ledger.append(Killed(self.number, point))
            self._kill()

    def dies(self, point: Point) -> bool:
        """As `die`; whether a simulated process was killed, and must get no further."""
        self.die(point)
        return point == self._point

    async def pass_by(self, point: Point) -> None:
        """As `die`; a simulated process that was killed never gets further than this."""
        if self.dies(point):
            await asyncio.get_running_loop().create_future()

    # -- writes -------------------------------------------------------------------------------------------------

    def next_write(self) -> int:
        """The number of a write that is about to be made."""
        self._writes += 1
        self._inside = self._point == commit_point(self._writes, When.INSIDE)
        return self._writes

    def before_commit(self) -> None:
        """All statements are made, and COMMIT is not."""
        if self._inside and self._point is not None:
            self._inside = False
            self.die(self._point)

    def learn(self, executions: Iterable[Seen]) -> None:
        """The executions that are there already."""
        for seen in executions:
            self._paths[seen.execution_id] = seen.path

    def note(self, commit: Commit) -> tuple[str, ...]:
        """What a commit begins, and the activations that its events name."""
        path = self._paths.setdefault(commit.execution.to_json(), "")
        touches: dict[str, None] = {}
        for event in (event for row in commit.rows for event in decode_events(row.body)):
            activation = cast("str | None", getattr(event, "activation", None))
            if activation is None:
                continue
            touches[self._name(path, activation)] = None
            child = cast("str | None", getattr(event, "child", None))
            if child is not None:
                self._paths[child] = self._name(path, activation)
        return tuple(touches)

    def _name(self, path: str, activation: str) -> str:
        return f"{path}/{activation}" if path else activation

    # -- bodies -------------------------------------------------------------------------------------------------

    async def enter(self, request: Request, call: Callable[[], Awaitable[Conclusion]]) -> Conclusion:
        """Enter a body, between two points."""
        context, asks = request.context, request.asks
        id = ExecutionId.parse(context.execution_id).to_json()
        name = self._name(self._paths.get(id, id), context.activation)
        before, after = (When.BEFORE_RECONCILE, When.AFTER_RECONCILE) if asks else (When.BEFORE_BODY, When.AFTER_BODY)
        await self.pass_by(Point(name, context.attempt, before))
        whose = (self.number, id, context.activation, context.attempt)
        seen = [dict(request.state), None if request.item is UNSET else request.item]
        self.ledger.append(Entered(*whose, key=context.key, input=digest(seen), reconcile=asks))
        with self.gate.entered():
            try:
                conclusion = await call()
            except Exception as error:
                self.ledger.append(Returned(*whose, raised=type(error).__name__, reconcile=asks))
                await self.pass_by(Point(name, context.attempt, after))
                raise
            result = conclusion if isinstance(conclusion, Result) else conclusion.result
            output = None if result.output is UNSET else result.output
            self.ledger.append(Returned(*whose, patch=result.patch, output=output, reconcile=asks))
            await self.pass_by(Point(name, context.attempt, after))
        await self.gate.leave()
        return conclusion
