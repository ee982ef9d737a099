"""What a definition's hash is made of, and that it never changes by itself."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pectin.core.definition import (
    Definition,
    Each,
    Edge,
    Effect,
    Join,
    Node,
    Place,
    RunOn,
    Trigger,
    definition_hash,
)
from pectin.core.retry import RetryPolicy
from pectin.core.schema import Decimal, Field, List, Map, Nullable, Object, String
from pectin.core.timeout import TimeoutConfig

ITEM = Object({"price": Field(Decimal()), "note": Field(Nullable(String()))}, name="Item")
STATE = Object(
    {
        "order": Field(String()),
        "items": Field(List(ITEM), default=[]),
        "prices": Field(Map(Decimal()), default={}),
        "risk": Field(String(("low", "high")), required=False, default="low"),
    },
    name="Refund",
)
REFUND = Definition(
    id="refund",
    version="1.0.0",
    state=STATE,
    start="look_up",
    nodes=(
        Node("look_up", "python_fn", {"function": "look_up"}, Effect.IDEMPOTENT, RetryPolicy(max_attempts=3), 30_000),
        Node("price", "parallel", output_key="prices", each=Each("state.items", "one", 4)),
        Node("one", "python_fn", {"function": "one"}),
        Node("review", "human_approval", {"prompt": "Refund {{ state.order }}?", "deadline_ms": None}),
        Node("both", "join", join=Join(("price", "review"))),
        Node("tidy", "finalizer", {"function": "tidy"}, run_on=RunOn.ALWAYS),
    ),
    edges=(
        Edge("look_up", "price"),
        Edge("look_up", "review", Trigger.WHEN, "state.risk == 'high'"),
        Edge("price", "price", Trigger.REPEAT, "size(state.prices) < 3", 5),
        Edge("price", "both"),
        Edge("review", "both", Trigger.WHEN, "output.decision == 'approved'"),
    ),
    name="Refund",
    description="Pays back.",
    timeouts=TimeoutConfig(approval_timeout_ms=60_000),
)


def test_the_hash_of_a_definition_never_changes() -> None:
    """Executions keep the hash of theirs, and its version names it for ever: a new release must find the same."""
    assert definition_hash(REFUND) == "d8a2d51c181c5ae93793fa78424be6d9b6147b35751366ce4eea8f219c56da10"


def test_the_smallest_hash_never_changes() -> None:
    smallest = Definition("a", "1.0.0", Object({}), "a", (Node("a", "python_fn"),))
    assert definition_hash(smallest) == "02abc2c4caf136bb87e8184d6d6671a5b60eaa1b43237af87ef8fcfcb2176928"


def test_equal_definitions_have_one_hash_whoever_wrote_the_defaults() -> None:
    bare = Definition("a", "1.0.0", Object({}), "a", (Node("a", "parallel"),))
    written = msgspec.structs.replace(
        bare,
        nodes=(Node("a", "parallel", {}, Effect.PURE, None, None, None),),
        edges=(),
        timeouts=TimeoutConfig(),
    )
    assert written == bare
    assert definition_hash(written) == definition_hash(bare)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Another"},
        {"description": None},
        {"labels": {"team": "orders"}},
        {
            "nodes": tuple(
                msgspec.structs.replace(node, description="Asks.", labels={"a": "b"}) for node in REFUND.nodes
            )
        },
        {"state": msgspec.structs.replace(STATE, name="RefundState")},
        {"state": Object(dict(reversed(STATE.fields.items())), name="Refund")},
    ],
)
def test_what_only_people_read_does_not_count(change: dict[str, Any]) -> None:
    assert definition_hash(msgspec.structs.replace(REFUND, **change)) == definition_hash(REFUND)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "refunds"},
        {"version": "1.0.1"},
        {"start": "price"},
        {"state": Object({**STATE.fields, "order": Field(String(), default="A-1")})},
        {"nodes": REFUND.nodes[:-1]},
        {"edges": REFUND.edges[:-1]},
        {"edges": (Edge("look_up", "price", Trigger.OTHERWISE), *REFUND.edges[1:])},
        {"timeouts": TimeoutConfig()},
    ],
)
def test_what_is_run_counts(change: dict[str, Any]) -> None:
    assert definition_hash(msgspec.structs.replace(REFUND, **change)) != definition_hash(REFUND)


def test_a_setting_of_null_is_not_a_setting_left_out() -> None:
    one, other = (
        Definition("a", "1.0.0", Object({}), "a", (Node("a", "wait", config),)) for config in ({}, {"until": None})
    )
    assert definition_hash(one) != definition_hash(other)


def test_a_place_is_written_as_editors_read_it() -> None:
    assert str(Place("refund.py", 12)) == "refund.py:12"
    assert str(Place("refund.yaml", 12, 4)) == "refund.yaml:12:4"
