"""One document while it is read into a draft: where its parts stand, what was wrong with them, and its mappings.

What can't be used is noted and left out, so that the rest can be checked. Nothing here raises because of the author.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Scalar, Sequence, Source, Tree, is_empty, name_of
from pectin.authoring.draft import Draft, DraftNode
from pectin.authoring.tool import WrittenTool
from pectin.core.definition import Place
from pectin.core.duration import parse_duration
from pectin.core.error import BadValue
from pectin.core.hint import closest, did_you_mean
from pectin.core.problem import Problem

W = TypeVar("W", bound=StrEnum)

_HABITS: Mapping[str, bool] = {
    **dict.fromkeys(("yes", "on", "y"), True),
    **dict.fromkeys(("no", "off", "n"), False),
}
"""The words that are booleans in YAML 1.1, and texts in 1.2."""


class Page:
    """A document, and the draft that it becomes."""

    def __init__(self, source: Source, draft: Draft) -> None:
        self.source = source
        self.draft = draft
        self.children: list[tuple[DraftNode, str, str, Tree]] = []
        """The nodes that run another document: with its id, its version, and where they say so."""
        self.tools: dict[str, WrittenTool] = {}
        """The tools by the names that the document has for them."""

    def place(self, tree: Tree) -> Place:
        """Where a part of the document begins."""
        return self.source.place(tree.start)

    def note(self, tree: Tree, code: str, message: str, hint: str = "") -> None:
        """Note what is wrong with a part of the document."""
        self.draft.note(self.place(tree), code, message, hint or None)

    def note_within(self, scalar: Scalar, code: str, message: str, hint: str, *, start: int, end: int) -> None:
        """Note what is wrong with some characters of a text."""
        place = self.place(scalar)
        problem = Problem(code, "", message, hint or None, place, scalar.text, start, end)
        self.draft.problems.append(problem)

    def point(self, subject: Place, part: str, tree: Tree) -> None:
        """Say where a field of a node, an edge or the workflow stands."""
        self.draft.parts.setdefault(subject, {})[part] = self.place(tree)

    # -- single values -----------------------------------------------------------------------------------------------

    def text(self, tree: Tree, what: str, hint: str = "put it in quotes") -> str | None:
        """A text, or None after noting that it is none."""
        if isinstance(tree, Scalar) and isinstance(tree.value, str):
            return tree.value
        hint = "write one" if is_empty(tree) else hint
        self.note(tree, "E044", f"{what} is {name_of(tree)}, and has to be a text", hint)
        return None

    def name(self, tree: Tree, what: str, hint: str = "write its name") -> str | None:
        """A name; one that looks like a number or a boolean is still one. None after noting that it is none."""
        if isinstance(tree, Scalar) and tree.text:
            return tree.text
        self.note(tree, "E044", f"{what} is {name_of(tree)}, and has to be a name", hint)
        return None

    def expression(self, tree: Tree, what: str) -> str | None:
        """An expression: any single value, as it is written."""
        if isinstance(tree, Scalar) and tree.text:
            return tree.text
        hint = "write one" if is_empty(tree) else "an expression that begins with `[`, `{` or `!` stands in quotes"
        self.note(tree, "E014", f"{what} is {name_of(tree)}, and has to be an expression", hint)
        return None

    def duration(self, tree: Tree, what: str, *, may_be_zero: bool = False) -> int | None:
        """A duration in milliseconds."""
        if not isinstance(tree, Scalar):
            hint = 'write "90s", "1h30m" or whole seconds'
            self.note(tree, "E022", f"{what} is {name_of(tree)}, and has to be a duration", hint)
            return None
        try:
            duration_ms = parse_duration(tree.value, what)
        except BadValue as error:
            self.note(tree, "E022", f"{what}: {error.what}", error.hint)
            return None
        if duration_ms == 0 and not may_be_zero:
            self.note(tree, "E022", f"{what}: `{tree.text}` is no time at all", "write a longer one")
            return None
        return duration_ms

    def number(self, tree: Tree, what: str) -> int | None:
        """A whole number. Which ones will do is the core's to check."""
        if isinstance(tree, Scalar) and type(tree.value) is int:
            return tree.value
        self.note(tree, "E044", f"{what} is {name_of(tree)}, and has to be a whole number", "write one from 1 on")
        return None

    def boolean(self, tree: Tree, what: str) -> bool | None:
        """True or false."""
        if isinstance(tree, Scalar) and isinstance(tree.value, bool):
            return tree.value
        hint = "write `true` or `false`"
        if isinstance(tree, Scalar) and tree.is_plain and tree.text.lower() in _HABITS:
            meant = "true" if _HABITS[tree.text.lower()] else "false"
            hint = f"write `{meant}`: `{tree.text}` is a text in YAML 1.2"
        self.note(tree, "E044", f"{what} is {name_of(tree)}, and has to be a boolean", hint)
        return None

    def word(self, tree: Tree, what: str, words: type[W], code: str) -> W | None:
        """One of several words."""
        given = tree.text if isinstance(tree, Scalar) else ""
        if given in tuple(words):
            return words(given)
        hint = did_you_mean(given, words) or f"use one of {', '.join(words)}"
        self.note(tree, code, f"{what} is {name_of(tree)}, which is unknown", hint)
        return None

    def names(self, tree: Tree, what: str) -> tuple[str, ...]:
        """The names in a list, after noting what is none."""
        if not isinstance(tree, Sequence):
            example = tree.text if isinstance(tree, Scalar) and tree.text else "…"
            self.note(tree, "E044", f"{what} is {name_of(tree)}, and has to be a list", f"write `[{example}]`")
            return ()
        found = [self.name(item, f"an item of {what}") for item in tree.items]
        return tuple(name for name in found if name is not None)

    def mapping(self, tree: Tree, what: str, example: str) -> MappingTree | None:
        """A mapping, or None after noting that it is none."""
        if isinstance(tree, MappingTree):
            return tree
        self.note(tree, "E044", f"{what} is {name_of(tree)}, and has to be a mapping", f"write `{example}`")
        return None

    def labels(self, tree: Tree, what: str) -> dict[str, str]:
        """Texts by keys of any name, after noting what is none."""
        found = self.mapping(tree, what, "{team: payments}")
        texts = {key.text: self.text(value, f"`{key.text}` of {what}") for key, value in found.entries} if found else {}
        return {key: text for key, text in texts.items() if text is not None}

    def items(self, tree: Tree) -> tuple[Tree, ...]:
        """The items of a list; anything else is a list of itself."""
        return tree.items if isinstance(tree, Sequence) else (tree,)


