"""Follows one execution: shows its events as they come, and asks the person at the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from pectin.cli.paper import Paper
from pectin.cli.progress import Progress
from pectin.cli.prompt import ask, can_ask
from pectin.cli.visit import person
from pectin.cli.words import event_document, put_json
from pectin.core.command import Done
from pectin.core.state import Run, Waiting
from pectin.core.status import SessionType, WorkflowStatus
from pectin.runtime.engine import Engine
from pectin.runtime.error import CommandRefused
from pectin.runtime.execution import Execution
from pectin.runtime.loading import read_events
from pectin.runtime.rest import are_children_at_rest, is_at_rest

_LIVE_SECONDS = 0.2


class Watch:
    """Follows an execution to its outcome."""

    def __init__(
        self, engine: Engine, execution: Execution[Any], progress: Progress, *, paper: Paper, as_json: bool
    ) -> None:
        self._engine = engine
        self._execution = execution
        self._progress = progress
        self._paper = paper
        self._as_json = as_json
        self._put_off: set[str] = set()
        self._asking = False
        self._seq = 0

    async def follow(self, known: int, by: str | None, stuck: Callable[[Run], None]) -> Run:
        """Show events as they come, those up to `known` as done before, until it has ended or waits."""
        progress = self._progress
        progress.begin(self._engine.clock.now())
        beside = [asyncio.create_task(self._tick()), asyncio.create_task(self._watch_children())]
        try:
            async with aclosing(self._execution.runs(rests=False)) as runs:
                async for run in runs:
                    if run.session_type is SessionType.STATELESS:  # there are no events to read
                        progress.adopt(run, self._engine.clock.now())
                    else:
                        await self._show_new(known)
                    stuck(progress.run)
                    if await self._is_over(progress.run, by):
                        break
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
        return progress.run

    async def _show_new(self, known: int) -> None:
        events = await read_events(self._engine.store, self._execution.id, self._seq)
        if self._as_json:
            for seq, event in events:
                if seq > known:
                    put_json(event_document(seq, event))
        if events:
            self._seq = events[-1][0]
        self._progress.show(events, self._engine.clock.now())

    async def _is_over(self, run: Run, by: str | None) -> bool:
        """Whether there is nothing more to watch: it has ended, or waits and nobody here can help it."""
        if run.status.is_terminal:
            return True
        if await self._decide(run, by):
            return False
        now = self._engine.clock.now()
        if is_at_rest(run, now) and await self._children_rest(run, now):
            return True
        if run.status is WorkflowStatus.PAUSED and not self._paper.is_terminal:
            self._progress.tell_waits(now)
        return False

    async def _children_rest(self, run: Run, now: int) -> bool:
        return await are_children_at_rest(self._engine.service, run, now)

    async def _watch_children(self) -> None:
        """When the children have come to rest, that is news of this execution, too."""
        rested = False
        while True:
            with self._engine.watchers.watching(None) as change:
                run = self._progress.run
                rests = bool(run.children) and await self._children_rest(run, self._engine.clock.now())
                if rests and not rested:
                    self._engine.watchers.notify(self._execution.id, rests=False)
                rested = rests
                await change

    async def _decide(self, run: Run, by: str | None) -> bool:
        """Ask the person at the terminal, if there is one and something to decide."""
        if self._as_json or not can_ask(self._paper):
            return False
        for activation, waiting in run.approvals().items():
            if activation in self._put_off:
                continue
            self._progress.tell_waits(self._engine.clock.now())
            self._asking = True
            try:
                said = await ask(self._paper, run, waiting, self._decided(activation))
            finally:
                self._asking = False
            if said is not None and said.decision is None:
                self._put_off.add(activation)
            elif said is not None and said.decision is not None:
                await self._submit(activation, waiting, said.decision, by, said.comment)
            self._engine.watchers.notify(self._execution.id, rests=False)
            return True
        return False

    async def _submit(
        self, activation: str, waiting: Waiting, decision: str, by: str | None, comment: str | None
    ) -> None:
        if waiting.call is not None:
            self._put_off.add(activation)  # who has said what they think is not asked again
        try:
            answer = await self._execution.decide(
                activation, decision, by=by or person(), comment=comment, digest=waiting.digest
            )
        except CommandRefused as refused:
            self._paper.write_text(f"refused: {refused}")
        else:
            if isinstance(answer, Done) and answer.note is not None:
                self._paper.write_text(answer.note)

    async def _decided(self, activation: str) -> None:
        """Return when the approval is no longer open."""
        async with aclosing(self._execution.runs(rests=False)) as runs:
            async for run in runs:
                if activation not in run.approvals():
                    return

    async def _tick(self) -> None:
        while self._paper.is_terminal:
            await asyncio.sleep(_LIVE_SECONDS)
            if not self._asking:
                self._progress.live(self._engine.clock.now())
