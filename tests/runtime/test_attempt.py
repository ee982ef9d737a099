"""From a commit's events to calls."""

from __future__ import annotations

from functools import partial
from typing import Any, TypedDict

from pectin import Context, DidNot, Engine, Happened, RetryPolicy, Unknown, Workflow
from pectin.core.command import Begin, Complete, Start
from pectin.core.decide import decide
from pectin.core.definition import Contract
from pectin.core.identity import ExecutionId, idempotency_key
from pectin.core.limits import LIMITS
from pectin.core.state import Activation, Run
from pectin.core.status import NodeStatus
from pectin.ports.function import Conclusion, Function, Request
from pectin.runtime.attempt import Attempt, begun_attempts, lacking_functions, missing_functions
from pectin.runtime.call import find_function
from pectin.testing import VirtualClock
from tests.runtime.sample import ZERO, Batch, Count, add, asking, chain


async def test_a_key_is_the_same_on_every_attempt_and_another_for_every_item() -> None:
    seen: list[tuple[str, int, str, str]] = []
    batch: Workflow[Batch] = Workflow("batch", version="1.0.0", state=Batch)

    @batch.node
    async def begin(state: Batch) -> Batch:
        return state

    @batch.each("state.items", output_key="out", retry=RetryPolicy(max_attempts=3, initial_delay_ms=0))
    async def item(number: int, ctx: Context) -> int:
        seen.append((ctx.activation, ctx.attempt, ctx.key, ctx.execution_id))
        if ctx.attempt < 3:
            raise OSError("again")
        return number

    begin.then(item)
    async with Engine("memory:", workflows=[batch]) as engine:
        execution = await engine.start(batch, {"items": [7, 8], "out": []})
        assert (await execution.result())["out"] == [7, 8]
    assert sorted(seen) == [
        (name, attempt, idempotency_key(execution.id, name), str(execution.id))
        for name in ("item#0", "item#1")
        for attempt in (1, 2, 3)
    ]


async def test_what_an_attempt_does_to_its_state_is_no_one_elses_concern() -> None:
    seen: list[Any] = []

    async def spoil(state: Count, ctx: Context) -> Count:
        seen.append(dict(state))
        state["n"] = 99
        if ctx.attempt == 1:
            raise OSError("after the change")
        return {"n": 99}

    workflow = chain(spoil, retry=RetryPolicy(max_attempts=2, initial_delay_ms=0))
    async with Engine("memory:", workflows=[workflow]) as engine:
        assert await (await engine.start(workflow, ZERO)).result() == {"n": 99}
    assert seen == [{"n": 0}, {"n": 0}]


class Nothing:
    """An application without functions."""

    def find(self, workflow_id: str, name: str) -> Function | None:
        return None

    def endpoint(self, tool: Contract) -> Function:
        raise AssertionError(tool)


class Reading:
    """A function that is not called here, and reads some keys of the state."""

    is_async = True

    def __init__(self, *keys: str) -> None:
        self.keys = frozenset(keys)

    def call(self, request: Request) -> Conclusion:
        raise AssertionError


class Having(Nothing):
    """An application with these functions."""

    def __init__(self, **functions: Function) -> None:
        self._functions = functions

    def find(self, workflow_id: str, name: str) -> Function | None:
        return self._functions.get(name)


def no_beat(execution: ExecutionId, activation: str, number: int) -> None:
    """Nobody asks."""


class Parts(TypedDict):
    a: int
    b: int
    c: int


def parted() -> Workflow[Parts]:
    """A workflow with two branches, each of which sets a key."""
    workflow = Workflow("parted", version="1.0.0", state=Parts)

    async def begin(state: Parts) -> Parts:
        return state

    fork = workflow.node(begin, name="fork")
    sides = [workflow.node(begin, name=name) for name in ("left", "right", "after")]
    fork.then(sides[0], sides[1])
    sides[0].then(sides[2])
    return workflow


