"""A thousand random workflows that spend side by side never pass a limit, and nobody in line waits in vain."""

from __future__ import annotations

from collections import Counter
from functools import cache

from pectin.core.event import AnyEvent
from pectin.core.evolve import fold
from pectin.core.line import waits_for_budget
from pectin.core.state import Run
from tests.core.spenders import compare_spenders, play_spenders

PLAYS = 1_000
GRAPHS = 60


@cache
def campaign() -> Counter[str]:
    """Each play is held against the laws of the purse after every command."""
    seen = Counter[str]()
    for seed in range(PLAYS):
        play = play_spenders(seed)
        assert play.run.closing is not None, "it has ended"
        seen[play.run.closing.cause] += 1
        seen.update(type(event).__name__ for event in play.events)
        if seed % 20 == 0:
            seen["waited"] += _waited(play.events)
            assert fold(Run(), play.events) == play.run
    return seen


def _waited(events: list[AnyEvent]) -> int:
    """How often a commit left the line standing still."""
    run = Run()
    return sum(waits_for_budget(fold(run, [event])) for event in events)


def test_no_limit_is_passed_by_a_cent() -> None:
    campaign()


def test_the_campaign_reaches_what_there_is() -> None:
    seen = campaign()
    wanted = "BudgetReserved BudgetSettled BudgetReturned BudgetAwaited ChildScheduled LimitReached DoubtRaised"
    assert all(seen[name] >= 10 for name in wanted.split()), seen
    assert seen["waited"] >= 50, seen
    assert seen["max_cost_usd"] >= 50, seen
    assert all(seen[name] for name in ("input_tokens", "output_tokens", "total_tokens")), seen


def test_no_outcome_depends_on_who_was_first_in_line() -> None:
    seen = Counter[str]()
    for seed in range(GRAPHS):
        seen += compare_spenders(seed, 4)
    assert seen["compared"] > GRAPHS, seen
    assert seen["limit reached"] > 10, seen
