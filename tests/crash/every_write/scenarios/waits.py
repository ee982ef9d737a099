"""Waits: for people, times, signals and events, and for whichever comes first."""

from __future__ import annotations

from pectin import END, WorkflowStatus
from pectin.testing.script import Script
from tests.crash.every_write.stage import (
    FIRST,
    THRICE,
    Scenario,
    add,
    event,
    fail_first,
    hold,
    in_backoff,
    release,
    signal,
    waits,
    workflow,
    write,
)


def signals() -> Scenario:
    """One comes early, one late, one twice, and one to nobody."""
    wf = workflow("signals")
    pause = wf.wait("pause", duration="1h")
    early = wf.wait("early", signal="go", output_key="n")
    late = wf.wait("late", signal="stop", output_key="said")
    pause.then(early)
    early.then(late)
    deeds = (
        signal("go", 7),
        signal("go", 7, time=2),
        signal("other", None),
        signal("stop", "enough", waits("late")),
    )
    return Scenario(workflow=wf, deeds=deeds, script=Script(silent=("go", "stop")), ends=WorkflowStatus.COMPLETED)


def events() -> Scenario:
    """One comes before anybody waits, one after, and both twice."""
    wf = workflow("events")
    pause = wf.wait("pause", duration="1h")
    early = wf.wait("early", event="parcel.sent", key="C-{{ state.n }}", output_key="said")
    late = wf.wait("late", event="parcel.came", key="C-{{ state.n }}")
    pause.then(early)
    early.then(late)
    late.then(wf.node(add, name="after"))
    deeds = (
        event("parcel.sent", "C-0", "by rail"),
        event("parcel.sent", "C-0", "by rail", time=2),
        event("parcel.came", "C-0", None, waits("late")),
        event("parcel.came", "C-0", None, time=2),
    )
    silent = Script(silent=("parcel.sent", "parcel.came"))
    return Scenario(
        workflow=wf, deeds=deeds, script=silent, ends=WorkflowStatus.COMPLETED, state={"n": 1, "said": "by rail"}
    )


def message_before_time() -> Scenario:
    """A signal, an event or a time, whichever is first: it is the event."""
    wf = workflow("message-before-time")
    either = wf.wait("either", signal="go", event="parcel", key="C-1", duration="1h", output_key="said")
    either.then(wf.node(write, name="by_event"), when="output.came == 'event'")
    either.otherwise(wf.node(write, name="by_other"))
    return Scenario(
        workflow=wf,
        deeds=(event("parcel", "C-1", 3, waits("either")),),
        script=Script(silent=("go", "parcel")),
        ends=WorkflowStatus.COMPLETED,
        state={"notes": ["by_event"]},
    )


def time_before_message() -> Scenario:
    """Nobody says anything: it is the time."""
    wf = workflow("time-before-message")
    either = wf.wait("either", signal="go", duration="1h")
    either.then(wf.node(write, name="by_timer"), when="output.came == 'timer'")
    either.otherwise(wf.node(write, name="by_signal"))
    return Scenario(
        workflow=wf, script=Script(silent=("go",)), ends=WorkflowStatus.COMPLETED, state={"notes": ["by_timer"]}
    )


def out_of_patience() -> Scenario:
    """A wait for a signal that has a deadline, and fails at it."""
    wf = workflow("out-of-patience")
    late = wf.wait("late", signal="go", deadline="1h")
    late.then(wf.node(add, name="unused"))
    late.on_error(wf.node(write, name="saved"), when="error.error_class == 'timeout'")
    return Scenario(
        workflow=wf, script=Script(silent=("go",)), ends=WorkflowStatus.COMPLETED, state={"n": 0, "notes": ["saved"]}
    )


def times_in_order() -> Scenario:
    """Three times in three branches, which come in their order however long nobody was there."""
    wf = workflow("times-in-order", reducers={"notes": "append"})
    both = wf.parallel("both")
    for name, duration in (("third", "3s"), ("first", "1s"), ("second", "2s")):
        pause = wf.wait(name, duration=duration)
        both.then(pause)
        pause.then(wf.node(write, name=f"after_{name}"))
    return Scenario(
        workflow=wf,
        ends=WorkflowStatus.COMPLETED,
        state={"notes": ["after_first", "after_second", "after_third"]},
    )


def reviewed() -> Scenario:
    """A person changes the state and asks for another turn; then they are content."""
    wf = workflow("reviewed")
    draft = wf.node(add, name="draft")
    review = wf.approval("review", "Is {{ state.n }} enough?", decisions=("enough", "more"), editable=("said",))
    draft.then(review)
    review.repeat(draft, when="output.decision == 'more'", max_iterations=5)
    review.on(enough=wf.node(write, name="publish"), more=END)
    return Scenario(
        workflow=wf,
        script=Script(decide={"review[1]": "more", "review[2]": "enough"}, edits={"said": "a word"}),
        ends=WorkflowStatus.COMPLETED,
        state={"n": 2, "said": "a word", "notes": ["publish"]},
    )


def undecided() -> Scenario:
    """Nobody decides before the deadline, and that is a decision."""
    wf = workflow("undecided")
    review = wf.approval("review", "Go on?", deadline="72h")
    tell = wf.node(write, name="tell")
    review.on(approved=END, rejected=END, timeout=tell)
    return Scenario(
        workflow=wf,
        script=Script(decide={"review": "timeout"}),
        ends=WorkflowStatus.COMPLETED,
        state={"notes": ["tell"]},
    )


def held() -> Scenario:
    """Held in a backoff, and again while a time passes: nothing starts before it is released."""
    wf = workflow("held")
    call = wf.node(fail_first, name="call", retry=THRICE)
    pause = wf.wait("pause", duration="1h")
    call.then(pause)
    pause.then(wf.node(add, name="after"))
    deeds = (
        hold(in_backoff, "hold in backoff"),
        release(name="release after backoff"),
        hold(waits("pause"), "hold in a wait"),
        release(lambda run: run.hold is not None and not run.waiting(), "release after the wait"),
    )
    return Scenario(workflow=wf, deeds=deeds, inputs=(FIRST,), ends=WorkflowStatus.COMPLETED, state={"n": 2})
