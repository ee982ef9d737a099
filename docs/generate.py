"""Writes those parts of the reference that the code already says: tables, diagrams, codes, fields.

A page marks such a part with two comments, and keeps what stands around them:

    <!-- generated: limits -->
    <!-- end -->

`make format` writes all of them anew, and the files that are such as a whole; a test fails while one is stale.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping, Set
from enum import StrEnum
from pathlib import Path
from textwrap import dedent
from typing import Any, get_type_hints

import msgspec

from pectin.authoring.document.json_schema import json_schema
from pectin.core import command, event
from pectin.core.audit import MEANINGS
from pectin.core.duration import format_duration
from pectin.core.explanation import EXPLANATIONS
from pectin.core.limits import Limits
from pectin.core.retry import PRESETS
from pectin.core.status import NODE_TRANSITIONS, WORKFLOW_TRANSITIONS
from pectin.nodes import KINDS, LATER
from pectin.testing.simulate import CHANGING, Fault

ROOT = Path(__file__).parents[1]
PART = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

Table = Mapping[Any, Set[Any]]


def diagram(table: Table) -> str:
    """A state diagram in Mermaid."""
    first = next(iter(table))
    moves = [f"    {one} --> {other}" for one in table for other in in_order(table, one)]
    ends = [f"    {status} --> [*]" for status in table if not table[status]]
    return "\n".join(["```mermaid", "stateDiagram-v2", f"    [*] --> {first}", *moves, *ends, "```"])


def moves(table: Table) -> str:
    """The same as a table in Markdown."""
    rows = [f"| `{one}` | {', '.join(f'`{other}`' for other in in_order(table, one)) or '–'} |" for one in table]
    return "\n".join(["| from | to |", "|---|---|", *rows])


def in_order(table: Table, status: StrEnum) -> list[StrEnum]:
    """The targets of a status, in the order in which the statuses are declared."""
    return [other for other in table if other in table[status]]


def codes() -> str:
    """A heading for every code of a problem."""
    return "\n\n".join(f"### {code}: {title}\n\n{text}" for code, (title, text) in EXPLANATIONS.items())


def findings() -> str:
    """A heading for every code of a finding: what is to be so, and what to do where it isn't."""
    return "\n\n".join(f"## {code}\n\n{meaning} {hint}" for code, (meaning, hint) in MEANINGS.items())


def faults() -> str:
    """Everything that goes wrong in a simulation, and whether an execution may end otherwise after it."""
    rows = [
        f"| `{Fault[name]}` | {one_line(text)} | {'yes' if Fault[name] in CHANGING else ''} |"
        for name, text in attribute_docs(Fault)
    ]
    return "\n".join(["| fault | what happens | may change the end |", "|---|---|---|", *rows])


def limits() -> str:
    """Every bound with its value and what it bounds."""
    says = dict(attribute_docs(Limits))
    rows = [f"| `{name}` | {getattr(Limits(), name):,} | {one_line(text)} |" for name, text in says.items()]
    return "\n".join(["| name | value | bounds |", "|---|---:|---|", *rows])


def presets() -> str:
    """The retry policies that have a name and retry."""
    rows = [
        f"| `{name}` | {policy.max_attempts} | {policy.backoff} "
        f"| {format_duration(policy.initial_delay_ms)} to {format_duration(policy.max_delay_ms)} "
        f"| {'yes' if policy.jitter else 'no'} | {', '.join(f'`{each}`' for each in policy.retryable_on)} |"
        for name, policy in PRESETS.items()
        if policy.max_attempts > 1
    ]
    return "\n".join(["| preset | attempts | backoff | delays | jitter | on |", "|---|---:|---|---|---|---|", *rows])


def kinds() -> str:
    """What each kind of node does, as its module says, and the kinds that are refused by name."""
    rows = [f"| [`{kind.NAME}`](nodes/{kind.NAME}.md) | {says_of(kind)} |" for kind in KINDS]
    later = ", ".join(f"`{name}`" for name in LATER)
    return "\n".join(["| kind | in a sentence |", "|---|---|", *rows, "", f"Refused by name: {later}."])


def says_of(module: object) -> str:
    """The first sentence of a module's docstring, without the name that it begins with."""
    paragraph = one_line(inspect.cleandoc(module.__doc__ or "").partition("\n\n")[0])
    return paragraph.partition(": ")[2].partition(". ")[0].rstrip(".")


