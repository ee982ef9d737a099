"""`pectin show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pectin.cli.options import Exec, Json, StoreOption

if TYPE_CHECKING:
    from pectin.cli.paper import Paper
    from pectin.cli.story import Line, Story
    from pectin.core.state import Run


def show(
    execution: Exec,
    *,
    at: Annotated[int | None, typer.Option("--at", metavar="SEQ", min=1, help="As it was after this event.")] = None,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """Show an execution: what happened, where it stands, and its state."""
    import asyncio

    return asyncio.run(_show(execution, at, store, as_json))


async def _show(execution: str, seq_max: int | None, store: str | None, as_json: bool) -> int:
    from pectin.cli.drawing import draw
    from pectin.cli.exit import BadUsage, Exit
    from pectin.cli.paper import out
    from pectin.cli.progress import frames_of
    from pectin.cli.story import Story
    from pectin.cli.visit import Speller, name_of, visiting
    from pectin.cli.words import put_json, show_state
    from pectin.core.program import Program

    async with visiting(store) as visitor:
        summary = await visitor.resolve(execution)
        program: Program = (await visitor.read(summary.execution)).program
        events = await visitor.events(summary.execution)
        name = await name_of(visitor, summary)
        served = await visitor.store.in_charge()
        now = visitor.clock.now()
    if seq_max is not None and seq_max > len(events):
        raise BadUsage(f"`{execution}` has {len(events)} events; --at {seq_max} is past the last")
    story = Story(program, changes=True)
    lines = story.tell(events[:seq_max])
    run = story.run
    if as_json:
        put_json(_document(run))
        return Exit.OK
    paper = out()
    spell = Speller(name, summary.workflow_id, store)
    _write_head(paper, story, now if seq_max is None else run.updated_at)
    paper.write("")
    going_on = story.now(now, served=served) if seq_max is None else story.now(run.updated_at)
    _write_table(paper, [*lines, *going_on])
    if run.error is not None:
        paper.write(*frames_of(run.error))
    paper.write("")
    paper.write(*draw(program, story.marks, paper))
    state = show_state(run.data, paper.columns)
    _write_beside(paper, "state", state)
    commands = [spell(("events", "EXEC")), spell(("why", "EXEC"))]
    if seq_max is None and run.version > 1:
        commands.append(spell(("show", "EXEC", "--at", str(run.version - 1))))
    if len(state) > 1:
        commands.append(spell(("show", "EXEC", "--json")))
    line = " · ".join(commands)
    _write_beside(paper, "more", [line] if len(line) + 8 <= paper.columns else commands)
    return Exit.OK


def _document(run: Run) -> dict[str, Any]:
    import msgspec

    from pectin.cli.words import waiting_document

    document = {"execution": run.execution().to_json(), "key": run.key, "by": run.by, "version": run.version}
    error = {} if run.error is None else {"error": msgspec.to_builtins(run.error)}
    return {**document, "definition": run.definition, "waiting_for": waiting_document(run), **error}


def _write_beside(paper: Paper, title: str, lines: list[str]) -> None:
    paper.write_whole(*(f"{'' if index else title:<8}{line}" for index, line in enumerate(lines)))


def _write_head(paper: Paper, story: Story, now: int) -> None:
    from pectin.cli.words import local_date_time, one_line
    from pectin.core.duration import format_duration
    from pectin.core.why import status_words

    run = story.run
    parts = [f"{run.workflow_id} {run.workflow_version}", *([one_line(run.key, 40)] if run.key is not None else [])]
    paper.write_text(" · ".join([*parts, f"exec_{run.execution_id.replace('-', '')}"]))
    took = format_duration(max((run.completed_at or now) - run.created_at, 0), measured=True)
    status = status_words(run.status)
    by = f" by {one_line(run.by, 40)}" if run.by else ""
    ending = f", ending as {run.closing.to.value}" if run.closing is not None else ""
    where = [f"{status} in {took}" if run.status.is_terminal else f"{status}{ending}"]
    where.append(f"started {local_date_time(run.created_at)}{by}")
    if run.session_type is not None:
        where.append(run.session_type.value)
    where.append(f"definition {run.definition[:6]}")
    paper.write_text(" · ".join(where))


def _write_table(paper: Paper, lines: list[Line]) -> None:
    from pectin.cli.paper import columns_of, pad
    from pectin.cli.story import took

    name = min(max([10, *(columns_of(line.activation) for line in lines)]), 30)
    paper.write(f"  {'seq':>3}  {pad('activation', name)}   {'took':<8} what happened")
    for line in lines:
        seq = f"{line.seq:>3}" if line.seq else "now"
        paper.write(
            f"  {seq}  {pad(line.activation, name)}   {took(line) or '–':<8} {paper.mark(line.mark)} {line.text}"
        )
