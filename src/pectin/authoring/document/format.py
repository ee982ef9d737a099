"""A document in its one form: the same values under the same keys, put in order, with every comment.

What is written isn't interpreted: `90s` stays `90s`. Comments above a key and behind it go where the key goes. One that
stands where the new form has no place for it goes above the entry that it is nearest to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from pectin.authoring.document.comments import Marks, Remark, comments_of, find_marks
from pectin.authoring.document.json import read_json
from pectin.authoring.document.json_schema import orders
from pectin.authoring.document.layout import Branch, Entry, Leaf, Part, Sheet
from pectin.authoring.document.tree import Mapping, Scalar, Source, Tree
from pectin.authoring.document.tree import Sequence as List
from pectin.authoring.document.write_json import write_json
from pectin.authoring.document.write_yaml import write_yaml
from pectin.authoring.document.yaml import read_yaml


def format_text(source: Source) -> str:
    """A file in its one form, YAML or JSON as it was. Raises `DefinitionError` if it can't be read."""
    is_json = source.file.endswith(".json")
    text = write_sheets(read_sheets(source), as_json=is_json)
    if not is_json:
        kept = comments_of(find_marks(Source(text, source.file)))
        assert kept == comments_of(find_marks(source)), "every comment is kept"
    return text


def write_sheets(sheets: Sequence[Sheet], *, as_json: bool) -> str:
    """The text of a file with these documents. JSON has no place for comments."""
    return write_json(sheets) if as_json else write_yaml(sheets)


def read_sheets(source: Source) -> list[Sheet]:
    """The documents of a file with their keys in order, and their comments. Raises `DefinitionError`."""
    is_json = source.file.endswith(".json")
    trees = read_json(source) if is_json else read_yaml(source)
    marks = Marks((), (), ()) if is_json else find_marks(source)
    builders = [_Builder(source, marks) for _ in trees]
    sheets = [Sheet(builder.part(tree)) for builder, tree in zip(builders, trees, strict=True)]
    begins = [marks.document_before(tree.start) for tree in trees]
    for remark in marks.remarks if sheets else ():
        index = max(bisect_right(begins, remark.start) - 1, 0)
        builders[index].place(remark, sheets[index])
    for sheet in sheets:
        _tidy(sheet)
    return sheets


class _Bracket(NamedTuple):
    """A list or a mapping that stands in brackets; `outer` is the one around it."""

    tree: Tree
    owner: Entry | None
    branch: Branch
    outer: _Bracket | None


class _Begun(NamedTuple):
    """An entry with its value as it was read, and the innermost brackets in which it or its value stands."""

    entry: Entry
    value: Tree
    inside: _Bracket | None


class _Builder:
    """Lays out a tree, and knows where each entry began."""

    def __init__(self, source: Source, marks: Marks) -> None:
        self._source = source
        self._marks = marks
        self._starts: list[int] = []
        self._begun: list[_Begun] = []

    def part(self, tree: Tree, owner: Entry | None = None, outer: _Bracket | None = None) -> Part:
        """The layout of a part of the tree."""
        if isinstance(tree, Scalar):
            return Leaf(tree.text, is_raw=not isinstance(tree.value, str))
        branch = Branch([], is_list=isinstance(tree, List))
        in_brackets = self._source.text[tree.start : tree.start + 1] in ("[", "{")
        inside = _Bracket(tree, owner, branch, outer) if in_brackets else outer
        if owner is not None:
            self._begun[-1] = self._begun[-1]._replace(inside=inside)
        if isinstance(tree, Mapping):
            for key, value in tree.entries:
                self._add(branch, Entry(key.text, Leaf("")), key.start, value, inside)
        else:
            for item in tree.items:
                dash = None if in_brackets else self._marks.dash_before(item.start)
                self._add(branch, Entry(None, Leaf("")), item.start if dash is None else dash, item, inside)
        return branch

    def _add(self, branch: Branch, entry: Entry, start: int, value: Tree, inside: _Bracket | None) -> None:
        self._starts.append(start)
        self._begun.append(_Begun(entry, value, inside))
        branch.entries.append(entry)
        entry.value = self.part(value, entry, inside)

    def place(self, remark: Remark, sheet: Sheet) -> None:
        """Put a comment or an empty line where it belongs."""
        if not remark.is_alone and (beside := self._beside(remark)) is not None:
            beside.beside = remark.text
            return
        entry = self._below(remark)
        above = sheet.below if entry is None else entry.above
        if remark.text or above[-1:] != [""]:
            above.append(remark.text)

    def _beside(self, remark: Remark) -> Entry | None:
        """The first entry that begins in the line of a comment; else the value that ends in it."""
        line = self._source.text.rfind("\n", 0, remark.start) + 1
        index = bisect_left(self._starts, line)
        if index < len(self._starts) and self._starts[index] < remark.start:
            return self._begun[index].entry
        last = self._begun[index - 1] if index else None
        return last.entry if last is not None and isinstance(last.value, Scalar) and not last.entry.beside else None

    def _below(self, remark: Remark) -> Entry | None:
        """The entry above which a comment goes; None at the end of the document."""
        at = remark.start
        index = bisect_right(self._starts, at)
        following = self._begun[index].entry if index < len(self._begun) else None
        if not index:
            return following
        last = self._begun[index - 1]
        if isinstance(last.value, Scalar) and last.value.start > at:
            return last.entry
        inside = last.inside
        while inside is not None and not inside.tree.start < at < inside.tree.end:
            inside = inside.outer
        if inside is None or (following is not None and self._starts[index] < inside.tree.end):
            return following
        return inside.branch.entries[-1] if inside.branch.entries else inside.owner


