"""What a command's events become in the store: rows, waits for messages, messages, and executions that begin."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pectin.core.command import AnyCommand, Complete
from pectin.core.event import AnyEvent, ChildSpawned, NodeCompleted, encode_events
from pectin.core.evolve import evolve
from pectin.core.identity import ExecutionId
from pectin.core.state import Run
from pectin.core.work import birth, letters, listens
from pectin.ports.store import ChildRow, Commit, Listen, LogRecord, Message, Row, StartRow, Statement
from pectin.runtime.error import ChildNotRegistered
from pectin.runtime.held import Held


class Enclosed(msgspec.Struct, frozen=True, gc=False):
    """What goes into the commit of a command's events with them, and nowhere without: the id of the message that
    brought the command, the SQL of the attempt that it completes, and what the attempt logged. With `takes_anyway` the
    message goes, although nothing came of it."""

    takes: int | None = None
    takes_anyway: bool = False
    statements: Sequence[Statement] = ()
    logs: Sequence[LogRecord] = ()


NOTHING = Enclosed()


def make_commit(
    execution: ExecutionId,
    held: Held,
    expected: int,
    command: AnyCommand,
    events: Sequence[AnyEvent],
    *,
    fence: int,
    due: int | None,
    start: StartRow | None,
    enclosed: Enclosed,
) -> Commit:
    """The commit of these events, which led from the version `expected` to where the run is now.

    From now on what is held of the execution counts as written. Raises `ChildNotRegistered`.
    """
    run = held.run
    wanted = listens(run)
    children = [_child(held, event) for event in events if type(event) is ChildSpawned]
    begun: Sequence[Listen] = ()
    over: Sequence[Listen] = ()
    sends: Sequence[Message] = ()
    if wanted or held.listens or children:  # else it has neither a parent nor children, and waits for no event
        begun, over = _difference(held.listens, wanted)
        sends = _messages(run, events, command.at)
    rows, snapshot = held.rows(expected, events), held.snapshot()
    commit = Commit(
        execution=execution,
        expected=expected,
        version=run.version,
        fence=held.fence,
        new_fence=fence,
        rows=rows,
        status=run.status,
        updated_at=run.updated_at,
        due=due,
        start=start,
        snapshot=snapshot,
        listens=begun,
        unlistens=over,
        takes=enclosed.takes,
        sends=sends,
        children=children,
        statements=enclosed.statements if enclosed.statements and _completes(command, events) else (),
        logs=enclosed.logs,
        line=held.line,
        seal=held.seal(snapshot) if rows or snapshot is not None else None,
    )
    held.listens = wanted
    held.fence = fence
    held.due = due
    return commit


def _difference(
    written: dict[str, tuple[str, str]], wanted: dict[str, tuple[str, str]]
) -> tuple[list[Listen], list[Listen]]:
    """The waits that begin, and those that are over."""
    begun = [Listen(name, *to) for name, to in wanted.items() if written.get(name) != to]
    over = [Listen(name, *to) for name, to in written.items() if wanted.get(name) != to]
    return begun, over


def _messages(run: Run, events: Sequence[AnyEvent], at: int) -> list[Message]:
    """What other executions are told; there is nobody else to whom these could matter, so they are not kept."""
    return [
        Message(
            name=letter.name,
            correlation=letter.correlation,
            payload=msgspec.json.encode(letter.payload),
            sent_at=at,
            keep=False,
        )
        for letter in letters(run, events)
    ]


def _child(held: Held, spawned: ChildSpawned) -> ChildRow:
    pair = (spawned.workflow_id, spawned.workflow_version)
    definition = held.births.get(pair)
    if definition is None:
        raise ChildNotRegistered(
            f"`{spawned.activation}` begins `{pair[0]}` {pair[1]}, which is not registered in this store; "
            f"open an engine there with a workflow that has it as a child"
        )
    created = birth(held.run, spawned, definition)
    execution = ExecutionId.parse(spawned.child)
    row = Row(1, 1, encode_events([created]))
    chain = None if held.chain is None else held.chain.beget(execution)
    return ChildRow(
        execution=execution,
        start=StartRow(*pair, definition=definition, created_at=spawned.at),
        row=row if chain is None else chain.extend(row),
        due=spawned.at,
        listens=[Listen(name, *to) for name, to in listens(evolve(Run(), created)).items()],
        seal=None if chain is None else chain.seal(1),
    )


def _completes(command: AnyCommand, events: Sequence[AnyEvent]) -> bool:
    """Whether the attempt that reports has completed by this: one that is late, or can't be used, writes nothing."""
    return isinstance(command, Complete) and any(
        type(event) is NodeCompleted and event.activation == command.activation for event in events
    )
