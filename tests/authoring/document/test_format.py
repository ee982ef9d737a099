"""Documents in their one form: nothing but the form changes, and every comment is kept."""

from __future__ import annotations

from pathlib import Path
from random import Random
from textwrap import dedent

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pectin.authoring.document.comments import comments_of, find_marks
from pectin.authoring.document.format import format_text
from pectin.authoring.document.hashes import hashes
from pectin.authoring.document.layout import Sheet, lay_out
from pectin.authoring.document.tree import Source, plain
from pectin.authoring.document.write import write_document
from pectin.authoring.document.write_json import write_json
from pectin.authoring.document.write_yaml import write_yaml
from pectin.authoring.document.yaml import read_yaml
from pectin.core.definition import Json
from pectin.core.problem import DefinitionError
from tests.authoring.document.drawn import INNER, draw_definition
from tests.authoring.document.drawn_types import TEXTS
from tests.authoring.document.transcript import cases, document_of

EXAMPLES = Path(__file__).parents[3] / "examples"

UNTIDY = """\
# For the shop.

# yaml-language-server: $schema=workflow.schema.json
version: 1.0.0   # the first
workflow: refund
nodes:   # all of them

  # the shop's API
  look_up:
    then: assess # on
    run: look_up


    # retries
    retry: {max_delay: 5s, # longest
       max_attempts: 3}
  assess: {run: assess, then: [{when: 'state.risk == "high"', to: "review"}, # first
    {to: pay, otherwise: true}, # second
    # last
    ]}

  pay: {effect: keyed, run: pay}   # pays
  review:
    decisions: {approved: pay, rejected: end}
    approval: >   # asks
      Refund {{ state.amount }} for
      {{ state.order }}?
    deadline: # so long
      # three days
      72h
# below
---
# another
workflow: other
version: "1.0.0"
state:
  items:
  # each
  - # item
    # sku
    sku: string # s
    count?: int
  $nullable: true
nodes: {}
# the end

"""

TIDY = """\
# For the shop.

# yaml-language-server: $schema=workflow.schema.json
workflow: refund
version: 1.0.0  # the first

nodes:  # all of them
  # the shop's API
  look_up:
    run: look_up

    # retries
    retry: {max_attempts: 3, max_delay: 5s}  # longest
    then: assess  # on
  assess:  # first
    run: assess
    then:
      - to: review
        when: state.risk == "high"
      # last
      - to: pay  # second
        otherwise: true

  pay: {run: pay, effect: keyed}  # pays
  review:
    approval: |  # asks
      Refund {{ state.amount }} for {{ state.order }}?
    # three days
    deadline: 72h  # so long
    decisions: {approved: pay, rejected: end}
# below
---
# another
workflow: other
version: 1.0.0
state:
  $nullable: true
  items:
    # each
    # item
    # sku
    - {sku: string, count?: int}  # s

nodes: {}
# the end
"""


def read(text: str) -> list[Json]:
    return [plain(tree) for tree in read_yaml(Source(text, "a.yaml"))]


def tidy(text: str) -> str:
    return format_text(Source(text, "a.yaml"))


def test_order_quotes_lines_and_comments() -> None:
    assert tidy(UNTIDY) == TIDY
    assert tidy(TIDY) == TIDY


def test_values_stay_as_they_were_written() -> None:
    text = dedent(
        """\
        workflow: a
        version: 1.0.0
        state: {x: decimal = 1.50, y: {$type: decimal, $default: 2.50}}
        stop_grace: 90s
        limits: {max_iterations: 0x10, wall_time: ~, on_limit: True}
        nodes: {a: {run: a, timeout: PT1H, retry: {max_attempts: 1}}}
        """
    )
    assert tidy(text) == dedent(
        """\
        workflow: a
        version: 1.0.0
        state:
          x: decimal = 1.50
          y: {$type: decimal, $default: 2.50}
        limits: {max_iterations: 0x10, wall_time: ~, on_limit: True}
        stop_grace: 90s

        nodes:
          a: {run: a, retry: {max_attempts: 1}, timeout: PT1H}
        """
    )


def test_the_order_of_nodes_fields_and_decisions_is_the_authors() -> None:
    text = (
        "workflow: a\nnodes:\n  b: {decisions: {z: end, a: end}, approval: x}\n  a: {run: a}\nstate: {y: int, x: int}\n"
    )
    assert tidy(text) == (
        "workflow: a\nstate:\n  y: int\n  x: int\n\nnodes:\n"
        "  b:\n    approval: x\n    decisions: {z: end, a: end}\n  a: {run: a}\n"
    )


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("a:\n  # c\n  1\n", "# c\na: 1\n"),
        ("a: [\n  # c\n]\n", "# c\na: []\n"),
        ("a: [1, # c\n 2]\n", "a: [1, 2]  # c\n"),
        ("a: [1,\n 2 # c\n ]\n", "a:\n  - 1\n  - 2  # c\n"),
        ("a: [1\n  # c\n ]\nb: 1\n", "a:\n  # c\n  - 1\nb: 1\n"),
        ('a: "x\n  y" # c\nb: 1\n', "a: x y  # c\nb: 1\n"),
        ("a: 1\n\n\n\n# c\n\n\n", "a: 1\n\n# c\n"),
        ("# c\n---\na: 1\n...\n# d\n", "# c\na: 1\n# d\n"),
        ("a: 1\n--- # c\nb: 1\n", "a: 1\n---\n# c\nb: 1\n"),
        ("a: 1\n---\n# c\n", "a: 1\n# c\n"),
        ("a:\n  - # c\n    b: 1 # d\n    c: 2\n", "a:\n  # c\n  - {b: 1, c: 2}  # d\n"),
        ("a:\n  - - 1 # c\n    # d\n    - 2\n", "a:\n  -  # c\n    - 1\n    # d\n    - 2\n"),
        ("? a # c\n: 1\n", "a: 1  # c\n"),
        ("a: |-  # c\n  x\n  y\n\nb: 1\n", "a: |-  # c\n  x\n  y\n\nb: 1\n"),
        ("a: {b: , c: 1} # c\n", "a:  # c\n  b:\n  c: 1\n"),
        ("a:   # c\nb:\n  -\n  - # d\n", "a:  # c\nb:\n  -\n  -  # d\n"),
        ("a: {b: 1}   # c\n", "a: {b: 1}  # c\n"),
    ],
)
def test_a_comment_finds_a_place(text: str, form: str) -> None:
    assert tidy(text) == form
    assert tidy(form) == form
    assert read(form) == read(text)


