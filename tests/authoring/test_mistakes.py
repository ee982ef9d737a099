"""What `build` says of mistakes that a type checker can't see, or that nobody checked."""

from __future__ import annotations

from typing import Any, TypedDict

import pytest
from pydantic import BaseModel, Field

from pectin.authoring.handle import END
from pectin.authoring.workflow import Workflow
from pectin.core.problem import DefinitionError
from pectin.ports.context import Context
from tests.authoring.mistake import Mistake, Mistakes, read, tell
from tests.authoring.orders import Item, Order, SomeOfOrder, new_workflow

MISTAKES = Mistakes()
told = MISTAKES.told


class Misspelt(TypedDict):
    recipt: str


class Loose(TypedDict):
    risk: str


class Sets(TypedDict):
    labels: set[str]


class Hidden(BaseModel):
    id: str = Field(default="", exclude=True)


class Part(BaseModel):
    id: str


def keep(state: Order) -> Order:
    return state


@told("node `f` returns Misspelt with `recipt`, which Order lacks; did you mean `receipt`?")
def a_key_that_the_state_lacks(wf: Any, first: Any) -> None:
    def f(state: Order) -> Misspelt: ...

    first.then(wf.node(f))


@told("node `f` returns Loose, whose `risk` is a string; in Order it is 'low' or 'high'")
def a_key_of_another_type(wf: Any, first: Any) -> None:
    def f(state: Order) -> Loose: ...

    first.then(wf.node(f))


@told("f: `state` has no field `itms`\n    state.itms\n          ^^^^  did you mean `items`?")
def a_path_to_nothing(wf: Any, first: Any) -> None:
    @wf.each("state.itms")
    def f(item: Item) -> str: ...

    first.then(f)


@told("`f` takes item: str, but the items of `state.items` are Item")
def items_of_another_type(wf: Any, first: Any) -> None:
    @wf.each("state.items")
    def f(item: str) -> str: ...

    first.then(f)


@told("f: expected a list; this is 'low' or 'high'\n    state.risk\n    ^^^^^^^^^^")
def items_that_are_no_list(wf: Any, first: Any) -> None:
    @wf.each("state.risk")
    def f(item: str) -> str: ...

    first.then(f)


@told("`f` gives a list of int, but `labels` of Order is a list of strings")
def outputs_of_another_type(wf: Any, first: Any) -> None:
    @wf.each("state.items", output_key="labels")
    def f(item: Item) -> int: ...

    first.then(f)


@told(
    "`f` takes its items from `read`, which has no `output_key`; say where its list goes, or give a path: `state.items`"
)
def items_of_a_node_without_a_key(wf: Any, first: Any) -> None:
    @wf.each(first)
    def f(item: Item) -> str: ...

    first.then(f)


@told("approval `review` has no decision `aproved`; did you mean `approved`?")
def an_unknown_decision(wf: Any, first: Any) -> None:
    review = wf.approval("review", "Refund {{ state.id }}?")
    first.then(review)
    review.on(aproved=END, rejected=END)


@told("approval `review` has no decision `timeout`; it has approved, rejected")
def a_timeout_without_a_deadline(wf: Any, first: Any) -> None:
    review = wf.approval("review", "Refund {{ state.id }}?")
    first.then(review)
    review.on(approved=END, rejected=END, timeout=END)


@told(
    "approval `review` has a deadline of 72 h but no way on for `timeout`; lead it to a node, or to the end",
)
def a_deadline_without_a_way_on(wf: Any, first: Any) -> None:
    review = wf.approval("review", "Refund {{ state.id }}?", deadline="72h")
    first.then(review)
    review.on(approved=END, rejected=END)


@told("review: `state` has no field `idd`\n    Refund {{ state.idd }}?\n                    ^^^  did you mean `id`?")
def an_unknown_field_in_a_prompt(wf: Any, first: Any) -> None:
    review = wf.approval("review", "Refund {{ state.idd }}?")
    first.then(review)
    review.on(approved=END, rejected=END)


@told("python_fn `f` has the `output_key` `recept`, and the state has no such field; did you mean `receipt`?")
def an_unknown_output_key(wf: Any, first: Any) -> None:
    def f(state: Order) -> str: ...

    first.then(wf.node(f, output_key="recept"))


@told("node `f` gives int, but `receipt` of Order is a string or null")
def an_output_key_of_another_type(wf: Any, first: Any) -> None:
    def f(state: Order) -> int: ...

    first.then(wf.node(f, output_key="receipt"))


@told("node `f` takes `limit`, which nothing fills in; it can take the state, and `ctx: Context` after it")
def an_extra_parameter(wf: Any, first: Any) -> None:
    def f(state: Order, ctx: Context, limit: int = 3) -> Order: ...

    first.then(wf.node(f))


@told("node `f` takes state: Item, but the state of `orders` is Order; write `state: Order`")
def another_state(wf: Any, first: Any) -> None:
    def f(state: Item) -> Order: ...

    first.then(wf.node(f))


@told(
    "node `f` takes state: Part, but the state of `orders` is Order; "
    "write `state: Order`, or make Part a base class of Order"
)
def a_part_of_the_state_by_another_name(wf: Any, first: Any) -> None:
    def f(state: Part) -> Order: ...

    first.then(wf.node(f))


@told("the parameter `state` of node `f` has no annotation\nthe result of node `f` has no annotation")
def no_annotations(wf: Any, first: Any) -> None:
    def f(state): ...  # pyright: ignore[reportMissingParameterType, reportUnknownParameterType]

    first.then(wf.node(f))


@told("node `f` returns None; return the state, and annotate it")
def nothing_returned(wf: Any, first: Any) -> None:
    def f(state: Order) -> None: ...

    first.then(wf.node(f))


