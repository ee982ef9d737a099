"""What the inbox has checked can be applied whole: nothing is left behind by a commit that is refused."""

from __future__ import annotations

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pectin.core.error import PectinError
from pectin.core.identity import ExecutionId
from pectin.ports.store import Commit, Listen
from pectin.store.memory.inbox import Inbox
from pectin.testing.store_contract.sample import NOW, REFUND, child_row, listen, message, step

PARENT = ExecutionId.new()

listens = st.lists(st.builds(listen, st.sampled_from("ab"), correlation=st.sampled_from("AB")), max_size=2)
messages = st.builds(
    message,
    st.sampled_from("12"),
    correlation=st.sampled_from("AB"),
    expires_at=st.sampled_from([None, NOW, NOW + 1]),
    dedup=st.sampled_from([None, "k", "l"]),
    keep=st.booleans(),
)


@st.composite
def commits(draw: st.DrawFn) -> Commit:
    return step(
        PARENT,
        2,
        1,
        takes=draw(st.none() | st.integers(1, 3)),
        unlistens=draw(listens),
        listens=draw(listens),
        sends=draw(st.lists(messages, max_size=3)),
        children=[child_row(PARENT, REFUND, *draw(listens))],
    )


@given(st.lists(commits(), max_size=8))
def test_what_was_checked_can_be_applied_and_a_refusal_changes_nothing(story: list[Commit]) -> None:
    inbox = Inbox()
    for commit in story:
        # A child is new each time.
        commit = replace(commit, children=[replace(commit.children[0], execution=ExecutionId.new())])
        before = deepcopy(vars(inbox))
        try:
            inbox.check(commit)
        except PectinError:
            assert vars(inbox) == before
            continue
        assert vars(inbox) == before
        inbox.apply(commit)
        assert _waits_by_key(inbox) == _waits_by_execution(inbox)
        assert commit.takes not in inbox.messages
    for execution in list(inbox.open):
        inbox.forget(execution)
    assert _waits_by_key(inbox) == _waits_by_execution(inbox) == set()


def _waits_by_key(inbox: Inbox) -> set[tuple[ExecutionId, Listen]]:
    return {
        (execution, Listen(activation, name, correlation))
        for (name, correlation), waits in inbox.waits.items()
        for execution, activation in waits
    }


def _waits_by_execution(inbox: Inbox) -> set[tuple[ExecutionId, Listen]]:
    return {(execution, wait) for execution, standing in inbox.open.items() for wait in standing.values()}
