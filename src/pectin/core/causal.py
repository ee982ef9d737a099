"""What an activation sees: the state before it, and never the patches of a concurrent branch.

Most of the time nothing is concurrent: then everybody sees `run.data` and there is nothing to keep. While several
branches are alive, each write is kept with an id (`run.writes`), and each branch keeps the ids it has `seen`: its own
and those of the activations it had to wait for. A view is the state with the unseen writes taken out. Two writes of
one key conflict if the later one's writer has not seen the earlier and the values differ; the sets are exact, so the
order of arrival makes no difference.

Writes that the same branches have seen are merged, so that a long branch beside a waiting one costs no more with every
step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pectin.core.codec import canonical
from pectin.core.definition import Json
from pectin.core.state import NOTHING, KeyWrites, Run, Seen, Write

UNSET = msgspec.UNSET

ROOM = 8
"""How many writes of a key there may be before it is worth the time to merge some."""


def view(run: Run, seen: Seen) -> Mapping[str, Json]:
    """The state as somebody sees who has seen these writes. Not to be changed by the caller."""
    if not run.writes:
        return run.data
    state: dict[str, Any] = dict(run.data)
    for key, kept in run.writes.items():
        value = next((write.value for write in reversed(kept.writes) if write.id in seen), kept.base)
        if value is UNSET:
            state.pop(key, None)
        else:
            state[key] = value
    return state


def seen_on_entry(run: Run, name: str) -> Seen:
    """What an activation that is not entered yet will have seen: all that arrives at it."""
    arrivals = run.arrivals.get(name)
    return NOTHING if arrivals is None else frozenset(arrivals.seen)


def changed(patch: Mapping[str, Json], unset: tuple[str, ...]) -> dict[str, Json | msgspec.UnsetType]:
    """A patch and the keys it removes, as one mapping."""
    return {**patch, **dict.fromkeys(unset, UNSET)} if unset else dict(patch)


def find_conflict(
    run: Run, seen: Seen, patch: Mapping[str, Json], unset: tuple[str, ...] = ()
) -> tuple[str, str] | None:
    """The first key (by name) that a concurrent activation wrote differently, and that activation."""
    if not run.writes:
        return None
    for key, value in sorted(changed(patch, unset).items(), key=lambda item: item[0]):
        kept = run.writes.get(key)
        if kept is None or (kept.uniform and _same(kept.writes[0].value, value)):
            continue
        rivals = [write for write in kept.writes if write.id not in seen]
        for rival in sorted(rivals, key=lambda write: write.activation):
            if rival.mixed or not _same(rival.value, value):
                return key, rival.activation
    return None


def write(run: Run, activation: str, seen: Seen, patch: Mapping[str, Json], unset: tuple[str, ...] = ()) -> Seen:
    """Change the state, and return what the writer has seen after it."""
    alone = not run.arrivals and run.activations.keys() <= {activation}
    own: list[int] = []
    for key, value in changed(patch, unset).items():
        kept = run.writes.get(key)
        if kept is None and not alone:
            kept = run.writes[key] = KeyWrites(run.data.get(key, UNSET), [], room=ROOM)
        if kept is not None:
            if len(kept.writes) > kept.room:
                seen = _merge(run, kept, seen)
            run.last_write += 1
            kept.uniform = kept.uniform and (not kept.writes or _same(kept.writes[0].value, value))
            kept.writes.append(Write(run.last_write, activation, value))
            own.append(run.last_write)
        if value is UNSET:
            run.data.pop(key, None)
        else:
            run.data[key] = value
    return seen.union(own) if own else seen


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
    merged: dict[tuple[int, ...], Write] = {}
    for write in kept.writes:
        earlier = merged.pop(tuple(seen_by[write.id]), None)
        if earlier is not None:
            write.mixed |= earlier.mixed or not _same(earlier.value, write.value)
        merged[tuple(seen_by[write.id])] = write
    kept.writes = list(merged.values())
    kept.room = 2 * len(kept.writes) + len(alive) + ROOM
    gone = ids.difference(write.id for write in kept.writes)
    for activation in run.activations.values():
        activation.seen -= gone
    for holder in (*run.arrivals.values(), *run.loops.values()):
        holder.seen -= gone
    return seen - gone


def forget(run: Run, seen: Seen) -> Seen:
    """With one branch left alive, drop the writes of each key that it has seen all of; return what it must keep."""
    for key in [k for k, kept in run.writes.items() if all(write.id in seen for write in kept.writes)]:
        del run.writes[key]
    if run.writes:
        return seen
    for loop in run.loops.values():
        loop.seen.clear()
    return NOTHING


def _same(one: Json | msgspec.UnsetType, other: Json | msgspec.UnsetType) -> bool:
    if one is UNSET or other is UNSET:
        return one is other
    return canonical(one) == canonical(other)
