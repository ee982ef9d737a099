"""`pectin convert`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from pectin.cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pectin.authoring.blueprint import Blueprint
    from pectin.authoring.document.layout import Sheet
    from pectin.authoring.draft import DraftNode
    from pectin.core.definition import Definition


class Form(StrEnum):
    """What a document can be written as."""

    YAML = "yaml"
    JSON = "json"
    JAMJET = "jamjet"


class Origin(StrEnum):
    """What a file may be besides Python and a document."""

    JAMJET = "jamjet"


class Converted(NamedTuple):
    """The text of a document, and what it needs: its functions and tools, those that the file doesn't have by their
    names, which of them are tools, how many comments had no place in it, and what else hadn't."""

    form: Form
    text: str
    functions: Sequence[str]
    unknown: Sequence[str] = ()
    tools: Sequence[str] = ()
    comments: int = 0
    left_out: Sequence[str] = ()


def convert(
    file: Annotated[
        str, typer.Argument(metavar="FILE[:NAME]", help="Python with workflows, a document, or JamJet's IR.")
    ],
    *,
    origin: Annotated[
        Origin | None, typer.Option("--from", help="What it is, if it isn't Python or a document.")
    ] = None,
    to: Annotated[Form | None, typer.Option("--to", help="As what. Without it: by OUT's name, else the other.")] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="OUT", help="Write it to this file instead.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Write workflows as documents, YAML or JSON, or as JamJet's IR."""
    from pathlib import Path

    from pectin.authoring.document.reading import SUFFIXES
    from pectin.cli.exit import BadUsage, Exit
    from pectin.cli.files import replace_file
    from pectin.cli.streams import answer
    from pectin.cli.words import put_json

    if output is not None and Path(output).suffix == ".py":
        raise BadUsage(f"--output {output} would overwrite Python: name a document, such as {Path(output).stem}.yaml")
    form = to or _form_of(output)
    is_document = Path(file).suffix in SUFFIXES
    if origin is Origin.JAMJET or (is_document and _holds_ir(file)):
        converted = _convert_ir(file, form or Form.YAML)
    elif form is Form.JAMJET:
        converted = _convert_to_ir(file)
    else:
        converted = _convert_document(file, form) if is_document else _convert_python(file, form or Form.YAML)
    if output is not None:
        replace_file(Path(output), converted.text)
    if as_json:
        told = {"to": converted.form.value, "output": output, "text": converted.text if output is None else None}
        names = {"functions": list(converted.functions), "unknown_functions": list(converted.unknown)}
        put_json({"exit_code": int(Exit.OK), **told, **names})
        return Exit.OK
    if output is None:
        answer().write(converted.text)
    _tell(converted, output, None if is_document else file)
    return Exit.OK


def _form_of(output: str | None) -> Form | None:
    """What a file's name says that it is."""
    if output is None:
        return None
    return Form.JSON if output.endswith(".json") else Form.YAML if output.endswith((".yaml", ".yml")) else None


def _holds_ir(file: str) -> bool:
    from pectin.cli.files import read_document
    from pectin.cli.jamjet import holds_ir

    name, text = read_document(file)
    return holds_ir(text, name)


def _convert_ir(file: str, form: Form) -> Converted:
    from pectin.cli.files import read_document
    from pectin.cli.jamjet import from_ir, from_ir_again

    name, text = read_document(file)
    written = from_ir_again(text, name) if form is Form.JAMJET else from_ir(text, name, as_json=form is Form.JSON)
    return Converted(form, written.text, written.functions, left_out=written.left_out)


def _convert_to_ir(file: str) -> Converted:
    from pectin.cli.document import Given
    from pectin.cli.jamjet import to_ir

    return Converted(Form.JAMJET, to_ir(Given(file)).text, ())


def _convert_python(file: str, form: Form) -> Converted:
    from pectin.authoring.document.functions import Functions
    from pectin.authoring.document.layout import Sheet, lay_out
    from pectin.authoring.document.write import write_document
    from pectin.cli.document import Given
    from pectin.cli.source import load_members
    from pectin.cli.streams import lent_streams
    from pectin.core.definition import definition_hash

    with lent_streams():
        workflows, members = load_members(Given(file))
        blueprints = [workflow.build() for workflow in workflows.values()]
    definitions = _each_once(blueprints)
    sheets = [Sheet(lay_out(write_document(definition))) for definition in definitions]
    text = _write(sheets, form, [definition_hash(definition) for definition in definitions])
    found, run = Functions(members, file), _functions_of(blueprints)
    unknown = [name for name, given in run if (other := found.find(name)) is None or other.function is not given]
    tools = _tools_of(blueprints)
    unknown += [name for name, tool in tools.items() if found.find_tool(name) is not tool]
    return Converted(form, text, _once([*(name for name, _ in run), *tools]), _once(unknown), tuple(tools))


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _each_once(blueprints: Iterable[Blueprint[Any]]) -> list[Definition]:
    """The definitions of workflows, and of their children, which may stand in another file."""
    own = list(blueprints)
    every = [each.definition for each in (*own, *(child for blueprint in own for child in blueprint.children))]
    return list({(definition.id, definition.version): definition for definition in reversed(every)}.values())[::-1]


def _convert_document(file: str, form: Form | None) -> Converted:
    from pectin.authoring.document.comments import comments_of, find_marks
    from pectin.authoring.document.format import read_sheets
    from pectin.authoring.document.hashes import hashes
    from pectin.authoring.document.reading import needed_functions, read_text
    from pectin.authoring.document.tree import Source
    from pectin.cli.files import plain_lines, read_document

    name, given = read_document(file)
    text, was_json = plain_lines(given), name.endswith(".json")
    form = form or (Form.YAML if was_json else Form.JSON)
    meant, source = hashes(text, name), Source(text, name)
    written = _write(read_sheets(source), form, meant)
    names = [name for document in read_text(text, name) for name in needed_functions(document.draft)]
    lost = len(comments_of(find_marks(source))) if form is Form.JSON and not was_json else 0
    return Converted(form, written, _once(names), comments=lost)


def _write(sheets: Sequence[Sheet], form: Form, meant: Sequence[str]) -> str:
    """The text, read once more: it means the same. Raises `BadUsage` otherwise."""
    from pectin.authoring.document.format import write_sheets
    from pectin.authoring.document.hashes import hashes
    from pectin.cli.exit import BadUsage

    text = write_sheets(sheets, as_json=form is Form.JSON)
    if hashes(text, f"converted.{form}") != meant:
        what = "put names and expressions that look like a number, a boolean or null in quotes"
        raise BadUsage(f"as {form.upper()} it would mean something else: {what}")
    return text


def _functions_of(blueprints: Iterable[Blueprint[Any]]) -> list[tuple[str, object]]:
    """The functions that workflows and their children run, by the names that their definitions have for them."""
    from pectin.authoring.lowering import reconcile_name

    given = [
        pair
        for node in _nodes_of(blueprints)
        for pair in ((node.name, node.function), (reconcile_name(node.name), node.reconcile))
    ]
    return [(name, function.function) for name, function in given if function is not None]


def _tools_of(blueprints: Iterable[Blueprint[Any]]) -> dict[str, object]:
    """The functions that are tools, by the names that they give themselves."""
    from pectin.authoring.tool import Tool

    called = [node.call.tool for node in _nodes_of(blueprints) if node.call is not None]
    return {str(tool.name): tool for tool in called if isinstance(tool, Tool)}


def _nodes_of(blueprints: Iterable[Blueprint[Any]]) -> list[DraftNode]:
    own = list(blueprints)
    drafts = dict.fromkeys(each.draft for each in (*own, *(child for blueprint in own for child in blueprint.children)))
    return [node for draft in drafts for node in draft.nodes.values()]


def _tell(converted: Converted, output: str | None, file: str | None) -> None:
    """What the document needs, on standard error. `file` is the Python file that its functions are in."""
    import shlex

    from pectin.cli.paper import err

    paper, source = err(), file or "FILE.py"
    if output is not None:
        paper.write_text(f"wrote {output}")
    if converted.comments:
        what = "comment is" if converted.comments == 1 else "comments are"
        paper.write_text(f"{converted.comments} {what} left out: JSON has none")
    for what in converted.left_out:
        paper.write_text(what)
    if not converted.functions:
        return
    target = output or f"FILE.{converted.form}"
    paper.write_text(f"it runs {', '.join(f'`{name}`' for name in converted.functions)}:")
    paper.write_whole(f"  {shlex.join(['pectin', 'run', target, '--functions', source])}")
    for name in converted.unknown:
        if name in converted.tools:
            paper.write_text(f"the tool `{name}` isn't at the top level of {source}: give it a name there")
        elif "." not in name:  # `pay.reconcile` comes with `pay`
            paper.write_text(f"`{name}` at the top level of {source} isn't this function: write `{name} = …` there")
