"""Starting an execution once: a key names one execution, whatever becomes of it."""

from __future__ import annotations

from typing import Any

from pectin.authoring.blueprint import Blueprint
from pectin.core.codec import check_text, check_value, digest
from pectin.core.command import Refused, Start
from pectin.core.decide.actor import refuse_unnamed
from pectin.core.error import BadValue
from pectin.core.identity import ExecutionId
from pectin.core.status import SessionType
from pectin.ports.store import Find, StartKeyTaken, StartRow, StoreError, Summary
from pectin.runtime.dispatcher import Dispatcher
from pectin.runtime.error import CommandRefused
from pectin.runtime.held import Held


async def start_execution(
    dispatcher: Dispatcher, blueprint: Blueprint[Any], input: object, *, key: str | None, by: str | None, restart: bool
) -> tuple[ExecutionId, Held | None]:
    """The id of the execution that now runs under this key, or of a new one without a key; with its run if that is
    kept nowhere else."""
    limits = dispatcher.limits
    if blueprint.definition.session_type is SessionType.EPHEMERAL:
        what = f"`{blueprint.definition.id}` is ephemeral: it can only be previewed"
        raise BadValue("workflow", what, "use `pectin.preview`, `engine.preview` or `pectin preview`")
    state = blueprint.complete({} if input is None else input)
    check_value(state, "input", limits.payload_bytes_max)
    check_text(key, "key", limits.key_characters_max, may_be_blank=False)
    check_text(by, "by", limits.identifier_characters_max, may_be_blank=False)
    if key is not None and blueprint.definition.session_type is SessionType.STATELESS:
        raise BadValue("key", "a stateless execution has none: nothing of it is kept", "leave it out")
    if restart and key is None:
        raise BadValue("restart", "needs a key", "say with `key` which execution the new one replaces")
    refused = refuse_unnamed(blueprint.definition.session_type, by)
    if refused is not None:
        raise CommandRefused(refused)
    input_hash = None if key is None else digest(state)  # only who comes with the same key is held against it
    for _ in range(limits.commit_conflicts_max):
        earlier = None if key is None else await _find(dispatcher, blueprint.definition.id, key)
        if earlier is not None and not (restart and earlier.status.is_terminal):
            return _same(earlier, input_hash, restart), None
        execution = dispatcher.host.new_id()
        command = Start(
            at=dispatcher.clock.now(),
            execution_id=execution.to_json(),
            input=state,
            state=state,
            definition=blueprint.program.hash,
            key=key,
            by=by,
        )
        row = _row(blueprint, command, input_hash, earlier)
        try:
            held = (await dispatcher.service.start(blueprint.program, execution, command, row)).held
        except StartKeyTaken:
            continue
        return execution, held if held.unwritten else None
    raise StoreError(f"key {key!r}: other starts came first; try again")


def _row(blueprint: Blueprint[Any], command: Start, input_hash: str | None, earlier: Summary | None) -> StartRow:
    return StartRow(
        workflow_id=blueprint.definition.id,
        workflow_version=blueprint.definition.version,
        definition=command.definition,
        created_at=command.at,
        key=command.key,
        input_hash=input_hash,
        replaces=None if earlier is None else earlier.execution,
    )


async def _find(dispatcher: Dispatcher, workflow_id: str, key: str) -> Summary | None:
    found = await dispatcher.store.find(Find(key=key, workflow_id=workflow_id, limit=1))
    return found[0] if found else None


def _same(earlier: Summary, input_hash: str | None, restart: bool) -> ExecutionId:
    """The execution that has the key; raises `CommandRefused` if it isn't the one that is asked for."""
    if restart:
        reason = f"the execution with key {earlier.key!r} has not ended ({earlier.status}): cancel it before a restart"
        raise CommandRefused(Refused("not_ended", reason, str(earlier.execution)))
    if earlier.input_hash != input_hash:
        reason = f"key {earlier.key!r} was used with another input; take another key, or the same input"
        raise CommandRefused(Refused("key_reused", reason, str(earlier.execution)))
    return earlier.execution
