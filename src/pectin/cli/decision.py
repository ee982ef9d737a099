"""What approve, reject, decide and cancel have in common: one command to one execution, and its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from pectin.cli.exit import Exit
from pectin.cli.given import check_comment, check_name
from pectin.cli.paper import out
from pectin.cli.visit import Speller, name_of, person, visiting
from pectin.cli.words import local_time, put_json
from pectin.core.command import Already, Answer, AnyCommand, Decide, Done, Refused
from pectin.core.limits import LIMITS
from pectin.core.state import Run
from pectin.core.why import why
from pectin.runtime.error import CommandRefused


def submit(
    execution: str,
    node: str | None,
    decision: str,
    *,
    by: str | None,
    comment: str | None,
    store: str | None,
    as_json: bool,
) -> int:
    """Submit a person's decision."""
    check_name(by, "--by", LIMITS.identifier_characters_max)
    check_comment(comment, "--comment")
    who = person() if by is None else by

    def make(at: int) -> Decide:
        return Decide(at=at, activation=node, decision=decision, by=who, comment=comment)

    return request(execution, make, f"{decision} by {who}", store=store, as_json=as_json)


def request(execution: str, make: Callable[[int], AnyCommand], done: str, *, store: str | None, as_json: bool) -> int:
    """Hand a command to an execution and say what came of it."""
    return asyncio.run(_request(execution, make, done, store, as_json))


async def _request(
    execution: str, make: Callable[[int], AnyCommand], done: str, store: str | None, as_json: bool
) -> int:
    async with visiting(store) as visitor:
        summary = await visitor.resolve(execution)
        answer = await visitor.handle(summary.execution, make(visitor.clock.now()))
        if isinstance(answer, Refused):
            raise CommandRefused(answer)
        name = await name_of(visitor, summary)
        run = (await visitor.read(summary.execution)).run
        served = await visitor.store.in_charge()
        at = visitor.clock.now()
    if as_json:
        put_json({"answer": _document(answer), "execution": run.execution().to_json()})
    else:
        _say(answer, run, done, served=served, at=at, spell=Speller(name, summary.workflow_id, store))
    return Exit.OK


def _say(answer: Answer, run: Run, done: str, *, served: bool, at: int, spell: Speller) -> None:
    paper = out()
    match answer:
        case Already():
            by = f" by {answer.by}" if answer.by else ""
            paper.write_text(f"nothing to do: {answer.what.replace('`', '')}{by} before")
        case Done(note=str(note)):
            paper.write_text(f"{spell.name}: {note}")
        case _:
            paper.write_text(f"{spell.name}: {done}")
    told = why(run, at, served=served, tell_time=lambda time: local_time(time, at))
    if not served and told.code in ("unserved", "person", "time"):
        paper.write_text(told.sentence)
        for command in told.then:
            paper.write_whole(f"  {spell(command)}")


def _document(answer: Answer) -> dict[str, Any]:
    match answer:
        case Done():
            return {"type": "done"} if answer.note is None else {"type": "done", "note": answer.note}
        case Already():
            return {"type": "already", "what": answer.what, "by": answer.by}
        case Refused():
            return {"type": "refused", "code": answer.code, "reason": answer.reason, "winner": answer.winner}
