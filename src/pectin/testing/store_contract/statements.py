"""`Commit.statements`: SQL of the user's that is committed with everything else, or not at all.

What is in the tables is asked by statements too: a `check` refuses the row that would say otherwise.
"""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from pectin.core.identity import ExecutionId
from pectin.ports.store import Commit, LogRecord, Statement, StatementFailed, Store, VersionConflict
from pectin.testing.store_contract.sample import (
    NOW,
    Open,
    child_row,
    everything,
    listen,
    message,
    ready,
    refused,
    started,
    step,
    version,
    waiting,
)

LEDGER = "create table if not exists ledger (id integer primary key, note text)"


async def test_statements_are_committed_with_the_step(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    pay = [Statement(LEDGER), _insert(1), _insert(2)]
    await store.commit(step(execution, 2, fence, statements=pay))
    assert await version(store, execution) == 3
    await _rows_are(store, 2)
    await store.close()
    await _rows_are(open_store(), 2)


async def test_parameters_of_every_type_arrive(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await started(store, fence)
    make = Statement("create table kinds (t text, i integer, f real, b blob, n integer)")
    kinds = ("it's ü", -(2**63), 0.1, b"\0\xff", None)
    insert = Statement("insert into kinds values (?, ?, ?, ?, ?)", kinds)
    await store.commit(step(execution, 2, fence, statements=[make, insert]))
    same = "select count(*) from kinds where t = ? and i = ? and f = ? and b = ? and n is ?"
    await store.commit(step(execution, 3, fence, statements=_asserting(f"({same}) = 1", kinds)))
    await refused(
        StatementFailed, store.commit(step(execution, 4, fence, statements=_asserting(f"({same}) = 0", kinds)))
    )


async def test_if_one_fails_nothing_of_the_commit_was_written(open_store: Open) -> None:
    store, fence = await ready(open_store)
    await _started_with_ledger(store, fence)
    execution = await waiting(store, fence)
    await store.send(message())
    before = await everything(store, execution)
    commit = step(
        execution,
        3,
        fence,
        "pay",
        snapshot=b"at 4",
        takes=(await store.matches())[0].id,
        unlistens=[listen()],
        listens=[listen("w")],
        sends=[message("2")],
        children=[child_row(ExecutionId.new())],
        logs=[LogRecord("pay", 1, NOW, 20, "paid")],
        statements=[_insert(2), Statement("create table more (a)"), _insert(1)],
    )
    error = await refused(StatementFailed, store.commit(commit))
    assert "statement 3 of 3" in str(error)
    assert await everything(store, execution) == before
    await _rows_are(store, 1)
    await store.commit(replace(commit, statements=[Statement("create table more (a)"), _insert(2)]))
    await _rows_are(store, 2)


async def test_a_failure_says_which_and_why_and_keeps_the_parameters_to_itself(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await _started_with_ledger(store, fence)
    secret = "hunter2"
    failing = [
        Statement("insert into ledger values (1, ?)", (secret,)),
        Statement("insert into nowhere values (?)", (secret,)),
        Statement("insert into ledger values (?)", (secret,)),
        Statement("insert into ledger values (7, ?)", (secret, secret)),
        Statement("insert into ledger values (7, ?)", ("\ud800" + secret,)),
        Statement("insert into ledger values (?, 'x')", (2**63,)),
        Statement("pay"),
    ]
    for statement in failing:
        commit = step(execution, 3, fence, statements=[_insert(5), statement])
        error = str(await refused(StatementFailed, store.commit(commit)))
        assert "statement 2 of 2" in error
        assert secret not in error
        assert str(2**63) not in error
    assert "nowhere" in str(
        await refused(StatementFailed, store.commit(step(execution, 3, fence, statements=failing[1:])))
    )
    assert await version(store, execution) == 3
    await _rows_are(store, 1)


async def test_a_commit_that_is_refused_runs_none(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await _started_with_ledger(store, fence)
    await refused(VersionConflict, store.commit(step(execution, 2, fence, statements=[_insert(2)])))
    await _rows_are(store, 1)


async def test_a_failure_costs_only_itself(open_store: Open) -> None:
    store, fence = await ready(open_store)
    executions = [await _started_with_ledger(store, fence, number) for number in range(5)]
    failing = [
        _insert(0),
        Statement("insert or rollback into ledger values (0, 'again')"),
        Statement("insert or abort into ledger values (10, 'a'), (0, 'again')"),
    ]
    commits: list[Commit] = []
    for number, execution in enumerate(executions):
        bad = [failing[number // 2]] if number % 2 == 0 else []
        commits.append(step(execution, 3, fence, statements=[_insert(20 + number), *bad]))
    commits.append(step(executions[1], 3, fence))
    outcomes = await asyncio.gather(*(store.commit(commit) for commit in commits), return_exceptions=True)
    kinds = [StatementFailed, type(None)] * 2 + [StatementFailed, VersionConflict]
    assert [type(outcome) for outcome in outcomes] == kinds
    assert [await version(store, execution) for execution in executions] == [3, 4, 3, 4, 3]
    await _rows_are(store, 7)
    await store.close()
    await _rows_are(open_store(), 7)


async def test_a_transaction_is_not_the_nodes_to_end(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await _started_with_ledger(store, fence)
    for sql in ("commit", "end", "rollback", "begin", "savepoint mine", "release change", "rollback to change"):
        statements = [_insert(2), Statement(sql)]
        await refused(StatementFailed, store.commit(step(execution, 3, fence, statements=statements)))
    assert await version(store, execution) == 3
    await _rows_are(store, 1)


async def test_a_statement_is_one_statement(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await _started_with_ledger(store, fence)
    for more in ("; insert into ledger values (3, 'x')", "; select 1", "; -- \n select 1"):
        two = Statement(f"insert into ledger values (2, 'x') {more}")
        error = await refused(StatementFailed, store.commit(step(execution, 3, fence, statements=[two])))
        assert "more than one" in str(error)
    hidden = Statement("select id from ledger; insert into ledger values (3, 'x')")
    await refused(StatementFailed, store.commit(step(execution, 3, fence, statements=[hidden])))
    await _rows_are(store, 1)
    one = Statement("-- pay; once\n insert into ledger values (2, '; select 1'); -- and; no more\n")
    await store.commit(step(execution, 3, fence, statements=[one]))
    await _rows_are(store, 2)


async def test_a_statement_runs_to_its_end(open_store: Open) -> None:
    store, fence = await ready(open_store)
    execution = await _started_with_ledger(store, fence)
    several = Statement("insert into ledger values (2, 'a'), (3, 'b'), (4, 'c') returning id")
    await store.commit(step(execution, 3, fence, statements=[several]))
    await _rows_are(store, 4)
    late = Statement("select abs(case id when 4 then -9223372036854775807 - 1 else id end) from ledger order by id")
    await refused(StatementFailed, store.commit(step(execution, 4, fence, statements=[late])))


def _insert(id: int) -> Statement:
    return Statement("insert into ledger values (?, 'paid')", (id,))


async def _started_with_ledger(store: Store, fence: int, id: int = 1) -> ExecutionId:
    """An execution at version 3 that has put a row into the ledger."""
    execution = await started(store, fence)
    await store.commit(step(execution, 2, fence, statements=[Statement(LEDGER), _insert(id)]))
    return execution


def _asserting(condition: str, parameters: tuple[str | int | float | bytes | None, ...] = ()) -> list[Statement]:
    """Statements that fail unless the condition holds."""
    return [
        Statement("create table if not exists told (truth integer check (truth))"),
        Statement(f"insert into told values ({condition})", parameters),
    ]


async def _rows_are(store: Store, count: int) -> None:
    """Expect that many rows in the ledger: that this is refused for any other number shows that somebody counted."""
    execution = await started(store, 0)
    outcomes: list[bool] = []
    for number in (count - 1, count, count + 1):
        statements = _asserting(f"(select count(*) from ledger) = {number}")
        try:
            await store.commit(step(execution, 2, 0, rows=[], version=2, statements=statements))
        except StatementFailed:
            outcomes.append(False)
        else:
            outcomes.append(True)
    assert outcomes == [False, True, False], f"the ledger doesn't have {count} rows"
