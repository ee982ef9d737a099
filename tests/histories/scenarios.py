"""The plays whose histories are recorded: together they have every kind of event."""

from __future__ import annotations

from collections.abc import Mapping

from tests.histories.plays import Play, attempts, budgets, calls, ends, family, waits, ways

SCENARIOS: Mapping[str, Play] = {
    play.__name__: play
    for play in (
        attempts.retry,
        attempts.interrupted,
        attempts.given_up,
        attempts.quarantined,
        attempts.reconciled,
        attempts.doubted,
        attempts.resolved,
        attempts.lost,
        waits.waiting,
        waits.approved,
        waits.gated,
        waits.edited,
        waits.signalled,
        waits.delivered,
        waits.held,
        calls.call_approved,
        calls.call_parked,
        ways.fan_out,
        ways.item_failed,
        ways.first,
        ways.loop,
        ways.nested,
        ways.thrown,
        ways.overtaken,
        ways.used_up,
        ways.reduced,
        ways.removed,
        ends.cancelled,
        ends.cut,
        ends.cut_in_grace,
        ends.failed,
        ends.failed_last,
        ends.conflict,
        ends.limited,
        ends.out_of_time,
        family.parent,
        family.child,
        family.trusting,
        family.cancelled_parent,
        family.cancelled_child,
        budgets.spent,
        budgets.part,
        budgets.returned,
        budgets.waited,
    )
}
"""By the names of their files."""
