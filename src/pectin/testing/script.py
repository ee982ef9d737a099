"""What people and other systems say to an execution: a script that answers whatever it waits for.

It is read off the run alone and remembers nothing, so that it can be asked again after a crash. What it says twice is
said once: a decision and a resolution name their activation, a message has a dedup key of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from msgspec import UNSET, UnsetType

from pectin.core.action import TIMEOUT
from pectin.core.activation import ActivationName, parse_activation
from pectin.core.command import AnyCommand, Decide, Release, Resolve, Signal
from pectin.core.definition import Json
from pectin.core.need import Need, NeedKind, needs_of
from pectin.core.state import Doubt, Run, Waiting
from pectin.ports.function import DidNot, Happened, Unknown

BY: Final = "script"
"""Who says it, as a history shows it."""

Resolution = Happened[Any] | DidNot | Unknown
"""What is said of an attempt in doubt, by the script or by somebody who looks."""

Look = Callable[[str, str, int], Resolution]
"""Looks for an execution's id, an activation and an attempt."""

_NOTHING: Final[Mapping[str, Any]] = {}


class Send(NamedTuple):
    """An external event for the store's inbox."""

    name: str
    correlation: str
    payload: Json
    dedup: str


Reply = AnyCommand | Send


class Script:
    """Answers by name: of an activation (`review[2]`), of its node (`review`), of a signal or an event.

    `decide` has decisions, `edits` new values for the keys that an approval lets people change, `signal` and `send`
    payloads, `resolve` what is found of an attempt in doubt. What isn't named is answered too: the first decision,
    the payload null. For a doubt there is no such word: it takes somebody who looks (`reply`). Nobody says anything to
    what is `silent`, nor decides what is decided as `timeout`: only its time can end that wait.
    """

    def __init__(
        self,
        *,
        decide: Mapping[str, str] = _NOTHING,
        edits: Mapping[str, Json] = _NOTHING,
        signal: Mapping[str, Json] = _NOTHING,
        send: Mapping[str, Json] = _NOTHING,
        resolve: Mapping[str, Resolution] = _NOTHING,
        silent: Sequence[str] = (),
    ) -> None:
        self.decide = dict(decide)
        self.edits = dict(edits)
        self.signal = dict(signal)
        self.send = dict(send)
        self.resolve = dict(resolve)
        self.silent = frozenset(silent)

    def reply(self, run: Run, at: int, look: Look | None = None) -> list[Reply]:
        """Everything there is to say to it at this time. `look` tells of doubts that the script doesn't resolve."""
        said = [self._answer(run, need, at, look) for need in needs_of(run)]
        return [reply for reply in said if reply is not None]

    def unanswered(self, run: Run, look: Look | None = None) -> list[Need]:
        """What it needs from people or other systems, is not told, and no time brings."""
        people = (need for need in needs_of(run) if need.kind not in (NeedKind.TIME, NeedKind.CHILD))
        return [need for need in people if need.until is None and self._answer(run, need, 0, look) is None]

    def _answer(self, run: Run, need: Need, at: int, look: Look | None) -> Reply | None:
        activation = run.activations[need.activation]
        if need.kind is NeedKind.QUARANTINE:
            return Release(at=at, by=BY)
        if activation.doubt is not None:
            return self._resolve(run, need.activation, activation.doubt, at, look)
        if activation.waiting is not None:
            return self._end_wait(run, parse_activation(need.activation), activation.waiting, at)
        return None

    def _end_wait(self, run: Run, name: ActivationName, waiting: Waiting, at: int) -> Reply | None:
        if not self.silent.isdisjoint((str(name), name.node)):
            return None
        if waiting.decisions:
            return self._decide(run, name, waiting, at)
        dedup = f"{BY}:{run.execution_id}:{name}"
        if waiting.signal is not None and waiting.signal not in self.silent:
            payload = _find(self.signal, name, waiting.signal)
            if payload is not UNSET or waiting.event is None or waiting.event in self.silent:
                said = None if payload is UNSET else payload
                return Signal(at=at, name=waiting.signal, payload=said, dedup=dedup, by=BY)
        if waiting.event is not None and waiting.event not in self.silent:
            payload = _find(self.send, name, waiting.event)
            return Send(waiting.event, waiting.correlation, None if payload is UNSET else payload, dedup)
        return None

    def _decide(self, run: Run, name: ActivationName, waiting: Waiting, at: int) -> Reply | None:
        first = next(decision for decision in waiting.decisions if decision != TIMEOUT)
        decision = _find(self.decide, name)
        if decision is UNSET:
            decision = first
        if decision == TIMEOUT:
            return None
        edits = {key: value for key, value in self.edits.items() if key in waiting.editable}
        by = _next_approver(run, waiting)
        return Decide(at=at, activation=str(name), decision=str(decision), by=by, digest=waiting.digest, edits=edits)

    def _resolve(self, run: Run, name: str, doubt: Doubt, at: int, look: Look | None) -> Reply | None:
        found = _find(self.resolve, parse_activation(name))
        if found is UNSET:
            found = Unknown() if look is None else look(run.execution_id, name, doubt.attempt)
        match found:
            case Happened():
                result = cast("Happened[Any]", found).result
                return Resolve(at=at, activation=name, happened=True, by=BY, result=result, attempt=doubt.attempt)
            case DidNot():
                return Resolve(at=at, activation=name, happened=False, by=BY, attempt=doubt.attempt)
            case _:
                return None


def _next_approver(run: Run, waiting: Waiting) -> str:
    """Somebody who may approve a call, and has not; who else decides is always the same."""
    for ask in () if waiting.call is None else waiting.call.asks:
        if not ask.rule.lacks(waiting.approved_by, run.requester):
            continue
        others = (f"{BY}-{number}" for number in range(2, ask.rule.approvers + 3))
        people = ask.rule.of or (BY, *others)
        may = [by for by in people if ask.rule.lets_approve(by, run.requester) and by not in waiting.approved_by]
        if may:
            return may[0]
    return BY


def _find(answers: Mapping[str, Any], name: ActivationName, *more: str) -> Any | UnsetType:
    """The answer to an activation: by its name, else by its node's, else by what it waits for."""
    return next((answers[word] for word in (str(name), name.node, *more) if word in answers), UNSET)
