"""What `pectin check` finds in files, and how it tells people and programs."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from pectin.authoring.blueprint import Blueprint
from pectin.authoring.registry import Registry
from pectin.authoring.workflow import Workflow
from pectin.cli.document import SUFFIXES, Given, guess_functions, lacking_functions
from pectin.cli.exit import BadUsage, Exit
from pectin.cli.paper import out
from pectin.cli.source import load_workflows, parse_target
from pectin.cli.words import put_json
from pectin.core.explanation import EXPLANATIONS
from pectin.core.hint import did_you_mean
from pectin.core.problem import DefinitionError, Problem, render
from pectin.core.validate import is_warning
from pectin.core.worst import Worst, tell_worst
from pectin.nodes import examine, worst


class Checked(NamedTuple):
    """One file, as it was named: its workflows by their names, what is wrong, the functions nobody looked at, and the
    worst case of each workflow that can be built, by its id and version."""

    file: str
    workflows: dict[str, Workflow[Any]]
    problems: list[Problem]
    unseen: list[str]
    worst: dict[tuple[str, str], Worst]


def find_problems(files: Sequence[str], functions: str | None) -> list[Checked]:
    """What is wrong in each of the files. `functions` are for the documents among them."""
    documents = [file for file in files if parse_target(file).file.suffix in SUFFIXES]
    if functions is not None and not documents:
        raise BadUsage(f"--functions is for documents: {files[0]} is Python, and has its functions itself")
    return [_check(Given(file, functions if file in documents else None)) for file in dict.fromkeys(files)]


def exit_code(checked: Sequence[Checked]) -> Exit:
    """Warnings are no reason to stop."""
    return Exit.OK if all(is_warning(problem) for each in checked for problem in each.problems) else Exit.USAGE


def _check(given: Given) -> Checked:
    """What is wrong with each workflow of a file, and with all of them in one process."""
    try:
        workflows = load_workflows(given)
    except DefinitionError as error:
        if parse_target(given.file).file.suffix not in SUFFIXES:
            raise
        return Checked(given.file, {}, list(error.problems), [], {})
    problems: list[Problem] = []
    unseen: list[str] = []
    blueprints: list[Blueprint[Any]] = []
    for workflow in workflows.values():
        try:
            blueprint = workflow.build()
        except DefinitionError as error:
            problems += error.problems
        else:
            problems += map(blueprint.draft.locate, examine(blueprint.definition, blueprint.places))
            unseen += lacking_functions(workflow)
            blueprints.append(blueprint)
    try:
        Registry(blueprints)
    except DefinitionError as error:
        problems += map(blueprints[0].draft.locate, error.problems)
    found: dict[tuple[str, str], Worst] = {}
    for definition in (each.definition for top in blueprints for each in (*top.children, top)):
        found[definition.id, definition.version] = worst(definition, found)
    if problems:
        problems = list(dict.fromkeys(DefinitionError(problems).problems))  # a child's are found with its parent's
    return Checked(given.file, workflows, problems, list(dict.fromkeys(unseen)), found)


def show(checked: Sequence[Checked], functions: str | None) -> int:
    """For people: each problem with its place, then how many there are, then what is fine."""
    paper = out()
    problems = [problem for each in checked for problem in each.problems]
    for problem in problems:
        paper.write_whole(*render(problem).split("\n"))
    errors = sum(not is_warning(problem) for problem in problems)
    warnings = len(problems) - errors
    counts = [_count(number, what) for number, what in ((errors, "error"), (warnings, "warning")) if number]
    if counts:
        code = next((problem.code for problem in problems if not is_warning(problem)), problems[0].code)
        where = _count(sum(bool(each.problems) for each in checked), "file")
        paper.write_whole(f"{' and '.join(counts)} in {where}{' ' * 8}(pectin check --explain {code})")
    for each in checked:
        if all(map(is_warning, each.problems)):
            names = ", ".join(f"{workflow.id} {workflow.version}" for workflow in each.workflows.values())
            before = f"{each.file}: " if len(checked) > 1 else ""
            paper.write_text(f"{paper.mark('✓')} {before}{names}: nothing is wrong")
            for (id, version), case in each.worst.items():
                if case.spends:
                    paper.write_text(f"  {id} {version}: {tell_worst(case)}")
        if each.unseen:
            _tell_unseen(each)
    return exit_code(checked)


def _tell_unseen(checked: Checked) -> None:
    names = ", ".join(f"`{name}`" for name in checked.unseen)
    file = guess_functions(checked.unseen, parse_target(checked.file).file.parent) or "FUNCTIONS.py"
    paper = out()
    paper.write_text(f"  but for its functions, which nobody looked at: {names}")
    paper.write_whole(f"  {shlex.join(['pectin', 'check', checked.file, '--functions', file])}")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def put(checked: Sequence[Checked]) -> int:
    """For programs."""
    code = exit_code(checked)
    workflows = [
        {
            "file": str(Path(parse_target(each.file).file)),
            "name": name,
            "id": workflow.id,
            "version": workflow.version,
            "functions_unseen": each.unseen,
            "worst": _worst_document(each.worst.get((workflow.id, workflow.version))),
        }
        for each in checked
        for name, workflow in each.workflows.items()
    ]
    problems = [msgspec.to_builtins(problem) for each in checked for problem in each.problems]
    put_json({"exit_code": int(code), "workflows": workflows, "problems": problems})
    return code


def _worst_document(case: Worst | None) -> Any:
    """What stands in JSON; null for a workflow that can't be built."""
    if case is None:
        return None
    return {
        "attempts": case.attempts,
        "spent": None if case.amount is None else case.amount.to_json(),
        "time_ms": case.time_ms,
        "endless": case.endless,
        "unknown": case.unknown,
    }


def explain_code(code: str, as_json: bool) -> int:
    """What a code means."""
    found = EXPLANATIONS.get(code.upper())
    if found is None:
        hint = did_you_mean(code.upper(), EXPLANATIONS) or f"they go from {min(EXPLANATIONS)} to {max(EXPLANATIONS)}"
        raise BadUsage(f"there is no code {code!r}; {hint}")
    if as_json:
        put_json({"code": code.upper(), "title": found.title, "text": found.text})
    else:
        paper = out()
        paper.write_text(f"{code.upper()}: {found.title}")
        paper.write_text(found.text, "  ")
    return Exit.OK
