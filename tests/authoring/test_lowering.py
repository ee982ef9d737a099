"""What a draft says, as a definition: joins, loops, limits, and where each part was written."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.authoring.handle import END
from pectin.authoring.lowering import item_name, reconcile_name
from pectin.authoring.workflow import Workflow
from pectin.core.activation import NODE_ID
from pectin.core.definition import Each, Edge, Effect, Join, Node, OnItemFailure, Trigger, WorkflowLimits
from pectin.core.problem import DefinitionError
from tests.authoring.mistake import Mistake, Mistakes, tell
from tests.authoring.orders import Item, Order, new_workflow

MISTAKES = Mistakes()
told = MISTAKES.told


def keep(state: Order) -> Order:
    return state


def label(item: Item) -> Any: ...


def node(wf: Workflow[Order], name: str) -> Any:
    return wf.node(keep, name=name)


def find(wf: Workflow[Order], name: str) -> Node:
    return next(node for node in wf.build().definition.nodes if node.id == name)


@pytest.mark.parametrize(
    ("said", "join"),
    [
        ({}, Join(("a", "b"))),
        ({"first": True}, Join(("a", "b"), at_least=1)),
        ({"at_least": 2}, Join(("a", "b"), at_least=2)),
        ({"fires_when": "size(arrivals) > 1"}, Join(("a", "b"), fires_when="size(arrivals) > 1")),
    ],
)
def test_a_join_waits_for_all_or_goes_on_earlier(said: dict[str, Any], join: Join) -> None:
    wf = new_workflow()
    a, b, both = node(wf, "a"), node(wf, "b"), wf.join("both", **said)
    wf.parallel("fan").then(a, b)
    a.then(both)
    b.then(both)
    assert find(wf, "both").join == join


def test_a_join_that_begins_a_loop_waits_for_what_comes_from_outside() -> None:
    wf = new_workflow()
    a, b, both, act = node(wf, "a"), node(wf, "b"), wf.join("both"), node(wf, "act")
    wf.parallel("fan").then(a, b)
    a.then(both)
    b.on_error(both).then(both)
    both.then(act).on_limit(END)
    act.repeat(both, when="state.risk == 'low'", max_iterations=3)
    assert find(wf, "both").join == Join(("a", "b"))
    assert wf.build().definition.start == "fan"


def test_a_loop_may_begin_where_the_workflow_does() -> None:
    wf = new_workflow()
    act, over = node(wf, "act"), node(wf, "over")
    act.repeat(act, when="state.risk == 'low'", max_iterations=3).on_limit(over)
    definition = wf.build().definition
    assert definition.start == "act"
    assert definition.edges[1] == Edge("act", "over", Trigger.LIMIT)


def test_edges_stand_by_their_nodes_and_words_wherever_they_were_said() -> None:
    wf = new_workflow()
    a, b, over = node(wf, "a"), node(wf, "b"), node(wf, "over")
    b.on_error(over).then(END)
    a.on_error(over).on_limit(over)
    b.repeat(a, when="state.risk == 'low'", max_iterations=3)
    b.then(over, when="state.risk == 'high'")
    a.then(b)
    blueprint = wf.build()
    assert blueprint.definition.edges == (
        Edge("a", "b"),
        Edge("a", "over", Trigger.LIMIT),
        Edge("a", "over", Trigger.ERROR),
        Edge("b", END),
        Edge("b", "over", Trigger.WHEN, "state.risk == 'high'"),
        Edge("b", "a", Trigger.REPEAT, "state.risk == 'low'", 3),
        Edge("b", "over", Trigger.ERROR),
    )
    lines = [blueprint.places["edge", str(index)].line for index in range(7)]
    first = min(lines)
    assert [line - first for line in lines] == [4, 1, 1, 0, 3, 2, 0]


def test_a_join_waits_in_the_order_in_which_its_edges_were_said() -> None:
    wf = new_workflow()
    a, b, both = node(wf, "a"), node(wf, "b"), wf.join("both")
    wf.parallel("fan").then(a, b)
    b.then(both)
    a.then(both)
    assert find(wf, "both").join == Join(("b", "a"))


def test_a_loop_may_leave_its_limit_to_the_workflow() -> None:
    wf = Workflow("orders", version="1.0.0", state=Order, max_iterations=3)
    act = node(wf, "act")
    act.repeat(act, when="state.risk == 'low'")
    assert wf.build().definition.edges == (Edge("act", "act", Trigger.REPEAT, "state.risk == 'low'"),)


def test_what_follows_a_limit_is_no_second_start() -> None:
    wf = new_workflow()
    node(wf, "act")
    wf.on_limit(node(wf, "tell").then(wf.limit_exceeded("over", "{{ error.message }}")))
    with pytest.raises(
        DefinitionError, match="there is no variable `error`"
    ):  # only the node itself that a limit leads to has one
        wf.build()


def test_a_limit_leads_to_a_node_of_its_own() -> None:
    wf = new_workflow()
    node(wf, "act")
    wf.on_limit(wf.limit_exceeded("over", "{{ error.message }} for {{ state.id }}"))
    definition = wf.build().definition
    assert (definition.start, definition.limits) == ("act", WorkflowLimits(on_limit="over"))
    assert definition.nodes[1] == Node("over", "limit_exceeded", {"message": "{{ error.message }} for {{ state.id }}"})


def test_a_map_says_what_it_does_when_an_item_fails() -> None:
    wf = new_workflow()
    first = wf.each("state.items", name="first", on_item_failure="fail", effect="once")(label)
    first.then(wf.each("state.items", name="second", on_item_failure="collect", max_concurrency=2)(label))
    nodes = {node.id: node for node in wf.build().definition.nodes}
    assert nodes["first"].each == Each("state.items", "first-item")
    assert nodes["second"].each == Each("state.items", "second-item", 2, OnItemFailure.COLLECT)
    assert (nodes["first"].effect, nodes["first-item"].effect) == (Effect.PURE, Effect.ONCE)


@pytest.mark.parametrize("effect", Effect)
def test_there_is_a_name_for_each_effect(effect: Effect) -> None:
    wf: Any = new_workflow()
    wf.node(keep, effect=effect.value)
    assert find(wf, "keep").effect is effect


def test_names_that_are_made_up_are_apart_from_those_of_nodes() -> None:
    assert item_name("pay") == "pay-item"
    assert NODE_ID.fullmatch(reconcile_name("pay")) is None


@told("join `both` goes on with the first and with at least 2; keep one of `first` and `at_least`")
def the_first_and_the_second(wf: Any, first: Any) -> None:
    fan(wf, first, wf.join("both", first=True, at_least=2))


@told("`wait_for` of join `both` is no list; name the nodes in one, such as `[a, b]`")
def a_node_to_wait_for(wf: Any, first: Any) -> None:
    first.then(join := wf.join("both", wait_for=first))
    join.then(END)


@told("nothing leads to the join `both`; lead at least two nodes to it")
def a_number_of_nothing(wf: Any, first: Any) -> None:
    wf.start(first)
    wf.on_limit(wf.join("both", at_least=2))


@told('the branches of condition `way` are no list of pairs; write one, such as `[("state.total > 0", pay)]`')
def branches_as_a_mapping(wf: Any, first: Any) -> None:
    first.then(wf.condition("way", {"state.risk == 'low'": END}))


@told('the branches of condition `way` are no list of pairs; write one, such as `[("state.total > 0", pay)]`')
def a_branch_without_a_target(wf: Any, first: Any) -> None:
    first.then(wf.condition("way", [("state.risk == 'low'", END), "state.risk == 'high'"]))


@told("join `both` fires at 3 arrivals, and waits for 2; write `at_least` from 1 to 2")
def more_than_there_are(wf: Any, first: Any) -> None:
    fan(wf, first, wf.join("both", at_least=3))


@told("join `both` fires at 0 arrivals, and waits for 2; write `at_least` from 1 to 2")
def less_than_one(wf: Any, first: Any) -> None:
    fan(wf, first, wf.join("both", at_least=0))


@told("join `both` has both `at_least` and `fires_when`; write one of them")
def a_number_and_a_condition(wf: Any, first: Any) -> None:
    fan(wf, first, wf.join("both", at_least=1, fires_when="size(arrivals) > 1"))


@told("both: there is no variable `arivals`\n    size(arivals) > 1\n         ^^^^^^^  did you mean `arrivals`?")
def a_misspelt_variable_of_a_join(wf: Any, first: Any) -> None:
    fan(wf, first, wf.join("both", fires_when="size(arivals) > 1"))


@told("both: expected a bool; this is an int\n    size(arrivals)\n    ^^^^^^^^^^^^^^  compare it with something")
def a_join_on_a_number(wf: Any, first: Any) -> None:
    fan(wf, first, wf.join("both", fires_when="size(arrivals)"))


@told("at_least of join `both`, True, is no whole number; write one from 1 on")
def a_truth_as_a_number(wf: Any, first: Any) -> None:
    fan(wf, first, wf.join("both", at_least=True))


@told("fires_when of join `both`, 3, is no expression; write it in quotes: it is kept and shown with the workflow")
def a_number_as_an_expression(wf: Any, first: Any) -> None:
    fan(wf, first, wf.join("both", fires_when=3))


@told("END is no node; name a node of this workflow")
def a_join_for_the_end(wf: Any, first: Any) -> None:
    fan(wf, first, wf.join("both", wait_for=[END]))


@told("END is no node; name a node of this workflow")
def a_limit_that_leads_to_the_end(wf: Any, first: Any) -> None:
    wf.on_limit(END)


@told(
    "`keep` is a plain function and no node; "
    "decorate it with `@workflow.node`, or use what `workflow.node(...)` returned"
)
def a_limit_that_leads_to_a_function(wf: Any, first: Any) -> None:
    wf.on_limit(keep)


@told("`on_limit` of the limits: `read` is the start; name a node of its own, that no edge leads to")
def a_limit_that_leads_to_the_start(wf: Any, first: Any) -> None:
    wf.start(first)
    wf.on_limit(first)


@told("read → over: no edge leads to `over`, which `on_limit` of the limits names; it is reached by name")
def an_edge_to_what_follows_a_limit(wf: Any, first: Any) -> None:
    over = wf.node(keep, name="over")
    first.then(over)
    wf.on_limit(over)


@told("read → keep: `on_limit` leaves `read`, which begins no loop; delete it, or make a loop with `repeat`")
def a_limit_without_a_loop(wf: Any, first: Any) -> None:
    last = wf.node(keep)
    first.then(last, when="state.risk == 'low'").on_limit(last)


@told("check → end: `on_limit` leaves `check`, which begins no loop; lead it from `act`, which does")
def a_limit_beside_the_beginning_of_its_loop(wf: Any, first: Any) -> None:
    act, check = wf.node(keep, name="act"), wf.node(keep, name="check")
    first.then(act)
    act.then(check)
    check.repeat(act, when="state.risk == 'low'", max_iterations=3).on_limit(END)


@told("act → act: `repeat` has no limit; write `max_iterations`")
def a_loop_without_a_limit(wf: Any, first: Any) -> None:
    act = wf.node(keep, name="act")
    first.then(act)
    act.repeat(act, when="state.risk == 'low'")


@told("the limit of an edge of `act`, '3', is no whole number; write one from 1 on")
def a_text_as_the_limit_of_a_loop(wf: Any, first: Any) -> None:
    act = wf.node(keep, name="act")
    first.then(act)
    act.repeat(act, when="state.risk == 'low'", max_iterations="3")


@told("limit_exceeded `over` has an edge to `end`, and nothing comes after it; delete the edge: it ends the execution")
def a_way_on_from_the_end(wf: Any, first: Any) -> None:
    over = wf.limit_exceeded("over", "too much")
    first.then(over)
    over.on_error(END)


@told("over: there is no variable `error`\n    {{ error.message }}\n       ^^^^^  there are: `state`")
def an_error_where_there_is_none(wf: Any, first: Any) -> None:
    first.then(wf.limit_exceeded("over", "{{ error.message }}"))


@told(
    "python_fn `keep` is `once`, and its retry policy doesn't name what it may be tried again after; "
    "name the classes in `retryable_on` of a RetryPolicy of its own, or leave the policy out"
)
def once_and_again(wf: Any, first: Any) -> None:
    first.then(wf.node(keep, effect="once", retry="io_default"))


@told(
    "finalizer `f` can't be `once`: the end can't wait until it is known what it did; "
    "use `keyed`, or do it in a node before the end"
)
def a_finalizer_that_is_once(wf: Any, first: Any) -> None:
    def f(state: Order) -> None: ...

    wf.finalizer(effect="once")(f)


@told("`label` gives errors in place of what failed, but `labels` of Order is a list of strings")
def errors_where_texts_are_kept(wf: Any, first: Any) -> None:
    def label(item: Item) -> str: ...

    first.then(wf.each("state.items", on_item_failure="collect", output_key="labels")(label))


@told("map `label` has the unknown on_item_failure 'colect'; did you mean `collect`?")
def an_unknown_answer_to_failures(wf: Any, first: Any) -> None:
    first.then(wf.each("state.items", on_item_failure="colect")(label))


@told("max_concurrency of map `label`, '3', is no whole number; write one from 1 on")
def a_text_as_a_number(wf: Any, first: Any) -> None:
    first.then(wf.each("state.items", max_concurrency="3")(label))


@told("map `label` runs 0 items at once; write `max_concurrency` from 1 on")
def no_items_at_once(wf: Any, first: Any) -> None:
    first.then(wf.each("state.items", max_concurrency=0)(label))


def fan(wf: Any, first: Any, join: Any) -> None:
    one, two = wf.node(keep, name="one"), wf.node(keep, name="two")
    first.then(one, two)
    one.then(join)
    two.then(join)


@pytest.mark.parametrize(("mistake", "text"), MISTAKES.all)
def test_a_mistake_is_told_with_its_line(mistake: Mistake, text: str) -> None:
    assert tell(mistake) == text
