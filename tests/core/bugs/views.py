"""Slips in who sees what, and in what comes of patches."""

# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import pytest

from pectin.core import causal, grow
from pectin.core.state import KeyWrites, Run


def live_views(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(causal, "view", lambda run, seen: run.data)


def last_writer_only(patch: pytest.MonkeyPatch) -> None:
    def find(run: Run, seen: causal.Seen, changes: dict[str, Any], unset: object = (), reduced: Any = ()) -> Any:
        for key, value in changes.items():
            last = run.writes[key].writes[-1] if key in run.writes and key not in (reduced or ()) else None
            if last is not None and last.id not in seen and last.value != value:
                return key, last.activation
        return None

    patch.setattr(causal, "find_conflict", find)


def merged_blindly(patch: pytest.MonkeyPatch) -> None:
    def merge(run: Run, kept: KeyWrites, seen: causal.Seen) -> causal.Seen:
        kept.writes = kept.writes[-1:]
        return seen

    patch.setattr(causal, "_merge", merge)
    patch.setattr(causal, "ROOM", 0)


def _forget_branch(patch: pytest.MonkeyPatch, field: str, empty: object) -> None:
    """Writes as if one sort of living branch weren't there."""
    real: Any = causal.write

    def write(run: Run, *rest: Any) -> Any:
        kept = getattr(run, field)
        setattr(run, field, empty)
        try:
            return real(run, *rest)
        finally:
            setattr(run, field, kept)

    patch.setattr(causal, "write", write)


def header_unannounced(patch: pytest.MonkeyPatch) -> None:
    _forget_branch(patch, "arrivals", {})


def held_loop_unseen(patch: pytest.MonkeyPatch) -> None:
    _forget_branch(patch, "hold", None)


def reducer_reads_the_value(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(causal, "fold", lambda reducer, value, contributions: contributions[-1])
    patch.setattr(causal, "grow", lambda state, key, reducer, contribution: state.update({key: contribution}))


def list_grows_under_its_readers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(grow, "_is_alone", lambda state, key: type(state.get(key)) is list)


def contradiction_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(causal, "clash", lambda reducer, one, other: False)


def removal_forgotten(patch: pytest.MonkeyPatch) -> None:
    real: Any = causal.write
    patch.setattr(
        causal, "write", lambda run, name, seen, patch, unset, reduced: real(run, name, seen, patch, (), reduced)
    )
