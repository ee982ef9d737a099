"""A worker at work: it runs executions, and says of each what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from pectin.authoring.registry import Registry
from pectin.authoring.workflow import Workflow
from pectin.cli.exit import Exit
from pectin.cli.line import AGAIN, DOUBT, FAIL, MARKS, REST, WAIT, short_id, tell_error, tell_hold
from pectin.cli.paper import Paper, err
from pectin.cli.visit import store_of
from pectin.cli.words import local_time, one_line, put_json, show_path, waiting_document
from pectin.core.duration import format_duration
from pectin.core.identity import ExecutionId
from pectin.core.need import Need, NeedKind, needs_of
from pectin.core.state import Run
from pectin.core.status import WorkflowStatus
from pectin.core.why import status_words
from pectin.runtime.attempt import lacking_functions, missing_functions
from pectin.runtime.engine import Engine
from pectin.runtime.error import NotFound
from pectin.runtime.rest import PATIENCE_MS, is_at_rest
from pectin.runtime.watchers import Watchers


class Ledger(Watchers):
    """Watchers that note down which executions there is news of, until somebody takes the list."""

    def __init__(self) -> None:
        super().__init__()
        self._news: dict[ExecutionId, None] = {}

    def notify(self, execution: ExecutionId, *, rests: bool, ended: Run | None = None) -> None:
        self._news[execution] = None
        super().notify(execution, rests=rests, ended=ended)

    def take(self) -> list[ExecutionId]:
        """The executions with news since the last call."""
        news, self._news = list(self._news), {}
        return news


class Teller:
    """Says in one line each what becomes of the executions."""

    def __init__(self, engine: Engine, ledger: Ledger, paper: Paper, *, as_json: bool) -> None:
        self._engine = engine
        self._functions = Registry(engine.blueprints.values())
        self._ledger = ledger
        self._paper = paper
        self._as_json = as_json
        self._told: dict[ExecutionId, WorkflowStatus] = {}

    async def tell(self) -> None:
        """Tell the news."""
        for execution in self._ledger.take():
            held = self._engine.service.runs.held.get(execution)
            if held is not None and (execution in self._told or held.in_flight):
                continue
            try:
                found = await self._engine.service.runs.read(execution) if held is None else held
            except NotFound:  # a stateless one that was lost: nothing is kept of it
                continue
            run = found.run
            if self._told.get(execution) is not run.status:
                self._told[execution] = run.status
                self._tell(run, missing_functions(found.program, self._functions))
            if run.status.is_terminal:
                del self._told[execution]

    async def keep_telling(self) -> None:
        """Tell the news as they come, for ever."""
        while True:
            with self._engine.watchers.watching(None) as change:
                await self.tell()
                await change

    def _tell(self, run: Run, missing: Mapping[str, str]) -> None:
        if self._as_json:
            put_json(
                {"type": "execution", "execution": run.execution().to_json(), "waiting_for": waiting_document(run)}
            )
        mark, text = describe(run, missing, self._engine.clock.now())
        key = f" · {one_line(run.key, 40)}" if run.key is not None else ""
        self._paper.write(f"  {self._paper.mark(mark)} {run.workflow_id}{key} · {short_id(run.execution_id)}  {text}")


async def work(workflows: Sequence[Workflow[Any]], store: str | None, *, until_idle: bool, as_json: bool) -> int:
    """Run the workflows' executions, and report on each."""
    url = store_of(store)
    engine = Engine(url, workflows=workflows)
    engine.watchers = ledger = Ledger()
    paper = err()
    async with engine:
        names = ", ".join(f"{workflow.id} {workflow.version}" for workflow in workflows)
        paper.write_text(f"works on {names} · {show_path(url)}{'' if until_idle else ' · Ctrl-C stops it'}")
        teller = Teller(engine, ledger, paper, as_json=as_json)
        telling = asyncio.create_task(teller.keep_telling())
        try:
            if until_idle:
                await _until_idle(engine, frozenset(workflow.id for workflow in workflows))
                await teller.tell()
            else:
                await telling
        finally:
            telling.cancel()
    if as_json:
        put_json({"type": "outcome", "exit_code": int(Exit.OK)})
    else:
        paper.write("nothing is left to do now")
    return Exit.OK


async def _until_idle(engine: Engine, workflows: frozenset[str]) -> None:
    """Return when nothing is at work and nothing is due in the near future."""
    while True:
        await engine.idle()
        with engine.watchers.watching(None) as change:
            now = engine.clock.now()
            due = await engine.store.next_due(now, workflows)
            if due is None or due - now > PATIENCE_MS:
                return
            await change


def describe(run: Run, missing: Mapping[str, str], now: int) -> tuple[str, str]:
    """The mark and the words for where an execution is."""
    if run.status.is_terminal:
        took = format_duration(max((run.completed_at or now) - run.created_at, 0), measured=True)
        where = f" at {run.closing.activation}" if run.closing is not None and run.closing.activation else ""
        error = "" if run.error is None else f"{where}: {tell_error(run.error)}"
        return MARKS[run.status], f"{status_words(run.status)} in {took}{error}"
    if run.hold is not None:
        return REST, tell_hold(run.hold)
    needs = needs_of(run)
    if is_at_rest(run, now) and needs:
        return _describe_need(needs[0], len(needs) - 1, now)
    if lacking := lacking_functions(run, missing):
        return FAIL, f"waits for the function `{lacking[0]}`, which isn't in this file"
    if run.backoff:
        name, until = min(run.backoff.items(), key=lambda item: item[1])
        return AGAIN, f"tries {name} again in {format_duration(max(until - now, 0))}"
    return AGAIN, "runs"


def _describe_need(need: Need, others: int, now: int) -> tuple[str, str]:
    more = f", and for {others} more" if others else ""
    match need.kind:
        case NeedKind.PERSON:
            return WAIT, f"waits for a person: {need.activation}{more}"
        case NeedKind.DOUBT:
            return DOUBT, f"in doubt: {need.activation}; a person is to say whether it happened{more}"
        case NeedKind.QUARANTINE:
            return REST, f"in quarantine: {need.activation}{more}"
        case NeedKind.CHILD:
            return WAIT, f"waits for its child: {need.activation}{more}"
        case _:
            until = "" if need.until is None else f", until {local_time(need.until, now)}"
            what = "its time" if need.kind is NeedKind.TIME else need.what.replace("`", "")
            return REST, f"waits for {what}: {need.activation}{until}{more}"
