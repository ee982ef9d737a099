"""The tools of a workflow: each agreed once, by name."""

from __future__ import annotations

from typing import Any, TypedDict

import pytest

from pectin import DefinitionError, HttpTool, Workflow, tool
from pectin.core.definition import Effect, Place
from tests.authoring.test_calling import Count, new, up


def problems(workflow: Workflow[Any]) -> list[tuple[str, str]]:
    with pytest.raises(DefinitionError) as error:
        workflow.build()
    return [(problem.code, problem.message) for problem in error.value.problems]


def test_a_tool_that_two_nodes_call_is_one_tool() -> None:
    workflow = new()
    ping = HttpTool(name="a.ping", method="GET", url="https://api.example.com/", effect="pure")
    first = workflow.tool("first", up, input={"n": "state.n"}, output_key="n")
    second = workflow.tool("second", up, input={"n": "state.n"}, output_key="n")
    first.then(second)
    second.then(workflow.tool("third", ping))
    blueprint = workflow.build()
    assert [each.name for each in blueprint.definition.tools] == ["a.ping", "count.up"]
    assert [node.effect for node in blueprint.definition.nodes] == [Effect.KEYED, Effect.KEYED, Effect.PURE]
    assert blueprint.functions.keys() == {"tool:count.up"}
    assert isinstance(blueprint.places["tool", "count.up"], Place)


def test_two_tools_of_one_name_are_refused() -> None:
    other = tool(name="count.up", effect="keyed")(up.function)
    workflow = new()
    first = workflow.tool("first", up, input={"n": "state.n"})
    first.then(workflow.tool("second", other, input={"n": "state.n"}))
    ((code, message),) = problems(workflow)
    assert code == "E060"
    assert message.startswith("two tools are called `count.up`: there is another at tests/authoring/test_calling.py:")


def test_what_is_wrong_with_a_tool_is_told_once_and_at_its_line() -> None:
    def bad(*, n: int) -> int:
        return 0

    del bad.__annotations__["n"]
    made = tool(bad)
    workflow = new()
    first = workflow.tool("first", made, input={"n": "state.n"})
    second = workflow.tool("second", made, input={"n": "state.n"})
    first.then(second)
    second.reconcile(lambda: None)  # type: ignore[arg-type]
    with pytest.raises(DefinitionError) as error:
        workflow.build()
    (problem,) = error.value.problems
    assert (problem.code, problem.place) == ("E030", made.place)


def test_the_core_finds_what_is_wrong_with_an_endpoint() -> None:
    workflow = new()
    workflow.tool("ping", HttpTool(name="ping", method="GET", url="ping"))
    ((code, message),) = problems(workflow)
    assert (code, message) == ("E064", "the tool `ping`: 'ping' is no address")


class Many(TypedDict):
    items: list[int]
    out: list[int]
    words: list[str]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"output_key": "out"}, []),
        (
            {"output_key": "words"},
            ["`all` gives a list of what `count.up` gives, but `words` of Many is a list of strings"],
        ),
        (
            {"output_key": "out", "on_item_failure": "collect"},
            ["`all` gives errors in place of what failed, but `out` of Many is a list of ints"],
        ),
    ],
)
def test_a_maps_outputs_fit_their_field(options: dict[str, Any], told: list[str]) -> None:
    workflow = Workflow("many", version="1.0.0", state=Many)
    workflow.each_tool("all", "state.items", up, input={"n": "item"}, **options)
    if told:
        assert problems(workflow) == [("E020", each) for each in told]
    else:
        workflow.build()


def test_another_tool_is_another_definition() -> None:
    def hash_of(name: str, **options: Any) -> str:
        workflow = Workflow("w", version="1.0.0", state=Count)
        workflow.tool("first", tool(name=name, **options)(up.function), input={"n": "state.n"})
        return workflow.build().program.hash

    first = hash_of("count.up", effect="keyed")
    assert hash_of("count.up", effect="keyed", description="Counts.") == first
    assert hash_of("count.up", effect="once") != first
    assert hash_of("count.on", effect="keyed") != first