def test_a_request_has_only_the_keys_that_its_function_reads() -> None:
    program, run, execution = parted().build().program, Run(), ExecutionId.new()
    functions = Having(fork=Reading("a"), left=Reading("a", "b"), right=Reading(), after=Reading("a", "c"))
    begin = Begin("me", 9)

    def begun(command: Any) -> list[Attempt]:
        events = decide(program, run, command).events
        return begun_attempts(
            program,
            run,
            execution,
            events,
            partial(find_function, functions),
            beat=no_beat,
            clock=VirtualClock(),
            limits=LIMITS,
        )

    def seen(attempts: list[Attempt]) -> dict[str, Any]:
        return {attempt.activation: dict(attempt.request.state) for attempt in attempts if attempt.request is not None}

    state = {"a": 1, "b": 2, "c": 3}
    start = Start(
        at=1, execution_id=execution.to_json(), input=state, state=state, definition=program.hash, begin=begin
    )
    first = begun(start)
    assert seen(first) == {"fork": {"a": 1}}
    assert seen(begun(Complete(at=2, activation="fork", attempt=1, patch={"a": 5}, begin=begin))) == {
        "left": {"a": 5, "b": 2},
        "right": {},
    }
    begun(Complete(at=3, activation="right", attempt=1, patch={"c": 9}, begin=begin))
    assert run.data["c"] == 9
    assert seen(begun(Complete(at=4, activation="left", attempt=1, patch={"a": 6}, begin=begin))) == {
        "after": {"a": 6, "c": 3}  # what a branch beside it wrote is not before it
    }
    assert seen(first) == {"fork": {"a": 1}}


def test_a_node_without_its_reconcile_cannot_be_served() -> None:
    workflow = Workflow("charging", version="1.0.0", state=Count)
    charge = workflow.node(add, name="charge", effect="once")

    @charge.reconcile
    async def ask(state: Count) -> Happened[Count] | DidNot | Unknown:
        return Unknown()

    assert ask
    program = workflow.build().program
    name = program.nodes["charge"].reconcile
    assert name is not None
    assert missing_functions(program, Having(charge=Reading())) == {"charge": name}
    assert missing_functions(program, Having(**{"charge": Reading(), name: Reading()})) == {}
    assert missing_functions(program, Nothing()) == {"charge": "charge"}


async def test_the_limit_that_led_to_a_node_is_its_error() -> None:
    seen: list[Any] = []
    workflow: Workflow[Count] = Workflow("spinning", version="1.0.0", state=Count)

    def note(state: Count, ctx: Context) -> Count:
        seen.append(ctx.error)
        return {"n": state["n"] + 1}

    spin = workflow.node(note, name="spin")
    give_up = workflow.node(note, name="give_up")
    after = workflow.node(note, name="after")
    spin.repeat(spin, when="true", max_iterations=2)
    give_up.then(after)
    workflow.on_limit(give_up)
    async with Engine("memory:", workflows=[workflow]) as engine:
        assert await (await engine.start(workflow, ZERO)).result() == {"n": 4}
    assert seen[:2] == [None, None]
    assert seen[2] == seen[3]
    assert seen[2].keys() == {"error_class", "type", "message"}


def test_missing_functions_are_named_by_node() -> None:
    assert missing_functions(asking().build().program, Nothing()) == {"before": "before", "after": "after"}
    assert missing_functions(chain(add).build().program, Nothing()) == {"add": "add"}


def test_what_lacks_a_function_is_stuck_only_if_nothing_else_can_go_on() -> None:
    names = ("one", "other")
    run = Run(activations={name: Activation(name, name, NodeStatus.SCHEDULED, 1) for name in names})
    run.ready, run.busy = dict.fromkeys(names), 2
    assert lacking_functions(run, {}) == []
    assert lacking_functions(run, {"one": "f"}) == []
    assert lacking_functions(run, {"one": "f", "other": "f"}) == ["f"]
