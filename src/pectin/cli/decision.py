"""What the commands to one execution have in common: the command is handed over, and its answer is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pectin.cli.exit import Exit
from pectin.cli.given import check_comment, read_edits
from pectin.cli.paper import out
from pectin.cli.visit import Speller, actor, find_execution, name_of, visiting
from pectin.cli.words import local_time, put_json
from pectin.core.command import Already, Answer, AnyCommand, Decide, Done, Refused, Resolve
from pectin.core.hint import did_you_mean
from pectin.core.need import EXEC, Command
from pectin.core.program import Program
from pectin.core.state import Run
from pectin.core.why import SHOW, why
from pectin.runtime.error import CommandRefused


class Turned(CommandRefused):
    """A refusal, as somebody at a terminal can use it: with a guess at what was meant, and commands that help."""

    def __init__(self, refused: Refused, hint: str, *then: str) -> None:
        reason = f"{refused.reason}; {hint}" if hint else refused.reason
        super().__init__(Refused(refused.code, reason, refused.winner))
        self.then = then


class _Ask(NamedTuple):
    make: Callable[[int], AnyCommand]
    done: str
    check: Callable[[Program, Run], None] | None
    then: tuple[str, Command] | None


def submit(
    execution: str,
    node: str | None,
    decision: str,
    *,
    edits: Sequence[str] | None,
    by: str | None,
    comment: str | None,
    store: str | None,
    as_json: bool,
) -> int:
    """Submit a person's decision, with what it changes (KEY=JSON)."""
    who = actor(by)
    check_comment(comment, "--comment")
    changed = read_edits(edits)

    def make(at: int) -> Decide:
        return Decide(at=at, activation=node, decision=decision, by=who, comment=comment, edits=changed)

    return request(execution, make, f"{decision} by {who}", store=store, as_json=as_json)


def request(
    execution: str,
    make: Callable[[int], AnyCommand],
    done: str,
    *,
    check: Callable[[Program, Run], None] | None = None,
    then: tuple[str, Command] | None = None,
    store: str | None,
    as_json: bool,
) -> int:
    """Hand a command to an execution and say what came of it. `check` may refuse it first; `then` is what one can do
    after it, and its command."""
    return asyncio.run(_request(execution, _Ask(make, done, check, then), store, as_json))


async def _request(execution: str, ask: _Ask, store: str | None, as_json: bool) -> int:
    async with visiting(store) as visitor:
        summary = await find_execution(visitor, execution)
        spell = Speller(await name_of(visitor, summary), summary.workflow_id, store)
        before = await visitor.read(summary.execution)
        if ask.check is not None:
            ask.check(before.program, before.run)
        command = ask.make(visitor.clock.now())
        answer = await visitor.handle(summary.execution, command)
        if isinstance(answer, Refused):
            look = SHOW if answer.code == "ended" else ("why", EXEC)
            raise Turned(answer, _guess(answer, command, before.program, before.run), spell(look))
        run = (await visitor.read(summary.execution)).run
        served = await visitor.store.in_charge()
        at = visitor.clock.now()
    if as_json:
        put_json({"answer": _document(answer), "execution": run.execution().to_json()})
    else:
        _say(answer, run, ask, served=served, at=at, spell=spell)
    return Exit.OK


def _guess(refused: Refused, command: AnyCommand, program: Program, run: Run) -> str:
    """What was probably meant, where a word of the command was wrong."""
    match refused.code, command:
        case "unknown_node", Decide(activation=str(name)):
            return did_you_mean(name, [*program.nodes, *run.approvals()])
        case "unknown_node", Resolve(activation=str(name)):
            return did_you_mean(name, [*program.nodes, *run.doubts()])
        case "unknown_decision", Decide():
            decisions = [decision for wait in run.approvals().values() for decision in wait.decisions]
            return did_you_mean(command.decision, decisions)
        case "bad_edit", Decide():
            keys = [key for wait in run.approvals().values() for key in wait.editable]
            return next((hint for key in command.edits if key not in keys if (hint := did_you_mean(key, keys))), "")
        case "bad_result", Resolve(result=dict()):
            keys = program.definition.state.fields
            result: dict[str, Any] = command.result
            return next((hint for key in result if key not in keys if (hint := did_you_mean(key, keys))), "")
        case _:
            return ""


def _say(answer: Answer, run: Run, ask: _Ask, *, served: bool, at: int, spell: Speller) -> None:
    paper = out()
    match answer:
        case Already():
            by = f" by {answer.by}" if answer.by else ""
            paper.write_text(f"nothing to do: {answer.what.replace('`', '')}{by} before")
        case Done(note=str(note)):
            paper.write_text(f"{spell.name}: {note}")
        case _:
            paper.write_text(f"{spell.name}: {ask.done}")
    if ask.then is not None:
        what, command = ask.then
        paper.write_whole(f"  {what}    {spell(command)}")
        return
    told = why(run, at, served=served, tell_time=lambda time: local_time(time, at))
    if not served and told.code not in ("ended", "closing", "held"):
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
