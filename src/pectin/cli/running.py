"""One execution while somebody watches it: what `pectin run` does from the start to the outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from pectin.authoring.blueprint import Blueprint
from pectin.authoring.registry import Registry
from pectin.authoring.workflow import Workflow
from pectin.cli.document import Given
from pectin.cli.exit import BadUsage, Exit
from pectin.cli.given import spell_input
from pectin.cli.paper import err
from pectin.cli.progress import Progress
from pectin.cli.source import parse_target
from pectin.cli.visit import Speller, find_execution, name_of, person, store_of
from pectin.cli.watch import Watch
from pectin.cli.words import dump_json, put_json, show_path, waiting_document
from pectin.core.definition import Json
from pectin.core.program import Program
from pectin.core.state import Run
from pectin.core.status import SessionType, WorkflowStatus
from pectin.core.why import RESUME
from pectin.ports.store import Find, Summary
from pectin.runtime.attempt import lacking_functions, missing_functions
from pectin.runtime.engine import Engine
from pectin.runtime.error import NotFound
from pectin.runtime.execution import Execution
from pectin.runtime.visitor import Visitor
from pectin.store import open_store


class Asked(NamedTuple):
    """What the command line said."""

    source: Given
    input: str | None
    given: Json
    key: str | None
    resume: str | None
    restart: bool
    by: str | None
    store: str | None


async def run_execution(workflow: Workflow[Any], asked: Asked, as_json: bool, go_on: list[str]) -> int:
    """Start or go on, show what happens, and end with the outcome. `go_on` gets the command that goes on with it."""
    blueprint = workflow.build()
    if asked.resume is None:
        blueprint.complete({} if asked.given is None else asked.given)  # before a store is made
    url = store_of(asked.store)
    store = open_store(url, must_exist=asked.resume is not None)
    try:
        visitor = Visitor(store)
        earlier = await _find_earlier(visitor, workflow, asked)
        async with Engine(store, workflows=[workflow]) as engine:
            execution = await _begin(engine, workflow, asked, earlier)
            program, summary = await _look_up(engine, execution, blueprint)
            spell = Speller(await name_of(visitor, summary), workflow.id, asked.store, asked.source.words)
            if program.definition.session_type is not SessionType.STATELESS:
                go_on.append(spell(RESUME))
            before = earlier if earlier is not None and earlier.execution == execution.id else None
            paper = err()
            progress = Progress(program, paper, summary, before, show_path(url))
            missing = missing_functions(program, Registry([blueprint]))
            watch = Watch(engine, execution, progress, paper=paper, as_json=as_json)
            known = 0 if before is None else before.version
            run = await watch.follow(known, asked.by, lambda run: _refuse_stuck(run, missing, asked.source))
            return _conclude(run, progress, spell, asked, as_json=as_json, now=engine.clock.now())
    finally:
        await store.close()


async def _begin(engine: Engine, workflow: Workflow[Any], asked: Asked, earlier: Summary | None) -> Execution[Any]:
    if asked.resume is not None and earlier is not None:
        return await engine.execution(earlier.execution, workflow)
    by = person() if asked.by is None else asked.by
    return await engine.start(workflow, asked.given, key=asked.key, by=by, restart=asked.restart)


async def _look_up(engine: Engine, execution: Execution[Any], blueprint: Blueprint[Any]) -> tuple[Program, Summary]:
    """What it runs, and what the store knows of it: of a stateless one that has ended already, nothing any more."""
    try:
        program = (await engine.service.runs.read(execution.id)).program
        return program, await Visitor(engine.store).resolve(str(execution.id))
    except NotFound:
        info, at = await execution.info(), engine.clock.now()
        program = blueprint.program
        summary = Summary(
            execution=execution.id,
            workflow_id=info.workflow_id,
            workflow_version=info.workflow_version,
            definition=program.hash,
            status=info.status,
            version=0,
            fence=0,
            created_at=at,
            updated_at=at,
            due=None,
            key=None,
            input_hash=None,
        )
        return program, summary


async def _find_earlier(visitor: Visitor, workflow: Workflow[Any], asked: Asked) -> Summary | None:
    """The execution that the command goes on with, as it is before anybody touches it."""
    if asked.resume is not None:
        summary = await find_execution(visitor, asked.resume)
        if summary.workflow_id != workflow.id:
            file = parse_target(asked.source.file).file
            raise BadUsage(f"`{asked.resume}` is an execution of `{summary.workflow_id}`; {file} has `{workflow.id}`")
        return summary
    if asked.key is None:
        return None
    found = await visitor.list(Find(key=asked.key, workflow_id=workflow.id, limit=1))
    return found[0] if found else None


def _refuse_stuck(run: Run, missing: Mapping[str, str], given: Given) -> None:
    """Don't wait for ever for functions that the file doesn't have (any more)."""
    if lacking := lacking_functions(run, missing):
        names = ", ".join(f"`{name}`" for name in lacking)
        what = f"{run.workflow_id} {run.workflow_version}"
        file = given.functions or given.file
        raise BadUsage(
            f"{file} doesn't have the function {names}, which comes next in this execution of {what}. "
            "Give the function its name back, and go on: nothing is lost."
        )


def _conclude(run: Run, progress: Progress, spell: Speller, asked: Asked, *, as_json: bool, now: int) -> Exit:
    """Say the outcome."""
    if not run.status.is_terminal:
        code = Exit.WAITING
        progress.wait(spell, now)
    else:
        code = Exit.OK if run.status is WorkflowStatus.COMPLETED else Exit.NO
        progress.end(spell, _again(asked, spell))
        if code is Exit.OK and not as_json:
            put_json(run.data, sort=True)
    if as_json:
        outcome: dict[str, Any] = {"type": "outcome", "exit_code": int(code), "execution": run.execution().to_json()}
        if not run.status.is_terminal:
            outcome["waiting_for"] = waiting_document(run)
        elif run.error is not None:
            outcome["error"] = msgspec.to_builtins(run.error)
        put_json(outcome)
    return code


def _again(asked: Asked, spell: Speller) -> str | None:
    """The command that starts the same anew."""
    if asked.resume is not None:
        return None
    words = ["run", *asked.source.words, *spell_input(asked.input, asked.given, dump_json(asked.given))]
    if asked.key is not None:
        words += ["--key", asked.key, "--restart"]
    if asked.by is not None:
        words += ["--by", asked.by]
    return spell.plain(words)
