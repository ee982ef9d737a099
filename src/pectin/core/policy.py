"""Policies: which calls are blocked and which need an approval, by the names of what is called.

Block beats approve beats allow, whatever the level, and every rule that asks for an approval has to be met: a rule more
never makes anything easier.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from typing import Final, cast

import msgspec
from msgspec.structs import force_setattr

from pectin.core.duration import DURATION_MS_MAX
from pectin.core.error import BadValue, ErrorData, quote
from pectin.core.status import plain_members

POLICY_BLOCKED: Final = "policy_blocked"
"""The class of the failure of a call that may not be made."""

APPROVAL_REJECTED: Final = "approval_rejected"
"""The class of the failure of a call that somebody has rejected."""

ENTRIES_MAX: Final = 1_000
PATTERN_CHARACTERS_MAX: Final = 256

_PATTERN: Final = re.compile(r"[A-Za-z0-9_.:/*-]+")


class ApprovalRule(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Calls of `tool`, a pattern, need the approval of so many `approvers`, each of whom counts once.

    `of` names who may approve (empty: anybody), and with `not_requester` whoever started the execution may not.
    `deadline_ms` is how long is waited for them; without it the workflow's `approval_timeout` is. Raises `BadValue`.
    """

    tool: str
    approvers: int = 1
    of: tuple[str, ...] = ()
    not_requester: bool = False
    deadline_ms: int | None = None

    def __post_init__(self) -> None:
        _check_pattern(self.tool, "tool")
        force_setattr(self, "of", _read_names(self.of))
        if type(self.not_requester) is not bool:
            what = f"{quote(self.not_requester)} is neither true nor false"
            raise BadValue("not_requester", what, "write one of them")
        if type(self.approvers) is not int or self.approvers < 1:
            raise BadValue("approvers", f"{quote(self.approvers)} can't approve", "write a whole number from 1 on")
        if self.of and self.approvers > len(self.of):
            raise BadValue(
                "approvers", f"{self.approvers} of {len(self.of)} can't approve", "name more of them in `of`"
            )
        deadline_ms: object = self.deadline_ms
        if deadline_ms is not None and not (type(deadline_ms) is int and 1 <= deadline_ms <= DURATION_MS_MAX):
            hint = "write more than nothing, and at most 100 years, in milliseconds"
            raise BadValue("deadline_ms", f"{quote(deadline_ms)} is no deadline", hint)

    def lets_approve(self, by: str, requester: str | None) -> bool:
        """Whether the approval of `by` counts here, for an execution that `requester` has started."""
        if self.not_requester and (requester is None or by == requester):
            return False
        return not self.of or by in self.of

    def lacks(self, approved_by: Iterable[str], requester: str | None) -> int:
        """How many approvals are missing."""
        return max(self.approvers - sum(self.lets_approve(by, requester) for by in approved_by), 0)

    def can_be_met(self, requester: str | None) -> bool:
        """Whether there are enough people who may approve, as far as is known."""
        if self.not_requester and requester is None:
            return False
        return not self.of or self.approvers <= sum(self.lets_approve(by, requester) for by in self.of)


