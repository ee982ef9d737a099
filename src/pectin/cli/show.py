"""`pectin show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pectin.cli.options import Exec, Json, StoreOption
from pectin.cli.picture.form import Form, Output, Svg, Tree, choose_form

if TYPE_CHECKING:
    from pectin.cli.line import Line
    from pectin.cli.paper import Paper
    from pectin.cli.story import Story
    from pectin.cli.visit import Speller
    from pectin.core.program import Program
    from pectin.core.state import Run


def show(
    execution: Exec,
    *,
    at: Annotated[int | None, typer.Option("--at", metavar="SEQ", min=1, help="As it was after this event.")] = None,
    graph: Annotated[
        bool, typer.Option("--graph", help="As a drawing, with what became of each node: a Mermaid flowchart.")
    ] = False,
    svg: Svg = False,
    tree: Tree = False,
    output: Output = None,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """Show an execution: what happened, and where it stands."""
    import asyncio

    form = choose_form(svg=svg, tree=tree, output=output) if graph or svg or tree or output is not None else None
    return asyncio.run(_show(execution, at, form, output, store, as_json))


async def _show(
    execution: str, seq_max: int | None, form: Form | None, output: str | None, store: str | None, as_json: bool
) -> int:
    from pectin.cli.exit import BadUsage, Exit
    from pectin.cli.picture.form import put_drawing
    from pectin.cli.present import present
    from pectin.cli.story import Story
    from pectin.cli.visit import Speller, find_execution, name_of, visiting
    from pectin.cli.words import put_json

    async with visiting(store) as visitor:
        summary = await find_execution(visitor, execution)
        program: Program = (await visitor.read(summary.execution)).program
        events = await visitor.events(summary.execution)
        name = await name_of(visitor, summary)
        served = await visitor.store.in_charge()
        now = visitor.clock.now()
    spell = Speller(name, summary.workflow_id, store)
    if seq_max is not None and seq_max > len(events):
        last = spell(("show", "EXEC", "--at", str(len(events))))
        raise BadUsage(f"`{execution}` has {len(events)} events; --at {seq_max} is past the last", last)
    story = Story(program, changes=True)
    lines = story.tell(events[:seq_max])
    run = story.run
    if seq_max is not None:
        now, served = run.updated_at, True
    drawing = _draw(form, output, story) if form is not None else ""
    if as_json:
        put_json(_document(run) if form is None else {**_document(run), form.value: drawing})
    elif form is None:
        _write(story, [*lines, *present(run, now, served=served)], now, spell, is_whole=seq_max is None)
    elif output is None:
        put_drawing(form, drawing)
    return Exit.OK


def _draw(form: Form, output: str | None, story: Story) -> str:
    """The drawing, which is also written to the file if there is to be one."""
    from pectin.cli.picture.form import draw_as, write_drawing
    from pectin.cli.picture.standing import standings
    from pectin.cli.words import one_line
    from pectin.core.why import status_words

    run = story.run
    name = one_line(run.key, 40) if run.key is not None else f"exec_{run.execution_id.replace('-', '')}"
    caption = f"{run.workflow_id} {run.workflow_version} · {name} · {status_words(run.status)}"
    drawing = draw_as(form, story.program, standings(run, story.marks, story.times), caption)
    if output is not None:
        write_drawing(output, drawing, caption)
    return drawing


def _document(run: Run) -> dict[str, Any]:
    import msgspec

    from pectin.cli.words import waiting_document
    from pectin.core.budget import LIMITS
    from pectin.core.spending import least

    document = {"execution": run.execution().to_json(), "key": run.key, "by": run.by, "version": run.version}
    budget = {limit: value for limit in LIMITS if (value := getattr(least(run), limit)) is not None}
    spending = {"spent": run.spent.to_json(), "limits": budget}
    error = {} if run.error is None else {"error": msgspec.to_builtins(run.error)}
    more = {
        "failures": msgspec.to_builtins(run.unhandled),
        "children": run.children,
        "parent": None if run.parent is None else msgspec.to_builtins(run.parent),
        "inbox": msgspec.to_builtins(run.inbox),
    }
    return {**document, "definition": run.definition, "waiting_for": waiting_document(run), **spending, **more, **error}


def _write(story: Story, lines: list[Line], now: int, spell: Speller, *, is_whole: bool) -> None:
    from pectin.cli.drawing import draw
    from pectin.cli.paper import out
    from pectin.cli.picture.standing import standings
    from pectin.cli.progress import frames_of
    from pectin.cli.words import show_state

    paper, run = out(), story.run
    _write_head(paper, story, now)
    paper.write("")
    _write_table(paper, lines)
    if run.error is not None:
        paper.write(*frames_of(run.error))
    paper.write("")
    paper.write(*draw(story.program, standings(run, story.marks, story.times), paper))
    _write_facts(paper, story, spell)
    state = show_state(run.data, paper.columns)
    _write_beside(paper, "state", state)
    commands = [spell(("events", "EXEC")), spell(("why", "EXEC"))]
    if is_whole and run.version > 1:
        commands.append(spell(("show", "EXEC", "--at", str(run.version - 1))))
    if len(state) > 1:
        commands.append(spell(("show", "EXEC", "--json")))
    line = " · ".join(commands)
    _write_beside(paper, "more", [line] if len(line) + 8 <= paper.columns else commands)


def _write_facts(paper: Paper, story: Story, spell: Speller) -> None:
    """What else there is: failures that wait for the end, children, the parent, and signals that nobody has taken."""
    from pectin.cli.line import tell_by, tell_error
    from pectin.cli.words import one_line, show_value
    from pectin.core.identity import show_id
    from pectin.core.spending import tell_line, tell_spent

    run = story.run
    told = [clause for clause in (tell_spent(run), tell_line(run)) if clause is not None]
    _write_some(paper, "budget", told)
    if len(run.unhandled) > 1 or (run.unhandled and not run.status.is_terminal):
        _write_some(paper, "failed", [f"{name}: {tell_error(error)}" for name, error in run.unhandled.items()])
    children = [
        f"{name}  {child.workflow_id} {child.workflow_version}  {spell.plain(['show', show_id(child.child)])}"
        for name, child in story.children.items()
    ]
    _write_some(paper, "child", children)
    if run.parent is not None:
        show_parent = spell.plain(["show", show_id(run.parent.execution)])
        _write_beside(paper, "parent", [f"{run.parent.activation} of it waits for this one  {show_parent}"])
    kept = [
        f"{one_line(message.name, 60)}{tell_by(message.by)}: {show_value(message.payload, 60)}" for message in run.inbox
    ]
    _write_some(paper, "inbox", kept)


_SHOWN_MAX = 10


def _write_some(paper: Paper, title: str, lines: list[str]) -> None:
    more = [f"and {len(lines) - _SHOWN_MAX} more"] if len(lines) > _SHOWN_MAX else []
    _write_beside(paper, title, [*lines[:_SHOWN_MAX], *more])


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
    from pectin.cli.line import took
    from pectin.cli.paper import columns_of, pad

    name = min(max([10, *(columns_of(line.activation) for line in lines)]), 30)
    paper.write(f"  {'seq':>3}  {pad('activation', name)}   {'took':<8} what happened")
    for line in lines:
        seq = f"{line.seq:>3}" if line.seq else "now"
        paper.write(
            f"  {seq}  {pad(line.activation, name)}   {took(line) or '–':<8} {paper.mark(line.mark)} {line.text}"
        )