def example(name: str) -> str:
    """An example's code, without what it says of itself."""
    text = (ROOT / "examples" / name).read_text(encoding="utf-8")
    docstring = ast.parse(text).body[0]
    return f"```python\n{''.join(text.splitlines(keepends=True)[docstring.end_lineno :]).strip()}\n```"


def records(kinds: tuple[type[msgspec.Struct], ...], shared: type[msgspec.Struct]) -> str:
    """A heading for every struct, what it says of itself, and its fields but for the shared ones."""
    return "\n\n".join(record(kind, shared) for kind in kinds)


def record(kind: type[msgspec.Struct], shared: type[msgspec.Struct]) -> str:
    common = {field.name for field in msgspec.structs.fields(shared)} if kind is not shared else set[str]()
    types = get_type_hints(kind)
    rows = [
        f"| `{field.name}` | `{type_text(types[field.name])}` | {'yes' if field.required else ''} |"
        for field in msgspec.structs.fields(kind)
        if field.name not in common
    ]
    tag = kind.__struct_config__.tag
    written = f"Stored as `{tag}`." if tag not in (None, kind.__name__) else ""
    fields = ["| field | type | required |", "|---|---|---|", *rows] if rows else ["No fields of its own."]
    says = inspect.cleandoc(kind.__doc__ or "")
    parts = [f"## {kind.__name__}", says[:1].upper() + says[1:], written, "\n".join(fields)]
    return "\n\n".join(part for part in parts if part)


def type_text(annotation: Any) -> str:
    """A type as one reads it: without modules, and without the mark of a field that may be left out."""
    plain = isinstance(annotation, type) and not getattr(annotation, "__args__", ())
    text = annotation.__name__ if plain else re.sub(r"\b(?:[a-z_]\w*\.)+", "", str(annotation))
    text = re.sub(r"Union\[(.*)\]", lambda union: union[1].replace(", ", " | "), text)
    return text.replace(" | UnsetType", "").replace("Any", "JSON").replace(" | ", " or ")


def attribute_docs(cls: type) -> Iterator[tuple[str, str]]:
    """The fields of a class with the text that stands under each."""
    body = ast.parse(dedent(inspect.getsource(cls))).body[0]
    assert isinstance(body, ast.ClassDef)
    for field, text in zip(body.body, body.body[1:], strict=False):
        match field, text:
            case (
                (ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)])),
                ast.Expr(value=ast.Constant(value=str(says))),
            ):
                yield name, says
            case _:
                pass


def one_line(text: str) -> str:
    return " ".join(text.split())


PARTS: Mapping[str, Callable[[], str]] = {
    "execution-diagram": lambda: diagram(WORKFLOW_TRANSITIONS),
    "execution-moves": lambda: moves(WORKFLOW_TRANSITIONS),
    "activation-diagram": lambda: diagram(NODE_TRANSITIONS),
    "activation-moves": lambda: moves(NODE_TRANSITIONS),
    "codes": codes,
    "faults": faults,
    "findings": findings,
    "limits": limits,
    "presets": presets,
    "kinds": kinds,
    "events": lambda: records(event.EVENTS, event.Event),
    "commands": lambda: records(command.AnyCommand.__args__, command.Command),
    "refund": lambda: example("refund.py"),
    "answers": lambda: records(command.Answer.__args__, msgspec.Struct),
}
"""What a page can ask for by name."""


def renew(text: str) -> str:
    """A page with its generated parts written anew."""
    return PART.sub(lambda part: f"{part[1]}\n{PARTS[part[2]]()}\n\n{part[3]}", text)


def pages() -> list[Path]:
    """The pages that have such parts."""
    every = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
    return [path for path in every if PART.search(path.read_text(encoding="utf-8"))]


FILES: Mapping[str, Callable[[], str]] = {
    "docs/reference/workflow.schema.json": lambda: json.dumps(json_schema(), indent=2) + "\n",
}
"""Whole files that the code says."""


def main() -> None:
    for path in pages():
        path.write_text(renew(path.read_text(encoding="utf-8")), encoding="utf-8")
    for name, write in FILES.items():
        (ROOT / name).write_text(write(), encoding="utf-8")


if __name__ == "__main__":
    main()
