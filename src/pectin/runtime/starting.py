"""Starting an execution once: a key names one execution, whatever becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pectin.authoring.blueprint import Blueprint
from pectin.core.codec import check_value, digest
from pectin.core.command import Refused, Start
from pectin.core.error import BadValue
from pectin.core.identity import ExecutionId
from pectin.ports.store import Find, StartKeyTaken, StartRow, StoreError, Summary
from pectin.runtime.error import CommandRefused

if TYPE_CHECKING:
    from pectin.runtime.engine import Engine


async def start_execution(
    engine: Engine, blueprint: Blueprint[Any], input: object, *, key: str | None, by: str | None, restart: bool
) -> ExecutionId:
    """The id of the execution that now runs under this key, or of a new one without a key."""
    state = blueprint.complete({} if input is None else input)
    check_value(state, "input", engine.limits.payload_bytes_max)
    _check_text("key", key, engine.limits.key_characters_max)
    _check_text("by", by, engine.limits.identifier_characters_max)
    input_hash = digest(state)
    for _ in range(engine.limits.commit_conflicts_max):
        replaces = None
        if key is not None:
            earlier = await _find(engine, blueprint.definition.id, key)
            if earlier is not None and not (restart and earlier.status.is_terminal):
                return _same(earlier, key, input_hash, restart)
            replaces = earlier.execution if earlier is not None else None
        execution = ExecutionId.new()
        at = engine.clock.now()
        definition = blueprint.program.hash
        command = Start(
            at=at,
            execution_id=execution.to_json(),
            input=state,
            state=state,
            definition=definition,
            key=key,
            by=by,
        )
        row = StartRow(
            workflow_id=blueprint.definition.id,
            workflow_version=blueprint.definition.version,
            definition=definition,
            created_at=at,
            key=key,
            input_hash=input_hash,
            replaces=replaces,
        )
        try:
            await engine.service.start(blueprint.program, execution, command, row)
        except StartKeyTaken:
            continue
        return execution
    raise StoreError(f"key {key!r}: other starts came first; try again")


async def _find(engine: Engine, workflow_id: str, key: str) -> Summary | None:
    found = await engine.store.find(Find(key=key, workflow_id=workflow_id, limit=1))
    return found[0] if found else None


def _same(earlier: Summary, key: str, input_hash: str, restart: bool) -> ExecutionId:
    if restart:
        reason = f"the execution with key {key!r} has not ended ({earlier.status}): cancel it before a restart"
        raise CommandRefused(Refused("not_ended", reason, str(earlier.execution)))
    if earlier.input_hash != input_hash:
        reason = f"key {key!r} was used with another input; take another key, or the same input"
        raise CommandRefused(Refused("key_reused", reason, str(earlier.execution)))
    return earlier.execution


def _check_text(name: str, text: str | None, characters_max: int) -> None:
    if text is None:
        return
    if not text.strip() or len(text) > characters_max:
        what = "is empty" if not text.strip() else f"has {len(text)} characters"
        raise BadValue(name, what, f"write 1 to {characters_max} characters")
    check_value(text, name)


__all__ = ["start_execution"]
