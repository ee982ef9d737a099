"""What a world must have come to: every effect kept its promise, and every execution ended as in a calm run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from pectin.core.action import TIMEOUT
from pectin.core.activation import parse_activation
from pectin.core.audit.purse import reached_budgets
from pectin.core.decide.limit import WALL_TIME
from pectin.core.definition import Definition, Effect, Node
from pectin.core.error import ErrorData
from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    AttemptFailed,
    ClosingBegan,
    DoubtResolved,
    LimitReached,
    NodeCompleted,
    NodeFailed,
    NodeScheduled,
)
from pectin.core.identity import ExecutionId, show_id
from pectin.core.retry import ErrorClass
from pectin.core.status import WorkflowStatus
from pectin.nodes import function_name
from pectin.testing.simulate.ledger import Entry
from pectin.testing.simulate.watch import Broken
from pectin.testing.simulate.world import World


class Ending(NamedTuple):
    """How an execution has ended."""

    status: WorkflowStatus
    state: dict[str, Any]


def endings(world: World) -> dict[str, Ending]:
    """How those that clients began have ended, by key."""
    runs = {key: world.watch.run(execution) for key, execution in world.acked.items()}
    return {key: Ending(run.status, run.data) for key, run in sorted(runs.items())}


def times_up(world: World) -> list[str]:
    """Whose time was up in a world: an attempt's, a wait's, the whole execution's."""
    found = (event for events in world.watch.histories.values() for event in events if _is_up(event))
    return sorted(f"{type(event).__name__} {getattr(event, 'activation', '')}" for event in found)


def budgets_reached(world: World) -> list[str]:
    """The limits on what is spent that were reached: a crash costs a whole ceiling, so what goes wrong may do that."""
    return sorted(cause for events in world.watch.histories.values() for cause in reached_budgets(events))


def _is_up(event: AnyEvent) -> bool:
    match event:
        case (
            AttemptFailed(error=error)
            | NodeFailed(error=error)
            | LimitReached(error=error)
            | ClosingBegan(error=ErrorData() as error)
        ):
            return error.error_class in (ErrorClass.TIMEOUT, WALL_TIME)
        case NodeCompleted(output={"decision": decision}):
            return decision == TIMEOUT
        case _:
            return False


def check_effects(world: World) -> None:
    """Hold what bodies did against what histories say. Raises `Broken`."""
    entries: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in world.ledger:
        if not entry.asks:
            entries[entry.execution].append(entry)
    _check_keys(world.ledger)
    for execution, events in world.watch.histories.items():
        definition = world.definition_of(world.watch.run(execution))
        _check_bodies(execution, definition, events, entries.pop(str(execution), []))
    if entries:
        raise Broken(f"bodies of executions that aren't there were entered: {', '.join(entries)}")


def _check_keys(entries: Iterable[Entry]) -> None:
    """An activation has one key, and a key one activation."""
    pairs = {(entry.key, (entry.execution, entry.activation)) for entry in entries}
    for half in (0, 1):
        several = [one for one, times in Counter(pair[half] for pair in pairs).items() if times > 1]
        if several:
            raise Broken(f"keys and activations are mixed up: {several[0]}")


def _check_bodies(execution: ExecutionId, definition: Definition, events: list[AnyEvent], entries: list[Entry]) -> None:
    begun: set[tuple[str, int]] = set()
    licences: Counter[str] = Counter()
    completed: set[str] = set()
    resolved: set[str] = set()
    for event in events:
        match event:
            case NodeScheduled(begun_by=str()):
                begun.add((event.activation, 1))
            case AttemptBegun():
                begun.add((event.activation, event.attempt))
            case AttemptFailed() | DoubtResolved(happened=False):
                licences[event.activation] += 1
            case DoubtResolved():
                resolved.add(event.activation)
            case NodeCompleted():
                completed.add(event.activation)
            case _:
                pass
    nodes = {node.id: node for node in definition.nodes}
    entered = Counter((entry.activation, entry.attempt) for entry in entries)
    for (activation, attempt), times in entered.items():
        if (activation, attempt) not in begun:
            raise Broken(f"{execution}: attempt {attempt} of `{activation}` was entered, and never begun")
        if times > 1:
            raise Broken(f"{execution}: attempt {attempt} of `{activation}` was entered {times} times")
    bodies = Counter(entry.activation for entry in entries if not entry.late)
    for activation, times in bodies.items():
        if _node_of(nodes, activation).effect is Effect.ONCE and times > 1 + licences[activation]:
            raise Broken(f"{execution}: the body of `{activation}` (once) was entered {times} times")
    done = {entry.activation for entry in entries if entry.done}
    for activation in completed - done - resolved:
        if function_name(_node_of(nodes, activation)) is not None:
            raise Broken(f"{execution}: `{activation}` has completed, and its body never returned")


def _node_of(nodes: dict[str, Node], activation: str) -> Node:
    """The node whose function an activation runs."""
    target = parse_activation(activation)
    node = nodes[target.node]
    return node if target.item is None or node.each is None else nodes[node.each.node]


def check_endings(world: World, calm: dict[str, Ending]) -> None:
    """Hold how executions have ended against a calm run. Raises `Broken`.

    How far the rest of an execution had come when one thing failed is a matter of time, so only of one that completes
    the state is compared.
    """
    for key, ending in endings(world).items():
        is_same = (
            ending == calm[key] if ending.status is WorkflowStatus.COMPLETED else ending.status is calm[key].status
        )
        if not is_same:
            raise Broken(
                f"{show_id(str(world.acked[key]))} ended as {ending.status} with {ending.state}, "
                f"in a calm run as {calm[key].status} with {calm[key].state}"
            )
