"""Slips in what policies stop: calls that are begun all the same, and approvals that count for more than they are."""

# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from msgspec.structs import replace

from pectin.core.command import Decide
from pectin.core.decide.turn import Turn
from pectin.core.event import CallApproved, CallParked, NodeScheduled
from pectin.core.evolve import FOLDS
from pectin.core.policy import ApprovalRule, Ruling
from pectin.core.state import Run
from tests.core.bugs.plant import after, around

CALL: Any = import_module("pectin.core.decide.call")
CLOSE: Any = import_module("pectin.core.decide.close")
DECIDE: Any = import_module("pectin.core.decide")
POLICY: Any = import_module("pectin.core.policy")
WAIT: Any = import_module("pectin.core.decide.wait")


def begun_by_the_event_that_schedules_it(patch: pytest.MonkeyPatch) -> None:
    def emit(real: Any) -> Any:
        def slipped(turn: Turn, event: Any) -> None:
            if isinstance(event, NodeScheduled) and event.node in turn.program.policed and turn.run.closing is None:
                event = replace(event, begun_by=turn.take_slot(event.node))
            real(turn, event)

        return slipped

    around(patch, Turn, "emit", emit)


def nothing_is_stopped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DECIDE, "stop_calls", lambda turn: False)


def finalizers_are_not_stopped(patch: pytest.MonkeyPatch) -> None:
    def finish(real: Any) -> Any:
        def slipped(turn: Turn) -> None:
            program = turn.program
            turn.program = replace(program, policed={})
            real(turn)
            turn.program = program

        return slipped

    around(patch, DECIDE, "finish", finish)


def items_are_not_asked_for(patch: pytest.MonkeyPatch) -> None:
    def park(real: Any) -> Any:
        def slipped(turn: Turn, activation: Any, *said: Any) -> None:
            if activation.map is None:
                real(turn, activation, *said)

        return slipped

    around(patch, CALL, "_park", park)


def a_block_is_asked_for(patch: pytest.MonkeyPatch) -> None:
    def stop(real: Any) -> Any:
        return lambda turn, activation, verdict: real(turn, activation, replace(verdict, ruling=Ruling.APPROVE))

    around(patch, CALL, "_stop", stop)
    patch.setattr(POLICY.ApprovalRule, "can_be_met", lambda rule, requester: True)


def one_approval_is_enough(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(CALL, "lacking", lambda asks, approved_by, requester: 0)


def one_rule_is_enough(patch: pytest.MonkeyPatch) -> None:
    def lacking(asks: Any, approved_by: Any, requester: Any) -> int:
        return min(ask.rule.lacks(approved_by, requester) for ask in asks)

    patch.setattr(CALL, "lacking", lacking)


def anybody_may_approve(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ApprovalRule, "lets_approve", lambda rule, by, requester: True)


def the_requester_may_approve(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ApprovalRule, "lets_approve", lambda rule, by, requester: not rule.of or by in rule.of)


def who_has_approved_counts_again(patch: pytest.MonkeyPatch) -> None:
    def decide(real: Any) -> Any:
        def slipped(turn: Turn, activation: Any, waiting: Any, call: Any, command: Decide) -> Any:
            if command.by in waiting.approved_by:
                command = replace(command, by=f"{command.by} again")
            return real(turn, activation, waiting, call, command)

        return slipped

    around(patch, WAIT, "decide_call", decide)


def the_latest_state_is_shown(patch: pytest.MonkeyPatch) -> None:
    def arguments(real: Any) -> Any:
        def slipped(turn: Turn, activation: Any) -> Any:
            return real(turn, activation) if activation.map is not None else dict(turn.run.data)

        return slipped

    around(patch, CALL, "_arguments", arguments)


def the_deadline_comes_early(patch: pytest.MonkeyPatch) -> None:
    def fold(run: Run, event: CallParked) -> None:
        if event.until is not None:
            run.due[event.activation] = event.until - 5

    after(patch, FOLDS, CallParked, fold)


def a_parked_call_stays_ready(patch: pytest.MonkeyPatch) -> None:
    after(patch, FOLDS, CallParked, lambda run, event: run.ready.setdefault(event.activation))


def an_approved_call_still_waits(patch: pytest.MonkeyPatch) -> None:
    def fold(run: Run, event: CallApproved) -> None:
        run.waits += event.decides

    after(patch, FOLDS, CallApproved, fold)


def an_approval_that_does_not_decide_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    def fold(run: Run, event: CallApproved) -> None:
        waiting = run.activations[event.activation].waiting
        if waiting is not None:
            waiting.approved_by = ()

    after(patch, FOLDS, CallApproved, fold)