class Policy(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """What may be called: patterns over names, in which `*` stands for any characters, dots too.

    An entry of `require_approval_for` is a pattern or an `ApprovalRule`. Raises `BadValue`.
    """

    blocked_tools: Sequence[str] = ()
    require_approval_for: Sequence[str | ApprovalRule] = ()
    model_allowlist: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name in ("blocked_tools", "model_allowlist"):
            entries = _read_entries(getattr(self, name), name)
            for entry in entries:
                _check_pattern(entry, name)
            force_setattr(self, name, entries)
        name = "require_approval_for"
        rules = [
            entry if isinstance(entry, ApprovalRule) else ApprovalRule(_check_pattern(entry, name))
            for entry in _read_entries(self.require_approval_for, name)
        ]
        force_setattr(self, name, tuple(rules))

    @property
    def rules(self) -> tuple[ApprovalRule, ...]:
        """`require_approval_for`, each entry as a rule."""
        return cast("tuple[ApprovalRule, ...]", self.require_approval_for)


@plain_members
class Level(StrEnum):
    """Where a policy stands."""

    ENGINE = "engine"
    WORKFLOW = "workflow"
    NODE = "node"


@plain_members
class Ruling(StrEnum):
    """What policies say of a call."""

    BLOCK = "block"
    APPROVE = "approve"
    ALLOW = "allow"


class Ask(msgspec.Struct, frozen=True, gc=False):
    """A rule that asks for an approval, and the level of its policy."""

    level: Level
    rule: ApprovalRule


class Judgement(msgspec.Struct, frozen=True):
    """What policies say of `call`: blocked by the pattern `rule` of a policy at `level`, or to be approved by all that
    `asks`."""

    ruling: Ruling
    call: str
    rule: str = ""
    level: Level | None = None
    asks: tuple[Ask, ...] = ()

    @property
    def deadline_ms(self) -> int | None:
        """How long is waited for the approval, where a rule says so."""
        return min((ask.rule.deadline_ms for ask in self.asks if ask.rule.deadline_ms is not None), default=None)


Levels = Sequence[tuple[Level, Policy | None]]
"""Policies with their levels, those left out that don't exist, or None."""


def judge(levels: Levels, call: str) -> Judgement:
    """What the policies say of a call, by its name."""
    given = [(level, policy) for level, policy in levels if policy is not None]
    for level, policy in given:
        for pattern in policy.blocked_tools:
            if matches(pattern, call):
                return Judgement(Ruling.BLOCK, call, pattern, level)
    asks = tuple(Ask(level, rule) for level, policy in given for rule in policy.rules if matches(rule.tool, call))
    return Judgement(Ruling.APPROVE, call, asks=asks) if asks else Judgement(Ruling.ALLOW, call)


def matches(pattern: str, name: str) -> bool:
    """Whether a pattern is of this name. Its parts are looked for from the left, once: there is no way back to try."""
    head, *rest = pattern.split("*")
    if not rest:
        return name == head
    *middle, tail = rest
    if len(name) < len(head) + len(tail) or not name.startswith(head) or not name.endswith(tail):
        return False
    at, end = len(head), len(name) - len(tail)
    for part in middle:
        found = name.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def lacking(asks: Iterable[Ask], approved_by: Collection[str], requester: str | None) -> int:
    """How many people at least are still to approve."""
    return max((ask.rule.lacks(approved_by, requester) for ask in asks), default=0)


def blocked(verdict: Judgement) -> ErrorData:
    """The failure of a call that is blocked."""
    what = f"`{verdict.call}` is blocked by `{verdict.rule}` of the {verdict.level}'s policy"
    return ErrorData(POLICY_BLOCKED, "PolicyBlocked", what)


def blocked_at_end(verdict: Judgement) -> ErrorData:
    """The failure of a finalizer that may not simply run."""
    if verdict.ruling is Ruling.BLOCK:
        return blocked(verdict)
    what = f"`{verdict.call}` needs an approval ({describe_asks(verdict.asks)}), and at the end nobody is asked"
    return ErrorData(POLICY_BLOCKED, "PolicyBlocked", what)


def blocked_in_memory(judgement: Judgement) -> ErrorData:
    """The failure of a call of a stateless execution, of which nobody can be asked."""
    asks = describe_asks(judgement.asks)
    what = f"`{judgement.call}` needs an approval ({asks}), and a stateless execution waits for nobody"
    return ErrorData(POLICY_BLOCKED, "PolicyBlocked", what)


def beyond_approval(verdict: Judgement, requester: str | None) -> ErrorData | None:
    """The failure of a call that nobody could approve as its rules want it, None if people can."""
    for ask in verdict.asks:
        if ask.rule.can_be_met(requester):
            continue
        why = "too few others may" if requester is not None else "nobody says who did: start it with `by`"
        what = f"`{verdict.call}` needs an approval by somebody else than who started the execution, and {why}"
        return ErrorData(POLICY_BLOCKED, "PolicyBlocked", f"{what} (`{ask.rule.tool}` of the {ask.level}'s policy)")
    return None


def describe_asks(asks: Iterable[Ask]) -> str:
    """The rules that ask for an approval, in words."""
    return ", ".join(f"`{ask.rule.tool}` of the {ask.level}'s policy" for ask in asks)


def _read_entries(value: object, name: str) -> tuple[str | ApprovalRule, ...]:
    if not isinstance(value, list | tuple):
        raise BadValue(name, f"{quote(value)} is no list", 'write one, such as `["payments.*"]`')
    entries = tuple(cast("Sequence[str | ApprovalRule]", value))
    if len(entries) > ENTRIES_MAX:
        raise BadValue(name, f"it has {len(entries)} entries", f"write at most {ENTRIES_MAX}; `*` says many at once")
    return entries


def _read_names(value: object) -> tuple[str, ...]:
    hint = 'write a list of names, each once: `of=("finance", "ops")`'
    if not isinstance(value, list | tuple):
        raise BadValue("of", f"{quote(value)} is no list", hint)
    names = tuple(cast("Sequence[object]", value))
    for name in names:
        if not isinstance(name, str) or not name.strip() or name != name.strip() or names.count(name) > 1:
            raise BadValue("of", f"{quote(name)} can't be one of those who approve", hint)
    return cast("tuple[str, ...]", names)


def _check_pattern(value: object, where: str) -> str:
    hint = "write a name, with letters, digits and `_ - . : /`, and `*` for any characters"
    if not isinstance(value, str) or not _PATTERN.fullmatch(value):
        raise BadValue(where, f"{quote(value)} is no pattern", hint)
    if len(value) > PATTERN_CHARACTERS_MAX:
        raise BadValue(where, f"a pattern of {len(value)} characters", f"write at most {PATTERN_CHARACTERS_MAX}")
    if "**" in value:
        raise BadValue(where, f"{quote(value)} has `**`", "write `*`: it stands for dots too")
    return value
