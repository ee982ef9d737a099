"""How edges, once resolved, make up what arrives at an activation, and what loops hold until they end.

This is the part of the fold that knows routes; only `evolve` calls it.
"""

from __future__ import annotations

from collections.abc import Collection

from pectin.core import causal
from pectin.core.activation import parse_activation
from pectin.core.definition import Json
from pectin.core.event import LoopEnded, LoopRepeated, Route, Settling
from pectin.core.state import Arrivals, LoopState, Run, Seen


def arrive(run: Run, name: str, node: str, loop: str | None) -> Seen:
    """Take what arrived at an activation that is being entered or settled unentered, and what it has seen by that.

    The first activation of a loop is its header's: the loop begins.
    """
    arrivals = run.arrivals.pop(name, None)
    if arrivals is None:
        called = run.closing is not None or run.limit is not None
        assert called or run.version == run.first_entry, "only the start is entered without an arrival"
        arrivals = Arrivals()
    if loop is not None and loop not in run.loops:
        entry = Arrivals(arrivals.resolved, arrivals.taken, collected=arrivals.collected)
        run.loops[loop] = LoopState(node, entry)
    return causal.seen_by(arrivals)


def resolve(run: Run, route: Route, loop: str | None, seen: Collection[int]) -> None:
    """Let the edges of a route arrive where they lead to, and count its source in its loop."""
    if loop is not None:
        state = run.loops[loop]
        state.settled += 1
        if route.approved or state.approved:
            _approve(state, route)
        state.repeats |= route.repeats
        state.exits.extend(route.exits)
        state.error_exits.extend(route.error_exits)
        state.dead_exits.extend(route.dead_exits)
        state.seen.update(seen)
    for target in route.taken:
        _resolve_one(run, target, 1, seen, target in route.approved)
    for target in route.dead:
        _resolve_one(run, target, 0, seen)


def _approve(state: LoopState, route: Route) -> None:
    """Keep to which of the exits, and whether to the header, all that was taken led with an approval."""
    led = {*route.exits, *route.error_exits, *([state.header] if route.repeats else [])}
    before = {*state.exits, *state.error_exits, *([state.header] if state.repeats else [])}
    still = {target for target in led if target in route.approved and target in {*state.approved, *(led - before)}}
    state.approved = sorted((set(state.approved) - led) | still)


def _resolve_one(run: Run, target: str, taken: int, seen: Collection[int], approved: bool = False) -> None:
    if target in run.fired:
        _drop(run, target)
        return
    arrivals = run.arrivals.get(target)
    if arrivals is None:
        arrivals = run.arrivals[target] = Arrivals()
    if taken and (approved or arrivals.approved):
        arrivals.approved = approved and (arrivals.taken == 0 or arrivals.approved)
    arrivals.resolved += 1
    arrivals.taken += taken
    if seen:
        arrivals.seen.update(seen)


def collect(run: Run, event: Settling, output: Json) -> None:
    """Keep what arrives at joins, at once or when the loop ends."""
    route = event.route
    if not route.collected and not route.collected_exits:
        return
    source = parse_activation(event.activation).node
    for target in route.collected:
        if target in run.arrivals:  # else it has fired
            run.arrivals[target].collected[source] = output
    for target in route.collected_exits:
        assert event.loop is not None, "only loops have exits"
        run.loops[event.loop].collected.setdefault(target, {})[source] = output


def repeat(run: Run, event: LoopRepeated) -> None:
    """Begin the next iteration: what arrived at the header from outside arrives again."""
    state = run.loops[event.loop]
    entry = state.entry
    assert event.iteration == state.iteration + 1, "iterations are numbered through"
    run.loops[event.loop] = LoopState(state.header, entry, event.iteration, seen=state.seen)
    approved = state.header in state.approved
    again = Arrivals(entry.resolved, entry.taken, set(state.seen), dict(entry.collected), approved)
    run.arrivals[f"{event.loop}[{event.iteration}]"] = again


def end_loop(run: Run, event: LoopEnded) -> None:
    """Let what the loop held arrive in the loop around it."""
    state = run.loops.pop(event.loop)
    resolve(run, event.route, event.outer, state.seen)
    for target in event.route.collected:
        if target in run.arrivals:  # else it has fired
            run.arrivals[target].collected.update(_held(state, event, parse_activation(target).node))
    for target in event.route.collected_exits:
        assert event.outer is not None, "only loops have exits"
        run.loops[event.outer].collected.setdefault(target, {}).update(_held(state, event, target))


def _held(state: LoopState, event: LoopEnded, join: str) -> dict[str, Json]:
    """What the loop kept for a join, by source. By `on_limit` the header arrives, with nothing."""
    return {state.header: None} if event.by_limit else state.collected[join]


def _drop(run: Run, join: str) -> None:
    """Count one edge more to a join that has fired already."""
    run.fired[join] -= 1
    if not run.fired[join]:
        del run.fired[join]
