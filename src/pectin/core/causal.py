"""What an activation sees: the state before it, and never the patches of a concurrent branch.

Most of the time nothing is concurrent: then everybody sees `run.data` and there is nothing to keep. While several
branches are alive, each write is kept with an id (`run.writes`), and each branch keeps the ids it has `seen`: its own
and those of the activations it had to wait for. A view is the state with the unseen writes taken out. Two writes of
one key conflict if the later one's writer has not seen the earlier and the values differ; the sets are exact, so the
order of arrival makes no difference.

A write with a reducer is a contribution: a view has those that were seen, in commit order, and two of them conflict
only if their order would show (`core.reduce`). With a write of the whole value, or a removal, they always do.

Writes that the same branches have seen are merged, so that a long branch beside a waiting one costs no more with every
step. What one attempt sees must be what the next one sees, so contributions are merged only where nobody can tell:
branches that append by turns keep every write, because its place in the order is all that there is to know.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import Any

import msgspec

from pectin.core.codec import same
from pectin.core.definition import Json, Reducer
from pectin.core.grow import grow
from pectin.core.reduce import clash, combine, fold, reduce
from pectin.core.state import NOTHING, Arrivals, KeyWrites, Run, Seen, Write

UNSET = msgspec.UNSET

ROOM = 8
"""How many writes of a key there may be before it is worth the time to merge some."""

Reducers = Mapping[str, Reducer]
Value = Json | msgspec.UnsetType


def view(run: Run, seen: Seen) -> Mapping[str, Json]:
    """The state as somebody sees who has seen these writes. Not to be changed by the caller."""
    if not run.writes:
        return run.data
    state: dict[str, Any] = dict(run.data)
    for key, kept in run.writes.items():
        value = _seen_value(kept, seen)
        if value is UNSET:
            state.pop(key, None)
        else:
            state[key] = value
    return state


def after(
    state: Mapping[str, Json], patch: Mapping[str, Json], unset: tuple[str, ...] = (), reduced: Reducers | None = None
) -> Mapping[str, Json]:
    """A view as the writer of a patch sees it afterwards. Raises `ReduceError`. Not to be changed by the caller."""
    if not patch and not unset:
        return state
    seen = {**state, **patch}
    for key, reducer in (reduced or {}).items():
        seen[key] = reduce(reducer, state.get(key, UNSET), patch[key])
    for key in unset:
        seen.pop(key, None)
    return seen


def seen_on_entry(run: Run, name: str) -> Seen:
    """What an activation that is not entered yet will have seen: all that arrives at it."""
    arrivals = run.arrivals.get(name)
    return NOTHING if arrivals is None else seen_by(arrivals)


def seen_by(arrivals: Arrivals) -> Seen:
    """What those have seen, taken together, that arrive at an activation."""
    return frozenset(arrivals.seen) if arrivals.seen else NOTHING


def changed(patch: Mapping[str, Json], unset: tuple[str, ...]) -> dict[str, Value]:
    """A patch and the keys it removes, as one mapping."""
    return {**patch, **dict.fromkeys(unset, UNSET)} if unset else dict(patch)


def find_conflict(
    run: Run,
    seen: Seen,
    patch: Mapping[str, Json],
    unset: tuple[str, ...] = (),
    reduced: Reducers | None = None,
) -> tuple[str, str] | None:
    """The first key (by name) that a concurrent activation wrote differently, and that activation."""
    if not run.writes:
        return None
    for key, value in sorted(changed(patch, unset).items(), key=lambda item: item[0]):
        kept = run.writes.get(key)
        if kept is None:
            continue
        reducer = reduced.get(key) if reduced else None
        if kept.uniform and reducer is not Reducer.MERGE and not _conflict(kept.writes[0], value, reducer):
            continue
        rivals = [w.activation for w in kept.writes if w.id not in seen and _conflict(w, value, reducer)]
        if rivals:
            return key, min(rivals)
    return None


def check_sums(run: Run, patch: Mapping[str, Json], reduced: Reducers) -> None:
    """Raise `ReduceError` if what all have added to a key, also those that the writer doesn't see, is too much. For a
    patch that conflicts with nothing."""
    for key, reducer in reduced.items():
        if key in run.writes:
            reduce(reducer, run.data.get(key, UNSET), patch[key])


def write(
    run: Run,
    activation: str,
    seen: Seen,
    patch: Mapping[str, Json],
    unset: tuple[str, ...] = (),
    reduced: Reducers | None = None,
) -> Seen:
    """Change the state, and return what the writer has seen after it."""
    # While it is held, a loop that is to go round is a branch that nothing else shows.
    others = len(run.activations) - (activation in run.activations)
    alone = run.hold is None and not run.arrivals and not others
    if alone and not run.writes and not reduced:  # most of the time
        run.data.update(patch)
        for key in unset:
            run.data.pop(key, None)
        return seen
    own: list[int] = []
    for key, value in changed(patch, unset).items():
        reducer = reduced.get(key) if reduced else None
        kept = run.writes.get(key)
        if kept is None and not alone:
            kept = run.writes[key] = KeyWrites(run.data.get(key, UNSET), [], room=ROOM)
        if kept is not None:
            if len(kept.writes) > kept.room:
                seen = _merge(run, kept, seen)
            run.last_write += 1
            kept.uniform = kept.uniform and (not kept.writes or _is_alike(kept.writes[0], value, reducer))
            kept.writes.append(Write(run.last_write, activation, value, reducer=reducer))
            own.append(run.last_write)
        if value is UNSET:
            run.data.pop(key, None)
        elif reducer is not None:
            grow(run.data, key, reducer, value)
        else:
            run.data[key] = value
    return seen.union(own) if own else seen


def _seen_value(kept: KeyWrites, seen: Seen) -> Value:
    """The latest whole value that was seen, and what was added to it since: who added had seen it."""
    added: list[Write] = []
    value = kept.base
    for write in reversed(kept.writes):
        if write.id not in seen:
            continue
        if write.reducer is None:
            value = write.value
            break
        added.append(write)
    if not added:
        return value
    assert added[0].reducer is not None
    return fold(added[0].reducer, value, [write.value for write in reversed(added)])


def _merge(run: Run, kept: KeyWrites, seen: Seen) -> Seen:
    """Merge the writes of a key that the same ones have seen; return what the writer, who has seen `seen`, has now.

    Whoever comes later has seen what some of those alive have, so nobody will ever tell merged writes apart.
    """
    ids = {write.id for write in kept.writes}
    alive = (*run.activations.values(), *run.arrivals.values(), *run.loops.values())
    seen_by: dict[int, list[int]] = {id: [] for id in ids}
    for index, sight in enumerate((seen, *(one.seen for one in alive))):
        for id in ids.intersection(sight):
            seen_by[id].append(index)
    merged: dict[int, Write] = {}
    latest: dict[tuple[int, ...], list[Write]] = {}
    for write in kept.writes:
        sight = tuple(seen_by[write.id])
        earlier, united = latest.get(sight), [write]
        if earlier is not None and _may_pass(earlier, write, merged):
            for one in earlier:
                del merged[one.id]
            united = _unite(earlier, write)
        for one in united:
            merged[one.id] = one
        latest[sight] = united
    kept.writes = list(merged.values())
    kept.room = 2 * len(kept.writes) + len(alive) + ROOM
    gone = ids.difference(merged)
    for activation in run.activations.values():
        activation.seen -= gone
    for holder in (*run.arrivals.values(), *run.loops.values()):
        holder.seen -= gone
    return seen - gone


def _may_pass(earlier: list[Write], write: Write, merged: dict[int, Write]) -> bool:
    """Whether the earlier writes may move up to one that the same ones have seen, past those between."""
    reducer = write.reducer
    if reducer is None:
        return True
    if reducer is Reducer.APPEND or earlier[-1].reducer is None:
        return next(reversed(merged)) == earlier[-1].id
    if reducer is Reducer.MERGE:
        between = takewhile(lambda other: other.id != earlier[-1].id, reversed(merged.values()))
        return not any(_conflict(other, one.value, reducer) for other in between for one in earlier)
    return True


def _unite(earlier: list[Write], write: Write) -> list[Write]:
    """Writes that stand for these, with the last one's id: one, or two of patches that contradict each other."""
    if write.reducer is None:
        write.mixed |= any(one.mixed or not _is_alike(one, write.value, None) for one in earlier)
        return [write]
    first = earlier[0]
    if first.reducer is None:
        return [Write(write.id, write.activation, fold(write.reducer, first.value, [write.value]), mixed=True)]
    writes = [*earlier, write]
    values = combine(write.reducer, [one.value for one in writes])
    writes = writes[-len(values) :]
    for one, value in zip(writes, values, strict=True):
        one.value = value
    return writes


def _conflict(rival: Write, value: Value, reducer: Reducer | None) -> bool:
    """Whether a write and one that has not seen it can't both stand."""
    if rival.reducer is None or reducer is None:
        return rival.mixed or not _is_alike(rival, value, reducer)
    return clash(reducer, rival.value, value)


def _is_alike(write: Write, value: Value, reducer: Reducer | None) -> bool:
    """Whether a write sets this very value, or both only add."""
    if write.reducer is not None or reducer is not None:
        return write.reducer is reducer
    if write.value is UNSET or value is UNSET:
        return write.value is value
    return same(write.value, value)


def forget(run: Run, seen: Seen) -> Seen:
    """With one branch left alive, drop the writes of each key that it has seen all of; return what it must keep."""
    for key in [k for k, kept in run.writes.items() if all(write.id in seen for write in kept.writes)]:
        del run.writes[key]
    if run.writes:
        return seen
    for loop in run.loops.values():
        loop.seen.clear()
    return NOTHING
