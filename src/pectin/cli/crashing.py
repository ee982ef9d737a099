"""What `pectin crashtest` does: it reads what is asked, shows how far it is, and tells what was found."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import msgspec

from pectin.authoring.handle import Handle
from pectin.cli.document import Given
from pectin.cli.exit import BadUsage, Exit
from pectin.cli.given import read_edits, read_json, spell_input
from pectin.cli.paper import Paper, err, out
from pectin.cli.source import load_with_file, parse_target
from pectin.cli.stopping import ended_by_sigterm
from pectin.cli.words import dump_json, put_json, spell
from pectin.core.definition import Json
from pectin.core.hint import did_you_mean
from pectin.ports.function import DidNot, Happened
from pectin.testing.crashtest import Case, Plan, Report, try_crashes
from pectin.testing.crashtest.case import SECONDS_MAX
from pectin.testing.crashtest.probe import Probe
from pectin.testing.crashtest.tell import tell
from pectin.testing.script import Resolution, Script

PROBE = "probe"
"""The function of a file that is asked without being named."""

DID_NOT = "did-not"


class Asked(NamedTuple):
    """What the command line said."""

    source: Given
    input: str | None
    decide: tuple[str, ...]
    edits: tuple[str, ...]
    signal: tuple[str, ...]
    send: tuple[str, ...]
    resolve: tuple[str, ...]
    silent: tuple[str, ...]
    probe: str | None
    at: tuple[str, ...]
    simulate: bool
    any_order: bool
    everything: bool
    timeout: float


def crash(asked: Asked, as_json: bool) -> int:
    """Try it, and tell what came of it."""
    given = read_json(asked.input, "--input")
    script = Script(
        decide=_read_decisions(asked.decide),
        edits=read_edits(asked.edits),
        signal=read_edits(asked.signal, "--signal"),
        send=read_edits(asked.send, "--send"),
        resolve=read_resolutions(asked.resolve),
        silent=asked.silent,
    )
    workflow, members = load_with_file(asked.source, "crashtest")
    workflow.build().complete({} if given is None else given)  # before a trial is begun
    case = Case(workflow, given, script, seconds_max=asked.timeout)
    plan = Plan(
        at=asked.at,
        probe=_find_probe(asked, members),
        simulate=asked.simulate,
        any_order=asked.any_order,
        everything=asked.everything,
    )
    paper = err()
    with ended_by_sigterm():
        try:
            report = try_crashes(case, plan, _shower(paper))
        finally:
            paper.live([])
    code = Exit.OK if report.ok else Exit.NO
    words = _words(asked, given)
    if as_json:
        document = msgspec.to_builtins(report)
        for failure in document["failures"]:
            failure["repeat"] = _repeat(words, failure["points"])
        put_json({"exit_code": int(code), "ok": report.ok, **document})
    else:
        _show(report, words)
    return code


def _show(report: Report, words: list[str]) -> None:
    paper = out()
    for line in tell(report, lambda points: _repeat(words, points), paper.mark, paper.fit):
        if line.startswith(" "):
            paper.write_whole(line)
        else:
            paper.write_text(line)


def _shower(paper: Paper) -> Callable[[int, int, str], None]:
    def show(through: int, total: int, what: str) -> None:
        count = f"{through} of {total} · " if total else ""
        paper.live([f"  {count}{what}"])

    return show


# -- the command, once more --------------------------------------------------------------------------------------


def _words(asked: Asked, given: Json) -> list[str]:
    """The command without the points."""
    words = ["crashtest", *asked.source.words, *spell_input(asked.input, given, dump_json(given))]
    for option, values in (
        ("--decide", asked.decide),
        ("--set", asked.edits),
        ("--signal", asked.signal),
        ("--send", asked.send),
        ("--resolve", asked.resolve),
        ("--silent", asked.silent),
        ("--probe", () if asked.probe is None else (asked.probe,)),
    ):
        words += [word for value in values for word in (option, value)]
    if asked.timeout != SECONDS_MAX:
        words += ["--timeout", f"{asked.timeout:g}"]
    return [*words, *(["--simulate"] if asked.simulate else [])]


def _repeat(words: list[str], points: Sequence[str]) -> str:
    at = [word for point in points for word in ("--at", point)]
    return spell((*words, *at), "", ())


# -- what is given -----------------------------------------------------------------------------------------------


def _read_decisions(given: Sequence[str]) -> dict[str, str]:
    decisions: dict[str, str] = {}
    for text in given:
        node, equals, decision = text.partition("=")
        if not equals or not node or not decision:
            raise BadUsage(f"--decide {text}: write an approval and its decision: --decide review=approved")
        if node in decisions:
            raise BadUsage(f"--decide {node}: stands twice; keep one")
        decisions[node] = decision
    return decisions


def read_resolutions(given: Sequence[str]) -> dict[str, Resolution]:
    """A result in JSON, or that there was none."""
    did_not = {text.removesuffix(f"={DID_NOT}") for text in given if text.endswith(f"={DID_NOT}")}
    happened = read_edits([text for text in given if not text.endswith(f"={DID_NOT}")], "--resolve")
    found: dict[str, Resolution] = {node: Happened(result) for node, result in happened.items()}
    return found | {node: DidNot() for node in did_not}


def _find_probe(asked: Asked, members: Mapping[str, object]) -> Probe | None:
    """A function of the file, or a command."""
    name = PROBE if asked.probe is None else asked.probe
    found = members.get(name)
    if callable(found) and not isinstance(found, Handle | type):
        return cast("Callable[[], Any]", found)
    if asked.probe is None:
        return None
    if name.isidentifier() and shutil.which(name) is None:
        functions = [other for other, value in members.items() if callable(value) and not isinstance(value, type)]
        hint = did_you_mean(name, functions) or "write the function, or a command"
        file = asked.source.functions or parse_target(asked.source.file).file
        raise BadUsage(f"--probe {name}: {file} has no function of that name, and there is no such command; {hint}")
    return asked.probe
