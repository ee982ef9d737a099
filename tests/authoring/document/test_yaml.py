"""YAML as a tree. What is refused stands in `broken/syntax.txt`."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from pectin import DefinitionError
from pectin.authoring.document import yaml as ours
from pectin.authoring.document.tree import Scalar, Source, plain, walk


def read(text: str) -> list[Any]:
    return [plain(tree) for tree in ours.read_yaml(Source(text, "w.yaml"))]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(
            (word, word)
            for word in ("on", "off", "yes", "no", "y", "n", "12:30", "1:2:3", "2026-11-24", "1_000", "0b1")
        ),
        *((word, True) for word in ("true", "True", "TRUE")),
        *((word, False) for word in ("false", "False", "FALSE")),
        *((word, None) for word in ("~", "null", "Null", "NULL", "")),
        ("'true'", "true"),
        ('"1"', "1"),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("-7", -7),
        ("+7", 7),
        ("1.50", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1.0.0", "1.0.0"),
        ("a-b", "a-b"),
        ("tRue", "tRue"),
        ("1 2", "1 2"),
    ],
)
def test_words_mean_what_the_core_schema_says(text: str, value: object) -> None:
    ((found,),) = [list(document.values()) for document in read(f"a: {text}\n")]
    assert found == value
    assert type(found) is type(value)


def test_documents_are_read_one_by_one() -> None:
    assert read("") == []
    assert read("---\n---\n") == []
    assert read("a: 1\n---\n# nothing\n---\nb: 2\n---\n") == [{"a": 1}, {"b": 2}]
    assert read("%YAML 1.2\n---\na: 1\n...\n") == [{"a": 1}]


def test_a_key_is_a_text_whatever_it_looks_like() -> None:
    assert read("on: 1\nnull: 2\n3: 4\ntrue: 5\n'<<': 6\n") == [{"on": 1, "null": 2, "3": 4, "true": 5, "<<": 6}]


def test_offsets_count_characters() -> None:
    text = "é𝄞: [\"x\\ny\", 'it''s']\nb: |\n  ü\nc: plain\n  more\n"
    (tree,) = ours.read_yaml(Source(text, "w.yaml"))
    shown = {node.text: text[node.start : node.end] for node in walk(tree) if isinstance(node, Scalar)}
    assert shown["é𝄞"] == "é𝄞"
    assert shown["x\ny"] == '"x\\ny"'
    assert shown["it's"] == "'it''s'"
    assert shown["plain more"] == "plain\n  more"


def test_the_reader_in_python_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: [1, {b: 'x'}]\nc: |\n  d\ne: \"f\"\n"
    before = ours.read_yaml(Source(text, "w.yaml"))
    monkeypatch.setattr(ours, "_LOADER", yaml.SafeLoader)
    assert [plain(tree) for tree in ours.read_yaml(Source(text, "w.yaml"))] == [plain(tree) for tree in before]


def test_a_document_has_a_limited_size() -> None:
    with pytest.raises(DefinitionError, match="more than 250,000 values"):
        read("[" + "1," * 250_001 + "]")
    with pytest.raises(DefinitionError, match="more than 4,194,304 characters"):
        read("# " + "x" * 4_194_304)
    with pytest.raises(DefinitionError, match="more than 64 levels deep"):
        read("[" * 100_000)
