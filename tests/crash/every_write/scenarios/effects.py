"""Bodies with every effect, tried again, timed out and given up."""

from __future__ import annotations

from pectin import Context, DidNot, Happened, RetryPolicy, Unknown, WorkflowStatus, tool
from tests.crash.every_write.ledger import ledger
from tests.crash.every_write.scenarios.reconciles import look_it_up
from tests.crash.every_write.stage import (
    FIRST,
    THRICE,
    Case,
    Scenario,
    add,
    fail,
    fail_first,
    hang_first,
    tidy,
    workflow,
    write,
)


def in_a_row() -> Scenario:
    """Three effects that may be had again, and a finalizer."""
    wf = workflow("in-a-row")
    pure = wf.node(write, name="pure", effect="pure")
    repeatable = wf.node(write, name="repeatable")
    keyed = wf.node(write, name="keyed", effect="keyed")
    pure.then(repeatable)
    repeatable.then(keyed)
    wf.finalizer(name="tidy")(tidy)
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"notes": ["pure", "repeatable", "keyed"]})


def once() -> Scenario:
    """Two effects that nobody may have twice: a person looks into the books."""
    wf = workflow("once")
    charge = wf.node(add, name="charge", effect="once")
    ship = wf.node(add, name="ship", effect="once")
    charge.then(ship)
    return Scenario(
        workflow=wf,
        ends=WorkflowStatus.COMPLETED,
        state={"n": 2},
        results={"charge": {"n": 1}, "ship": {"n": 2}},
    )


def once_by_name() -> Scenario:
    """A `once` body fails with the one error that says that nothing happened, and is entered again."""
    wf = workflow("once-by-name")
    policy = RetryPolicy(max_attempts=2, initial_delay_ms=500, max_delay_ms=500, retryable_on=("io_error",))
    charge = wf.node(fail_first, name="charge", effect="once", retry=policy)
    charge.reconcile(look_it_up)
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 1})


@tool(effect="once")
async def charge(*, n: int, ctx: Context) -> int:
    """A tool that nobody may call twice."""
    ledger.work(ctx)
    return n + 1


@tool(effect="keyed")
def send(*, n: int, ctx: Context) -> Case:
    """A tool that knows keys."""
    ledger.work(ctx)
    return {**FIRST, "n": n + 10, "notes": [ctx.activation]}


def called() -> Scenario:
    """A tool that is called at most once, and one that is called with the same key; a person looks into the books."""
    wf = workflow("called")
    once = wf.tool("charge", charge, input={"n": "state.n"}, output_key="n")
    keyed = wf.tool("send", send, input={"n": "state.n"}, output={"n": "output.n", "notes": "output.notes"})
    once.then(keyed, when="output.n == 1")
    return Scenario(
        workflow=wf,
        ends=WorkflowStatus.COMPLETED,
        state={"n": 11, "notes": ["send"]},
        results={"charge": 1},
    )


def called_and_asked_about() -> Scenario:
    """A tool that is called at most once; a program looks into the books."""
    wf = workflow("called-and-asked-about")
    once = wf.tool("charge", charge, input={"n": "state.n"}, output_key="n")

    @once.reconcile
    async def look(*, n: int, ctx: Context) -> Happened[int] | DidNot | Unknown:
        return Happened(n + 1) if ledger.has_done(ctx) else DidNot()

    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 1})


def called_for_each() -> Scenario:
    """A tool that is called once for each item."""
    wf = workflow("called-for-each")
    wf.each_tool("all", "state.items", send, input={"n": "item"}, output_key="found")
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED)


def transactional() -> Scenario:
    """SQL that is in the books once, however often its body runs."""
    wf = workflow("transactional")

    @wf.node(effect="transactional")
    async def book(state: Case, ctx: Context) -> Case:
        ledger.work(ctx)
        ctx.sql("create table if not exists booked (key text, n integer)")
        ctx.sql("insert into booked values (?, ?)", ctx.key, state["n"])
        state["n"] += 1
        return state

    again = wf.node(book, name="again", effect="transactional")
    book.then(again)
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 2}, sql=True)


def retried() -> Scenario:
    """A failure, a backoff with jitter, and success."""
    wf = workflow("retried")
    policy = RetryPolicy(max_attempts=5, initial_delay_ms=500, max_delay_ms=4_000)
    first = wf.node(fail_first, name="first", retry=policy)
    second = wf.node(fail_first, name="second", retry="io_default")
    first.then(second)
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 2})


def given_up() -> Scenario:
    """A failure beyond the policy, and the way on that is for it."""
    wf = workflow("given-up")
    calls = wf.node(fail, name="calls", retry=THRICE)
    unused = wf.node(add, name="unused")
    saved = wf.node(write, name="saved")
    calls.then(unused)
    calls.on_error(saved, when="error.error_class == 'io_error'")
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 0, "notes": ["saved"]})


def timed_out() -> Scenario:
    """An attempt that hangs until its time is up, and another."""
    wf = workflow("timed-out")
    slow = wf.node(hang_first, name="slow", timeout="2s", retry=THRICE, effect="keyed")
    slow.then(wf.node(add, name="after"))
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 2})
