"""What libyaml says about a text that is no YAML, in words that help whoever wrote it."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from pectin.authoring.document.syntax import Unreadable

_QUOTES: Final = "put the text in quotes"

_SIGNS: Final = {
    "\t": ("a tab can't indent", "use spaces"),
    "@": ("a text can't begin with `@`", _QUOTES),
    "`": ("a text can't begin with a backtick", _QUOTES),
    "%": ("a text can't begin with `%`", _QUOTES),
}

_WORDS: Final = {
    "mapping values are not allowed": (
        "a `: ` begins a value here, where none can stand",
        "put a text that has `: ` in it in quotes, and each key on a line of its own",
    ),
    "did not find expected key": (
        "this doesn't go on what stands above it",
        "indent it like its neighbours",
    ),
    "could not find expected ':'": ("a key without a value", "write `key: value`"),
    "did not find expected ',' or ']'": (
        "a list that begins with `[` isn't closed here",
        "write `]` or a comma; a text with `[`, `,` or `]` in it stands in quotes",
    ),
    "did not find expected ',' or '}'": (
        "a mapping that begins with `{` isn't closed here",
        "write `}` or a comma; a text with `{`, `,` or `}` in it stands in quotes",
    ),
    "did not find expected '-' indicator": (
        "this doesn't go on the list above it",
        "begin it with `- `, indented like the other items",
    ),
    "mapping keys are not allowed": ("a `?` can't begin a value", _QUOTES),
    "found duplicate": ("this stands twice", "delete one"),
    "block sequence entries are not allowed": ("a list can't begin here", "begin it on a line of its own"),
    "did not find expected node content": ("there is nothing here that could be a value", _QUOTES),
    "invalid Unicode character escape": ("this escape stands for no character", "write the character itself"),
    "found unknown escape character": (
        "there is no such escape in double quotes",
        "double the backslash, or use single quotes",
    ),
    "found a tab character": _SIGNS["\t"],
    "found unexpected end of stream": ("a quote is never closed", "close it; a quote in a text is doubled: `''`"),
    "found unexpected document indicator": ("a quote is never closed", "close it before `---`"),
    "did not find expected <document start>": (
        "this stands outside of the document",
        "indent all keys of the document alike, or begin another document with `---`",
    ),
    "found undefined tag handle": ("this is a tag", "leave it out; a text that begins with `!` stands in quotes"),
    "did not find expected alphabetic or numeric character": ("this is an anchor or an alias", _QUOTES),
    "did not find expected alphanumeric": ("this is an anchor or an alias", _QUOTES),
    "did not find expected whitespace or line break": ("this is a tag", _QUOTES),
    "did not find expected comment or line break": (
        "something stands behind the sign of a block text",
        "begin the text on the next line",
    ),
    "while parsing a tag": ("this is a tag", _QUOTES),
    "while scanning a tag": ("this is a tag", _QUOTES),
    "while scanning a directive": ("a line that begins with `%` is a directive", "delete it"),
    "while scanning an anchor": ("this is an anchor", _QUOTES),
    "while scanning an alias": ("this is an alias", _QUOTES),
}
"""Beginnings of what libyaml says, in the order in which they are looked for, and our words for it."""


_SIGN: Final = re.compile(r"(?:^|[:,\[{-])\s*([!&*][^,\[\]{}]*)$")
_SIGN_WORD: Final = re.compile(r"[!&*][^\s,\[\]{}]*")


def explain(error: yaml.YAMLError, text: str) -> Unreadable:
    """The error with its place, in our words."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    at = min(mark.index if mark is not None else 0, len(text))
    said = str(getattr(error, "problem", None) or error)
    context = str(getattr(error, "context", None) or "")
    opened = getattr(error, "context_mark", None)
    opened_at = at if opened is None else opened.index
    if found := _explain_sign(text, at, said, context):
        return found
    if "character that cannot start any token" in said or "found character" in said:
        message, hint = _SIGNS.get(text[at : at + 1], (f"`{text[at : at + 1]}` can't begin a value", _QUOTES))
        return Unreadable(at, at + 1, message, hint)
    if "quoted scalar" in context:
        return _explain_quotes(text, said, opened_at, at)
    if "flow sequence" in context or "flow mapping" in context or "simple key" in context:
        is_elsewhere = "\n" in text[opened_at:at].rstrip() or not text[at:].strip()
        at = opened_at if is_elsewhere or "simple key" in context else at
    if "expected key" in said and text[text.rfind("\n", 0, at) + 1 : at].strip():
        hint = "put the whole value in quotes; within single quotes, a quote is doubled: `''`"
        return _at_word(text, at, "something stands behind the end of a value", hint)
    for beginning, (message, hint) in _WORDS.items():
        if beginning in said or beginning in context:
            return _at_word(text, at, message, hint)
    return Unreadable(at, at + 1, f"this is no YAML: {said}", "look at what stands before it")


def _explain_sign(text: str, at: int, said: str, context: str) -> Unreadable | None:
    """What begins with a sign that YAML takes for its own, though a text was meant."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    begun = _SIGN.search(line)
    is_about = any(word in said + context for word in ("tag", "anchor", "alias"))
    if begun is not None and (is_about or begun[1][0] == "!"):
        start = at - len(line) + begun.start(1)
        sign, word = begun[1][0], _SIGN_WORD.match(text, start)
        shown = word[0] if word is not None else sign
        what = {"!": "a tag", "&": "an anchor", "*": "an alias"}[sign]
        hint = f"a text or an expression that begins with `{sign}` stands in quotes, as a whole"
        return Unreadable(start, start + len(shown), f"`{shown}` is {what}", hint)
    sign = text[at : at + 1]
    if sign == "," and "node content" in said:
        return Unreadable(at, at + 1, "nothing stands before this comma", "delete it, or put the text in quotes")
    if sign and sign in "]}" and "flow" not in context:
        return Unreadable(at, at + 1, f"`{sign}` closes nothing", "delete it, or put the text in quotes")
    return None


def _explain_quotes(text: str, said: str, opened: int, at: int) -> Unreadable:
    message, hint = next((words for start, words in _WORDS.items() if start in said), (f"a bad quote: {said}", ""))
    if "unexpected" not in said:
        return Unreadable(at, at + 1, message, hint)
    if text.startswith('"', opened):
        hint = 'close it; a quote in a text is written `\\"`'
    return Unreadable(opened, opened + 1, message, hint)


def _at_word(text: str, at: int, message: str, hint: str) -> Unreadable:
    """Under the word that begins there; at the end of a text, under what stands last."""
    if not text[at:].strip():
        at = max(len(text.rstrip()) - 1, 0)
    word: Any = re.compile(r"[\w.-]+|.").match(text, at)
    return Unreadable(at, at + 1 if word is None else word.end(), message, hint)
