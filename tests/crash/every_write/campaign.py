"""A scenario's campaign: a calm trial, then one for each moment at which it can die, each held against the calm one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pectin.core.definition import Effect, Node
from pectin.core.event import AnyEvent, NodeCompleted
from pectin.core.identity import ExecutionId, idempotency_key
from tests.crash.every_write.ledger import DONE, ENTERED
from tests.crash.every_write.mortal import Moment, When
from tests.crash.every_write.outcome import entries_allowed, nodes_of, outcome, plain, roles
from tests.crash.every_write.place import Place
from tests.crash.every_write.stage import Scenario
from tests.crash.every_write.trial import Trial, was_done

LOST = "of an execution that is not there"


def calm_trial(scenario: Scenario, place: Place) -> Trial:
    """A trial in which nobody dies; raises `AssertionError` if it doesn't end as the scenario says."""
    calm = Trial(scenario, place).run()
    last = outcome(calm.seen.histories)[roles(calm.seen.histories)[str(calm.promises.begun[-1])]]
    assert last.status == scenario.ends, last.error
    assert last.state == {**last.state, **plain(scenario.state)}
    undone = [deed.name for deed in scenario.deeds if not was_done(calm.answered.get(deed.name, False))]
    assert not undone, f"nobody came to {undone}"
    assert not calm.findings
    return calm


def moments(writes: int, lines: int, *, has_inside: bool) -> list[Moment]:
    """All at which a life with so many writes and lines can end. In a place that has an inside, and is slow, the body
    only dies after each line: before it is after the one before, or after the write that begins it."""
    of_write = (When.BEFORE, When.INSIDE, When.AFTER) if has_inside else (When.BEFORE, When.AFTER)
    of_line = (When.AFTER,) if has_inside else (When.BEFORE, When.AFTER)
    at_writes = [Moment("write", number, when) for number in range(1, writes + 1) for when in of_write]
    return at_writes + [Moment("line", number, when) for number in range(1, lines + 1) for when in of_line]


def attempt(scenario: Scenario, calm: Trial, trial: Trial) -> list[str]:
    """Run a trial; what is wrong with it, also if it never came to an end."""
    try:
        trial.run()
    except Exception as failure:
        return [*trial.findings, repr(failure)]
    return complaints(scenario, calm, trial)


def complaints(scenario: Scenario, calm: Trial, trial: Trial) -> list[str]:
    """What is wrong with a trial, beside a calm one."""
    told = list(trial.findings)
    if len(trial.lives) != len(trial.moments) + 1:
        told.append(f"it was to die {len(trial.moments)} times, and lived {len(trial.lives)} lives")
    expected, ended = outcome(calm.seen.histories), outcome(trial.seen.histories)
    if expected.keys() != ended.keys():
        told.append(f"executions: {sorted(ended)} and not {sorted(expected)}")
    for role in expected.keys() & ended.keys():
        for what, then, now in zip(expected[role]._fields, expected[role], ended[role], strict=True):
            if then != now and (scenario.confluent or what in ("status", "error")):
                told.append(f"{role}: {what} was {then} in a calm run, and is {now}")
    told += _wrong_effects(scenario, calm, trial)
    return told


def _wrong_effects(scenario: Scenario, calm: Trial, trial: Trial) -> Iterator[str]:
    """Where the ledger says something else than the promise of an effect."""
    done, calmly = _counts(trial, DONE), _counts(calm, DONE)
    entered = _counts(trial, ENTERED)
    yield from (f"{name}: a body was entered" for name in entered if name[0] == LOST)
    names = roles(trial.seen.histories)
    books = trial.booked
    for execution, events in trial.seen.histories.items():
        nodes, allowed = nodes_of(events), entries_allowed(events)
        kinds = _nodes(scenario, events)
        completed = {event.activation for event in events if isinstance(event, NodeCompleted)}
        for activation, node in nodes.items():
            name = (names[execution], activation)
            key = idempotency_key(ExecutionId.parse(execution), activation)
            given = {line.key for line in trial.lines if (line.execution, line.activation) == (execution, activation)}
            if given - {key}:
                yield f"{name}: it was given the keys {given}, and not only {key}"
            if scenario.honest and activation in completed and bool(done[name]) != bool(calmly[name]):
                yield f"{name}: its effect was had {done[name]} times, and {calmly[name]} in a calm run"
            match kinds[node].effect:
                case Effect.ONCE if entered[name] > allowed[activation]:
                    yield f"{name}: its body was entered {entered[name]} times, and {allowed[activation]} were allowed"
                case Effect.ONCE if scenario.honest and done[name] > 1:
                    yield f"{name}: what is to happen once happened {done[name]} times"
                case Effect.TRANSACTIONAL if books[key] != (activation in completed):
                    yield f"{name}: it is in the books {books[key]} times"
                case _:
                    pass


def _nodes(scenario: Scenario, events: list[AnyEvent]) -> dict[str, Node]:
    """The nodes of the workflow that these events are of."""
    blueprint = scenario.workflow.build()
    found = {each.definition.id: each.definition for each in (blueprint, *blueprint.children)}
    workflow_id = getattr(events[0], "workflow_id", "")
    return {node.id: node for node in found[workflow_id].nodes}


def _counts(trial: Trial, what: str) -> Counter[tuple[str, str]]:
    names = roles(trial.seen.histories)
    return Counter((names.get(line.execution, LOST), line.activation) for line in trial.lines if line.what == what)
