"""`pectin fmt`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from pectin.cli.files import STDIN, plain_lines, read_document
from pectin.cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Iterable


class Formatted(NamedTuple):
    """A file as it was and as it is to be."""

    file: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        """Whether it wasn't in its form."""
        return self.before != self.after


def fmt(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Documents, YAML or JSON; - is standard input.")
    ],
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit with 1 if a file would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Change nothing; show what would change.")] = False,
    as_json: Json = False,
) -> int:
    """Put documents into their one form, comments and all."""
    from pectin.cli.exit import Exit
    from pectin.cli.words import put_json

    formatted = [_format(file) for file in files]
    changed = [each for each in formatted if each.is_changed]
    if not check and not diff:
        for each in formatted:
            _replace(each, as_json=as_json)
    code = Exit.NO if check and changed else Exit.OK
    if as_json:
        told = [{"file": each.file, "changed": each.is_changed} for each in formatted]
        put_json({"exit_code": int(code), "files": told})
    else:
        _tell(formatted, check=check, diff=diff)
    return code


def _format(file: str) -> Formatted:
    """The file in its form. Nothing is written before all of them are read."""
    from pectin.authoring.document.format import format_text
    from pectin.authoring.document.hashes import hashes
    from pectin.authoring.document.tree import Source
    from pectin.cli.exit import BadUsage

    name, text = read_document(file)
    lines = plain_lines(text)
    meant = hashes(lines, name)
    if "" in meant:
        raise BadUsage(f"{file} holds no workflow: a document begins with `workflow: ID`")
    after = format_text(Source(lines, name))
    assert hashes(after, name) == meant, "a form changes no definition"
    return Formatted(file, text, after.replace("\n", "\r\n") if "\r\n" in text else after)


def _replace(formatted: Formatted, *, as_json: bool) -> None:
    from pathlib import Path

    from pectin.cli.files import replace_file
    from pectin.cli.streams import answer

    if formatted.file == STDIN:
        if not as_json:
            answer().write(formatted.after)
    elif formatted.is_changed:
        replace_file(Path(formatted.file), formatted.after)


def _tell(formatted: Iterable[Formatted], *, check: bool, diff: bool) -> None:
    from pectin.cli.paper import err, out

    changed = [each for each in formatted if each.is_changed]
    if diff:
        for each in changed:
            out().write_whole(*_compare(each))
    elif check:
        out().write_whole(*(each.file for each in changed))
    files = [each for each in formatted if each.file != STDIN]
    count = sum(each.file != STDIN for each in changed)
    if files or check:
        rest = len(files) - count
        verb = "would change" if check or diff else "rewritten"
        err().write_text(f"{_files(count)} {verb}, {_files(rest)} in form")


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"


def _compare(formatted: Formatted) -> list[str]:
    from difflib import unified_diff

    before, after = formatted.before.splitlines(), formatted.after.splitlines()
    return list(unified_diff(before, after, formatted.file, f"{formatted.file} (in form)", lineterm=""))
