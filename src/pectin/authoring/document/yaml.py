"""YAML as a tree: a safe part of YAML 1.2, read from the events of libyaml, which knows nothing of Python's types.

What makes YAML surprising is refused by name: tags, anchors, aliases, merge keys, keys that stand twice. Words mean
what the core schema of YAML 1.2 says, so that `on`, `yes`, `no` and `12:30` are texts.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from pectin.authoring.document.syntax import Reading, Unreadable, check_text
from pectin.authoring.document.tree import Mapping, Scalar, Sequence, Source, Tree
from pectin.authoring.document.yaml_error import explain
from pectin.core.definition import Json

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_WORDS: Final[dict[str, Json]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER: Final = re.compile(
    r"(?P<int>[-+]?[0-9]+)|0o(?P<octal>[0-7]+)|0x(?P<hex>[0-9a-fA-F]+)"
    r"|(?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<none>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
_MAY_BE_NUMBER: Final = frozenset("+-.0123456789")


def read_yaml(source: Source) -> list[Tree]:
    """The documents of a YAML text. Raises `DefinitionError` with everything that is wrong with it."""
    check_text(source)
    reading = Reading(source)
    loader = _LOADER(source.text)
    try:
        found = _Reader(reading, loader).read()
    except Unreadable as error:
        raise reading.refuse(error) from None
    except yaml.YAMLError as error:
        raise reading.refuse(explain(error, source.text)) from None
    finally:
        loader.dispose()
    return reading.finish(found)


class _Open:
    """A list or a mapping whose end is not yet read. A list's parts are its items, a mapping's keys and values."""

    __slots__ = ("is_mapping", "parts", "start")

    def __init__(self, is_mapping: bool, start: int) -> None:
        self.is_mapping = is_mapping
        self.start = start
        self.parts: list[Tree] = []


class _Reader:
    """Makes trees of events."""

    def __init__(self, reading: Reading, loader: Any) -> None:
        self._reading = reading
        self._loader = loader
        self._open: list[_Open] = []
        self._documents: list[Tree] = []

    def read(self) -> list[Tree]:
        """Every document that isn't empty."""
        while True:
            event: Any = self._loader.get_event()
            kind: Any = event.__class__
            if kind is yaml.ScalarEvent:
                self._add(self._scalar(event))
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._begin(event)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._end(event.end_mark.index)
            elif kind is yaml.AliasEvent:
                self._add(self._alias(event))
            elif kind is yaml.StreamEndEvent:
                return self._documents

    def _begin(self, event: Any) -> None:
        start = event.start_mark.index
        self._reading.count(start, len(self._open) + 1)
        self._refuse_properties(event, start)
        self._open.append(_Open(isinstance(event, yaml.MappingStartEvent), start))

    def _end(self, end: int) -> None:
        ended = self._open.pop()
        if ended.is_mapping:
            self._add(self._mapping(ended, end))
        else:
            self._add(Sequence(tuple(ended.parts), ended.start, end))

    def _add(self, node: Tree) -> None:
        if self._open:
            self._open[-1].parts.append(node)
        elif not (isinstance(node, Scalar) and node.is_plain and not node.text):  # what follows a last `---`
            self._documents.append(node)

    def _scalar(self, event: Any) -> Scalar:
        start, end, text = event.start_mark.index, event.end_mark.index, event.value
        self._reading.count(start, len(self._open))
        if event.tag is not None or event.anchor is not None:
            self._refuse_properties(event, start)
        style = event.style or ""
        return Scalar(text, text if style else self._resolve(text, start, end), start, end, style)

    def _resolve(self, text: str, start: int, end: int) -> Json:
        """What a plain scalar means in the core schema."""
        if text in _WORDS:
            return _WORDS[text]
        match = _NUMBER.fullmatch(text) if text[0] in _MAY_BE_NUMBER else None
        if match is None:
            return text
        if match["none"]:
            self._reading.note(start, end, f"`{text}` is no number that JSON has", "write null, or text in quotes")
            return None
        if match["float"]:
            return self._reading.number(start, end, float, text)
        digits, base = match["int"] or match["octal"] or match["hex"], 8 if match["octal"] else 16
        return self._reading.number(start, end, int, digits, 10 if match["int"] else base)

    def _mapping(self, ended: _Open, end: int) -> Mapping:
        entries: list[tuple[Scalar, Tree]] = []
        known: dict[str, Scalar] = {}
        for key, value in zip(ended.parts[::2], ended.parts[1::2], strict=True):
            if not isinstance(key, Scalar):
                self._refuse_key(key)
            elif key.is_plain and key.text == "<<":
                hint = "write its keys here, too"
                self._reading.note(key.start, key.end, "`<<` would merge another mapping into this one", hint)
            elif self._reading.key(key, known.get(key.text)):
                known[key.text] = key
                entries.append((key, value))
        return Mapping(tuple(entries), ended.start, end)

    def _refuse_key(self, key: Tree) -> None:
        text = self._reading.source.text
        if text.startswith("{", key.start) and "{{" in text[max(key.start - 1, 0) : key.start + 2]:
            start = key.start - 1 if text.startswith("{{", key.start - 1) else key.start
            hint = "put the whole text in quotes"
            self._reading.note(start, start + 2, "`{{` begins a mapping in a mapping here, not an expression", hint)
        else:
            self._reading.note(key.start, key.end, "a key is a word, not a list or a mapping", "write a word")

    def _alias(self, event: Any) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        self._reading.count(start, len(self._open))
        message = f"`*{event.anchor}` stands for another part of the document"
        self._reading.note(start, end, message, "write it out; a text that begins with `*` stands in quotes")
        return Scalar("", None, start, end)

    def _refuse_properties(self, event: Any, start: int) -> None:
        """Tags and anchors, which stand before what they belong to."""
        text, tag = self._reading.source.text, event.tag
        if event.anchor is not None:
            start = max(text.find("&", start), 0)
            hint = "leave it out; a text that begins with `&` stands in quotes"
            self._reading.note(start, start + 1 + len(event.anchor), f"`&{event.anchor}` is an anchor", hint)
        if tag is None:
            return
        at = max(text.find("!", start), 0)
        shown = re.findall(r"[^\s,\[\]{}]+", text[at : at + 200])[0]
        rest = event.value if isinstance(event, yaml.ScalarEvent) else ""
        example = f"`'{shown}{' ' if rest else ''}{rest}'`" if len(rest) < 60 else "the whole"
        hint = f"an expression that begins with `!` stands in quotes: {example}"
        if shown.startswith("!!"):
            hint = "leave it out: a value is what it looks like, and text in quotes is text"
        self._reading.note(at, at + len(shown), f"`{shown}` is a tag", hint)