def _tidy(sheet: Sheet) -> None:
    """Put the keys in order. What stands above all of them stays there, and no line is empty without a reason."""
    entries = _entries(sheet.root)
    head: list[str] = []
    if entries:
        head, entries[0].above = entries[0].above, head
    _put_in_order(sheet.root)
    if entries:
        entries[0].above = _join(head, entries[0].above)
    _lift(sheet.root)
    while sheet.below and not sheet.below[-1]:
        del sheet.below[-1]


def _lift(part: Part) -> None:
    """What is said of the first key of an item is said of the item: there is no line between them."""
    for entry in _entries(part):
        _lift(entry.value)
        inner = _entries(entry.value)
        if entry.key is not None or not inner or inner[0].key is None:
            continue
        first = inner[0]
        moved = [entry.beside] if first.beside and entry.beside else []
        entry.above = _join([*entry.above, *moved], first.above)
        entry.beside = first.beside or entry.beside
        first.above, first.beside = [], ""


def _join(above: list[str], more: list[str]) -> list[str]:
    """Lines above one another, with no two empty ones together."""
    return [*above, *(more[1:] if above[-1:] == more[:1] == [""] else more)]


# -- the order of keys, which is that of the JSON Schema

_orders = cache(orders)


def _put_in_order(root: Part) -> None:
    _sort(root, "workflow")
    for entry in _entries(root):
        if entry.key == "nodes":
            for node in _entries(entry.value):
                _sort_parts(node.value)
        elif entry.key == "state":
            _sort_types(entry.value)
        elif entry.key == "tools":
            for tool in _entries(entry.value):
                _sort_tool(tool.value)
        elif entry.key == "policy":
            _sort_policy(entry.value)
        elif entry.key in ("timeouts", "limits"):
            _sort(entry.value, entry.key)


def _sort_parts(node: Part) -> None:
    _sort(node, "node")
    for entry in _entries(node):
        if entry.key == "policy":
            _sort_policy(entry.value)
        elif entry.key in _orders():
            for part in (entry.value, *(item.value for item in _entries(entry.value) if item.key is None)):
                _sort(part, entry.key)


def _sort_policy(policy: Part) -> None:
    _sort(policy, "policy")
    for rule in _entries(_find(policy, "require_approval_for")):
        _sort(rule.value, "require_approval_for")


def _sort_tool(tool: Part) -> None:
    _sort(tool, "contract")
    for key in ("input", "output"):
        _sort_types(_find(tool, key))
    http = _find(tool, "http")
    _sort(http, "http")
    for header in _entries(_find(http, "headers")):
        _sort(header.value, "header")


def _find(part: Part, key: str) -> Part:
    """What stands under a key; nothing, if it isn't there."""
    return next((entry.value for entry in _entries(part) if entry.key == key), Leaf(""))


def _sort_types(part: Part) -> None:
    """The keys of types. Fields stay in the order in which they were declared."""
    if any(entry.key is not None and entry.key.startswith("$") for entry in _entries(part)):
        _sort(part, "type")
    for entry in _entries(part):
        if entry.key != "$default":
            _sort_types(entry.value)


def _sort(part: Part, name: str) -> None:
    """Known keys in their order, others behind them in theirs."""
    turns = {key: turn for turn, key in enumerate(_orders()[name])}
    if isinstance(part, Branch) and not part.is_list:
        part.entries.sort(key=lambda entry: turns.get(entry.key or "", len(turns)))


def _entries(part: Part) -> list[Entry]:
    return part.entries if isinstance(part, Branch) else []