@pytest.mark.parametrize("path", [*EXAMPLES.glob("*.yaml"), *EXAMPLES.glob("*.json")], ids=lambda path: path.name)
def test_the_examples_are_in_form(path: Path) -> None:
    text = path.read_text("utf-8")
    assert format_text(Source(text, path.name)) == text, f"run `pectin fmt examples/{path.name}`"


def test_json_has_a_form_too() -> None:
    text = '{"version": "1.0.0", "nodes": {"a": {"then": "end",\n "run": "a"}}, "workflow": "a"}'
    form = '{\n  "workflow": "a",\n  "version": "1.0.0",\n  "nodes": {\n    "a": {"run": "a", "then": "end"}\n  }\n}\n'
    assert format_text(Source(text, "a.json")) == form
    assert format_text(Source(form, "a.json")) == form


def test_what_is_no_yaml_is_refused() -> None:
    with pytest.raises(DefinitionError, match="isn't closed"):
        tidy("a: [1")


def test_a_broken_document_has_a_form_as_long_as_it_can_be_read() -> None:
    count = 0
    for text, file, _ in map(document_of, cases()):
        try:
            meant = hashes(text, file)
        except DefinitionError:
            continue
        form = format_text(Source(text, file))
        assert format_text(Source(form, file)) == form
        assert hashes(form, file) == meant
        count += 1
    assert count > 200


# -- random documents in random forms, with comments in random places


def mutate(random: Random, text: str, meant: list[Json]) -> str:
    """The text with comments and empty lines wherever they change nothing."""
    for index in range(random.randint(0, 15)):
        lines = text.split("\n")
        at = random.randrange(len(lines))
        match random.randrange(3):
            case 0:
                lines.insert(at, f"{' ' * random.choice((0, 0, 2, 4, 6))}# alone {index}")
            case 1:
                lines[at] += f"  # beside {index}"
            case _:
                lines[at:at] = [""] * random.randint(1, 3)
        changed = "\n".join(lines)
        try:
            text = changed if read(changed) == meant else text
        except DefinitionError:
            continue
    return text


def dump(random: Random, documents: list[Json]) -> str:
    """The documents as we write them, or as another program would."""
    if random.random() < 0.3:
        return write_yaml([Sheet(lay_out(each)) for each in documents])
    return yaml.safe_dump_all(
        documents,
        default_flow_style=random.choice((None, True, False)),
        width=random.choice((20, 40, 80, 200)),
        allow_unicode=True,
        sort_keys=random.random() < 0.3,
        explicit_start=random.random() < 0.5,
        indent=random.choice((2, 4)),
    )


@given(st.integers(0, 2**32))
def test_a_form_keeps_the_definition_and_every_comment(seed: int) -> None:
    random = Random(seed)
    documents = [write_document(draw_definition(seed)), INNER][: 1 + seed % 2]
    text = (
        dump(random, documents) if random.random() < 0.7 else write_yaml([Sheet(lay_out(each)) for each in documents])
    )
    try:
        meant = read(text)
    except DefinitionError:  # PyYAML writes a text of YAML 1.1
        return
    text = mutate(random, text, meant)
    form = tidy(text)
    assert read(form) == meant
    assert hashes(form, "a.yaml") == hashes(text, "a.yaml")
    assert comments_of(find_marks(Source(form, "a.yaml"))) == comments_of(find_marks(Source(text, "a.yaml")))
    assert tidy(form) == form
    as_json = write_json([Sheet(lay_out(each)) for each in documents])
    assert hashes(format_text(Source(as_json, "a.json")), "a.json") == hashes(as_json, "a.json")


def draw_value(random: Random, depth: int = 0) -> Json:
    drawn = random.random()
    if depth > 4 or drawn < 0.5:
        return random.choice((*TEXTS, *TEXTS, 1, 1.5, True, None, -3, 1e16))
    if drawn < 0.75:
        return {random.choice(KEYS): draw_value(random, depth + 1) for _ in range(random.randint(0, 4))}
    return [draw_value(random, depth + 1) for _ in range(random.randint(0, 4))]


KEYS = (*(text[:80] for text in TEXTS), "workflow", "nodes", "state", "then", "when", "to", "a", "b")


@given(st.integers(0, 2**32))
def test_a_form_keeps_what_is_no_workflow_too(seed: int) -> None:
    random = Random(seed)
    documents: list[Json] = [
        {random.choice(KEYS): draw_value(random) for _ in range(random.randint(1, 6))}
        for _ in range(random.choice((1, 1, 2, 3)))
    ]
    text = (
        dump(random, documents) if random.random() < 0.7 else write_yaml([Sheet(lay_out(each)) for each in documents])
    )
    try:
        meant = read(text)
    except DefinitionError:
        return
    text = mutate(random, text, meant)
    form = tidy(text)
    assert read(form) == meant
    assert tidy(form) == form
