"""What an effect asks of its node."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.core.definition import Definition, Effect, RunOn
from pectin.core.retry import PRESETS, RetryPolicy
from tests.definitions import define, each, fn, found, node

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(fn("pay", effect=Effect.ONCE, retry=PRESETS["io_default"])),
        [
            (
                "E021",
                "",
                (
                    "python_fn `pay` is `once`, and its retry policy doesn't name what it may be tried "
                    "again after; name the classes in `retryable_on` of a RetryPolicy of its own, or "
                    "leave the policy out"
                ),
            )
        ],
    ),
    (
        define(fn("pay", effect=Effect.ONCE, retry=PRESETS["llm_default"])),
        [
            (
                "E021",
                "",
                (
                    "python_fn `pay` is `once`, and its retry policy doesn't name what it may be tried "
                    "again after; name the classes in `retryable_on` of a RetryPolicy of its own, or "
                    "leave the policy out"
                ),
            )
        ],
    ),
    (
        define(fn("pay", effect=Effect.ONCE, retry=PRESETS["no_retry"])),
        [
            (
                "E021",
                "",
                (
                    "python_fn `pay` is `once`, and its retry policy doesn't name what it may be tried "
                    "again after; name the classes in `retryable_on` of a RetryPolicy of its own, or "
                    "leave the policy out"
                ),
            )
        ],
    ),
    (
        define(fn("pay", effect=Effect.ONCE, retry=RetryPolicy(max_attempts=3))),
        [
            (
                "E021",
                "",
                (
                    "python_fn `pay` is `once`, and its retry policy doesn't name what it may be tried "
                    "again after; name the classes in `retryable_on` of a RetryPolicy of its own, or "
                    "leave the policy out"
                ),
            )
        ],
    ),
    (
        define(fn("pay", reconcile="ask")),
        [
            (
                "E039",
                "",
                (
                    "python_fn `pay` has a `reconcile`, but is `pure`: only a `once` node is ever in "
                    "doubt; delete it, or make the node `once`"
                ),
            )
        ],
    ),
    (
        define(fn("pay", effect=Effect.IDEMPOTENT, reconcile="ask")),
        [
            (
                "E039",
                "",
                (
                    "python_fn `pay` has a `reconcile`, but is `idempotent`: only a `once` node is ever "
                    "in doubt; delete it, or make the node `once`"
                ),
            )
        ],
    ),
    (
        define(fn("pay", effect=Effect.KEYED, reconcile="ask")),
        [
            (
                "E039",
                "",
                (
                    "python_fn `pay` has a `reconcile`, but is `keyed`: only a `once` node is ever in "
                    "doubt; delete it, or make the node `once`"
                ),
            )
        ],
    ),
    (
        define(fn("pay", effect=Effect.TRANSACTIONAL, reconcile="ask")),
        [
            (
                "E039",
                "",
                (
                    "python_fn `pay` has a `reconcile`, but is `transactional`: only a `once` node is "
                    "ever in doubt; delete it, or make the node `once`"
                ),
            )
        ],
    ),
    (
        define(fn("pay", effect=Effect.ONCE, reconcile="")),
        [("E017", "", "python_fn `pay` has a `reconcile` without a name; name a registered function")],
    ),
    (
        define(each("pay_all"), fn("one", effect=Effect.ONCE, retry=PRESETS["io_default"])),
        [
            (
                "E021",
                "",
                (
                    "python_fn `one` is `once`, and its retry policy doesn't name what it may be tried "
                    "again after; name the classes in `retryable_on` of a RetryPolicy of its own, or "
                    "leave the policy out"
                ),
            )
        ],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


ONE_CLASS = RetryPolicy(max_attempts=3, retryable_on=("card_busy",))


@pytest.mark.parametrize(
    "traits",
    [
        {"effect": Effect.ONCE},
        {"effect": Effect.ONCE, "retry": ONE_CLASS},
        {"effect": Effect.ONCE, "reconcile": "ask"},
        {"effect": Effect.TRANSACTIONAL, "retry": PRESETS["io_default"]},
    ],
)
def test_an_effect_that_can_be_kept_is_fine(traits: dict[str, Any]) -> None:
    assert found(define(fn("pay", **traits))) == []
    assert found(define(each("pay_all"), fn("one", **traits))) == []


def test_finalizers_may_be_keyed() -> None:
    tidy = node("tidy", "finalizer", {"function": "f"}, run_on=RunOn.ALWAYS, effect=Effect.KEYED)
    assert found(define(fn("a"), tidy)) == []
