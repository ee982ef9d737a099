"""What `pectin preview` does: one preview, the way that it took, and how it ended or what it lacks."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import msgspec

from pectin.authoring.blueprint import Blueprint
from pectin.authoring.workflow import Workflow
from pectin.cli.document import Given
from pectin.cli.exit import Exit
from pectin.cli.given import read_edits, spell_input
from pectin.cli.line import Columns, tell_error
from pectin.cli.paper import Paper, err
from pectin.cli.present import waits
from pectin.cli.progress import frames_of
from pectin.cli.story import Story
from pectin.cli.words import dump_json, event_document, put_json
from pectin.core.activation import NODE_ID
from pectin.core.definition import Json
from pectin.core.status import WorkflowStatus
from pectin.core.why import status_words
from pectin.runtime.preview import Lack, Preview, preview_execution


class Asked(NamedTuple):
    """What the command line said."""

    source: Given
    input: str | None
    given: Json
    simulate: tuple[str, ...]


async def preview_workflow(workflow: Workflow[Any], asked: Asked, as_json: bool) -> Exit:
    """Preview it, show the way that it took, and end with the outcome."""
    blueprint = workflow.build()
    simulate = read_edits([_in_json(text, blueprint) for text in asked.simulate], "--simulate")
    done = await preview_execution(blueprint, asked.given, simulate)
    code = Exit.WAITING if done.lacks or not done.status.is_terminal else Exit.NO
    if done.status is WorkflowStatus.COMPLETED:
        code = Exit.OK
    _show(blueprint, done, asked, err())
    if as_json:
        for seq, event in done.history:
            put_json(event_document(seq, event))
        put_json(_outcome(done, code))
    elif code is Exit.OK:
        put_json(done.info.current_state, sort=True)
    return code


def _in_json(text: str, blueprint: Blueprint[Any]) -> str:
    """A decision is a name, and may be written as one."""
    name, equals, value = text.partition("=")
    node = blueprint.program.nodes.get(name)
    is_name = equals and node is not None and node.kind == "human_approval" and NODE_ID.fullmatch(value)
    return f"{name}={json.dumps(value)}" if is_name else text


def _show(blueprint: Blueprint[Any], done: Preview[Any], asked: Asked, paper: Paper) -> None:
    definition = blueprint.definition
    paper.write_text(f"{definition.id} {definition.version} · preview · nothing is kept")
    paper.write("")
    story, columns = Story(blueprint.program), Columns(paper, blueprint.program)
    lines = story.tell([(seq, event) for seq, event in done.history])
    lines += waits(story.run, story.run.updated_at)
    if lines:
        paper.write(*columns.write(lines), "")
    if done.status is WorkflowStatus.COMPLETED:
        paper.write("completed, had it been real")
    elif done.status.is_terminal:
        closing = story.run.closing
        where = f"{closing.activation}: " if closing is not None and closing.activation else ""
        paper.write_text(f"{status_words(done.status)}: {where}{tell_error(done.error) if done.error else ''}")
        paper.write(*(frames_of(done.error) if done.error else ()))
    else:
        _show_lacks(done.lacks, asked, paper)


def _show_lacks(lacks: Sequence[Lack], asked: Asked, paper: Paper) -> None:
    """What to add, and the whole command with it."""
    what = "a node" if len(lacks) == 1 else f"{len(lacks)} nodes"
    paper.write_text(f"the preview ends here: nothing stands in for {what}")
    for lack in lacks:
        paper.write_text(f"{lack.node}: {lack.asks}", "  ")
    words = ["pectin", "preview", *asked.source.words, *spell_input(asked.input, asked.given, dump_json(asked.given))]
    for text in (*asked.simulate, *(f"{lack.node}={_bare(lack.example)}" for lack in lacks)):
        words += ["--simulate", text]
    paper.write_choices(("go on with", shlex.join(words)))


def _bare(example: str) -> str:
    """As `_in_json` takes it: of all examples only decisions are texts."""
    return example.strip('"')


def _outcome(done: Preview[Any], code: Exit) -> dict[str, Any]:
    outcome: dict[str, Any] = {"type": "outcome", "exit_code": int(code), "execution": done.info.to_json()}
    if done.lacks:
        outcome["lacks"] = [asdict(lack) for lack in done.lacks]
    if done.error is not None:
        outcome["error"] = msgspec.to_builtins(done.error)
    return outcome
