"""Nodes that call tools, as an author writes them."""

from __future__ import annotations

from typing import Any, TypedDict

import pytest

from pectin import END, Context, DefinitionError, DidNot, Happened, RetryPolicy, Unknown, Workflow, tool
from pectin.core.definition import Effect, Json
from pectin.testing import engine


class Count(TypedDict):
    n: int
    seen: str | None


class Up(TypedDict):
    n: int
    by: str


@tool(name="count.up", effect="keyed")
def up(*, n: int, by: int = 1) -> int:
    return n + by


@tool(effect="once")
async def told(*, n: int, ctx: Context) -> Up:
    return {"n": n + 1, "by": ctx.activation}


def new() -> Workflow[Count]:
    return Workflow("counting", version="1.0.0", state=Count)


def first() -> Count:
    return {"n": 1, "seen": None}


def test_a_node_says_what_it_calls_and_has_the_tools_effect() -> None:
    workflow = new()
    workflow.tool("up", up, input={"n": "state.n"}, output_key="n", retry="io_default", timeout="5s")
    (node,) = workflow.build().definition.nodes
    assert node.config == {"tool": "count.up", "input": {"n": "state.n"}}
    assert (node.kind, node.effect, node.timeout_ms, node.output_key) == ("tool", Effect.KEYED, 5_000, "n")
    assert node.retry is not None


async def test_calls_run_and_what_comes_back_is_kept() -> None:
    workflow = new()
    one = workflow.tool("one", up, input={"n": "state.n", "by": "10"}, output_key="n")
    two = workflow.tool("two", told, input={"n": "state.n"}, output={"n": "output.n", "seen": "output.by"})
    one.then(two, when="output.n == 11")
    two.then(END, when="output.by == 'two'")
    async with engine(workflow) as running:
        execution = await running.start(workflow, first())
        assert await execution.result() == {"n": 12, "seen": "two"}


async def test_a_call_for_each_item() -> None:
    class Many(TypedDict):
        items: list[int]
        out: list[int]

    workflow = Workflow("many", version="1.0.0", state=Many)
    workflow.each_tool(
        "all", "state.items", up, input={"n": "item", "by": "index"}, output_key="out", max_concurrency=2
    )
    async with engine(workflow) as running:
        execution = await running.start(workflow, {"items": [5, 6, 7], "out": []})
        assert (await execution.result())["out"] == [5, 7, 9]


async def test_the_arguments_are_the_same_on_every_attempt() -> None:
    seen: list[tuple[int, int, str]] = []

    @tool(effect="keyed")
    def flaky(*, n: int, ctx: Context) -> int:
        seen.append((n, ctx.attempt, ctx.key))
        if ctx.attempt < 3:
            raise OSError("again")
        return n

    workflow = new()
    policy = RetryPolicy(max_attempts=3, initial_delay_ms=0)
    workflow.tool("flaky", flaky, input={"n": "state.n"}, output_key="n", retry=policy)
    async with engine(workflow) as running:
        await (await running.start(workflow, first())).result()
    assert [(n, attempt) for n, attempt, _ in seen] == [(1, 1), (1, 2), (1, 3)]
    assert len({key for _, _, key in seen}) == 1


@pytest.mark.parametrize("verdict", ["happened", "did not"])
async def test_a_call_in_doubt_is_asked_about(verdict: str) -> None:
    workflow = new()

    @tool(effect="once")
    async def slow(*, n: int, ctx: Context) -> int:
        if ctx.attempt == 1:
            raise Lost
        return n + 50

    node = workflow.tool("slow", slow, input={"n": "state.n"}, output_key="n")

    @node.reconcile
    def was_done(*, n: int) -> Happened[int] | DidNot | Unknown:
        return Happened(n + 100) if verdict == "happened" else DidNot()

    async with engine(workflow) as running:
        execution = await running.start(workflow, first())
        assert (await execution.result())["n"] == (101 if verdict == "happened" else 51)


class Lost(Exception):
    """Stands for a process that was killed: see `_as_unanswered`."""


@pytest.fixture(autouse=True)
def _as_unanswered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pectin.runtime.report.Unanswered", Lost)


@pytest.mark.parametrize(
    ("name", "given", "options", "code", "message"),
    [
        ("up", len, {}, "E061", "`up` calls <built-in function len>, which is no tool"),
        ("up", up.function, {}, "E061", "`up` calls <function up at"),
        ("up", up, {"input": "state.n"}, "E017", "the input of `up`, 'state.n', is no mapping"),
        ("up", up, {"output": {"n": 3}}, "E017", "the output of `up` maps 'n' to 3, which is no expression"),
        ("up", up, {"input": {"n": "state.m"}}, "E014", "`state` has no field `m`"),
        ("up", up, {"input": {}}, "E062", "tool `up` doesn't hand in `n`, which `count.up` needs"),
        ("up", up, {"input": {"n": "state.n"}, "output_key": "seen"}, "E020", "tool `up` gives an int"),
        ("up", up, {"input": {"n": "state.n"}, "retry": "often"}, "E021", "node `up` has the unknown retry policy"),
        ("up", up, {"input": {"n": "state.n"}, "timeout": 0}, "E022", "the timeout of node `up`"),
        ("up", told, {"input": {"n": "state.n"}, "retry": "io_default"}, "E021", "tool `up` is `once`"),
    ],
)
def test_what_is_wrong_is_told_at_the_nodes_line(
    name: str, given: Any, options: dict[str, Json], code: str, message: str
) -> None:
    workflow: Any = new()
    workflow.tool(name, given, **options)
    with pytest.raises(DefinitionError) as error:
        workflow.build()
    problem = error.value.problems[0]
    assert (problem.code, problem.message.startswith(message)) == (code, True), problem.message
    assert problem.place is not None
    assert problem.place.file.endswith("test_calling.py")