class Fields:
    """A mapping with known keys. `what` is what messages call it; `keys` are those that it may have."""

    def __init__(self, page: Page, tree: MappingTree, what: str, keys: Iterable[str]) -> None:
        self.page = page
        self.tree = tree
        self.what = what
        self.has_unknown = False
        """Whether a key is there that isn't known: it may be a known one, misspelt."""
        self._meant: set[str | None] = set()
        self._values = {key.text: (key, value) for key, value in tree.entries}
        self._refuse_unknown(tuple(keys))

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def key(self, key: str) -> Scalar:
        """The key itself, which is there."""
        return self._values[key][0]

    def get(self, key: str) -> Tree | None:
        """The value of a key."""
        found = self._values.get(key)
        return None if found is None else found[1]

    def read(self, key: str, read: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """What a reader of the page makes of a value, or None where there is no such key."""
        value = self.get(key)
        return None if value is None else read(value, f"`{key}` of {self.what}", *arguments, **options)

    def require(self, key: str, example: str) -> Tree | None:
        """The value of a key; notes it if there is none."""
        value = self.get(key)
        if value is None and key not in self._meant:
            self.page.note(self.tree, "E044", f"{self.what} has no `{key}`", f"add `{key}: {example}`")
        return value

    def _refuse_unknown(self, keys: tuple[str, ...]) -> None:
        unknown = [key for name, (key, _) in self._values.items() if name not in keys]
        missing = [key for key in keys if key not in self._values]
        self.has_unknown = bool(unknown)
        for key in unknown:
            meant = closest(key.text, missing) or closest(key.text, keys)
            hint = list_keys(keys) if meant is None else f"did you mean `{meant}`?"
            self._meant.add(meant)
            self.page.note(key, "E044", f"{self.what} has no key `{key.text}`", hint)


def list_keys(keys: Iterable[str]) -> str:
    """Which keys there are."""
    return f"there are {', '.join(f'`{key}`' for key in keys)}"