@told('node `f` returns str; return the state, or say where it goes: `output_key="..."`')
def a_value_without_a_key(wf: Any, first: Any) -> None:
    def f(state: Order) -> str: ...

    first.then(wf.node(f))


@told("node `function` is a lambda; write a `def`, with annotations")
def a_lambda(wf: Any, first: Any) -> None:
    first.then(wf.node(lambda: None))


@told(
    "`keep` is a plain function and no node; "
    "decorate it with `@workflow.node`, or use what `workflow.node(...)` returned"
)
def a_plain_function_as_target(wf: Any, first: Any) -> None:
    first.then(keep)


@told("the target 'keep' is a text; name the node itself, or END")
def a_text_as_target(wf: Any, first: Any) -> None:
    first.then("keep")


@told("`keep` is a node of another workflow than `orders`; lead to a node of the same one")
def a_node_of_another_workflow(wf: Any, first: Any) -> None:
    first.then(new_workflow().node(keep))


@told("an edge of `read` has no target; name a node or END")
def no_target(wf: Any, first: Any) -> None:
    first.then()


@told("node `keep` has the unknown effect 'keydd'; did you mean `keyed`?")
def an_unknown_effect(wf: Any, first: Any) -> None:
    first.then(wf.node(keep, effect="keydd"))


@told("node `keep` has the unknown retry policy 'io_defalt'; did you mean `io_default`?")
def an_unknown_preset(wf: Any, first: Any) -> None:
    first.then(wf.node(keep, retry="io_defalt"))


@told("the timeout of node `keep`: '0s' is no time at all; write a longer one")
def no_time(wf: Any, first: Any) -> None:
    first.then(wf.node(keep, timeout="0s"))


@told("wait `w` has both a duration and a time; write `duration` or `until`")
def a_wait_for_two_things(wf: Any, first: Any) -> None:
    first.then(wf.wait("w", duration="1h", until="state.id"))


@told("finalizer `f` runs on the unknown end 'sucess'; did you mean `success`?")
def an_unknown_end(wf: Any, first: Any) -> None:
    @wf.finalizer(run_on="sucess")
    def f(state: Order) -> None: ...


@told("finalizer `f` returns SomeOfOrder; return the state or None")
def keys_from_a_finalizer(wf: Any, first: Any) -> None:
    @wf.finalizer()
    def f(state: Order) -> SomeOfOrder: ...


@told("an execution has one start, and no edge leads to `read`, `keep`; write `workflow.start(read)`")
def two_starts(wf: Any, first: Any) -> None:
    wf.node(keep)


@told("read → keep: `state` has no field `rsik`\n    state.rsik == 'high'\n          ^^^^  did you mean `risk`?")
def an_unknown_field_in_a_condition(wf: Any, first: Any) -> None:
    first.then(wf.node(keep), when="state.rsik == 'high'")


@told(
    "the condition of an edge of `read`, True, is no expression; "
    "write it in quotes: it is kept and shown with the workflow"
)
def a_truth_as_a_condition(wf: Any, first: Any) -> None:
    first.then(wf.node(keep), when=True)


@told("node `f` returns Sets: `labels`: a set has no order, and JSON has no sets: use a list")
def a_key_that_is_no_json(wf: Any, first: Any) -> None:
    def f(state: Order) -> Sets: ...

    first.then(wf.node(f))


@told("node `f` takes state: Hidden, but the state of `orders` is Order; write `state: Order`")
def another_state_that_could_be_none(wf: Any, first: Any) -> None:
    def f(state: Hidden) -> Order: ...

    first.then(wf.node(f))


@told("join `both` waits for `keep`, which doesn't lead to it")
def a_join_for_a_stranger(wf: Any, first: Any) -> None:
    other, last = wf.node(keep), wf.node(keep, name="last")
    both = wf.join("both", wait_for=[other, last, first])
    first.then(other, last, both)
    last.then(both)


@pytest.mark.parametrize(("mistake", "text"), MISTAKES.all)
def test_a_mistake_is_told_with_its_line(mistake: Mistake, text: str) -> None:
    assert tell(mistake) == text


def test_the_line_is_the_authors() -> None:
    wf: Any = new_workflow()
    first = wf.node(read)
    first.then(keep)
    with pytest.raises(DefinitionError) as caught:
        wf.build()
    place = caught.value.problems[0].place
    assert place is not None
    line = test_the_line_is_the_authors.__code__.co_firstlineno + 3
    assert place.file.endswith("tests/authoring/test_mistakes.py")
    assert place.line == line


def test_a_name_that_is_taken_is_told_with_the_first_place() -> None:
    wf = new_workflow()
    first = wf.node(read)
    first.then(wf.node(read))
    with pytest.raises(DefinitionError, match=r"a node `read` already, declared at .*mistakes\.py:\d+; give"):
        wf.build()


def test_all_mistakes_are_told_at_once() -> None:
    wf: Any = Workflow("or ders", version="1", state=Order)
    first = wf.node(read, effect="twice", retry="never", timeout=-1)
    first.then(keep, when="state.rsik")
    with pytest.raises(DefinitionError) as caught:
        wf.build()
    assert [problem.code for problem in caught.value.problems] == ["E001", "E001", "E026", "E021", "E022", "E036"]


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (str, "str is no type for a state"),
        (dict[int, str], r"the keys of a state are names: use dict\[str, Any\]"),
    ],
)
def test_a_type_that_is_no_state(state: Any, text: str) -> None:
    wf: Any = Workflow("orders", version="1.0.0", state=state)
    wf.parallel("fan")
    with pytest.raises(DefinitionError, match=text):
        wf.build()
