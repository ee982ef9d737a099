"""Events on disk: every kind comes back as it was, old ones are read for ever, unknown ones are refused."""

import json
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core import event as module
from pectin.core.error import ErrorData
from pectin.core.event import (
    EVENTS,
    AnyEvent,
    Call,
    ExecutionCreated,
    NodeCompleted,
    NodeFailed,
    NodeScheduled,
    Route,
    UnknownEvent,
    decode_events,
    encode_events,
)
from pectin.core.policy import ApprovalRule, Ask, Level
from pectin.core.retry import RetryPolicy

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(["a", "b[1]", "c[2][3]#4"])
special: dict[str, st.SearchStrategy[Any]] = {
    "at": st.integers(0, 2**53),
    "input": st.dictionaries(st.text(), json_values, max_size=3),
    "payload": json_values,
    "editable": st.dictionaries(st.text(), json_values, max_size=3),
    "state": st.dictionaries(st.text(), json_values, max_size=3),
    "patch": st.dictionaries(st.text(), json_values, max_size=3),
    "output": json_values | st.just(msgspec.UNSET),
    "items": st.lists(json_values, max_size=3),
    "call": st.builds(
        Call,
        st.just("pay"),
        json_values,
        st.just((Ask(Level.ENGINE, ApprovalRule("p*", 2, ("ops", "finance"), not_requester=True, deadline_ms=5)),)),
    ),
    "retry": st.none() | st.just(RetryPolicy(max_attempts=3, retryable_on=("timeout",))),
    "route": st.builds(Route, taken=st.tuples(names), dead=st.just(()) | st.tuples(names), repeats=st.booleans()),
}


def events_of(kind: type[Any]) -> st.SearchStrategy[Any]:
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    return st.builds(
        kind, **{name: special[name] if name in special else st.from_type(field.type) for name, field in fields.items()}
    )


@pytest.mark.parametrize("kind", EVENTS)
def test_every_event_comes_back_as_it_was(kind: type[AnyEvent]) -> None:
    @given(st.lists(events_of(kind), max_size=3))
    def check(events: list[AnyEvent]) -> None:
        body = encode_events(events)
        assert decode_events(body) == events
        assert encode_events(decode_events(body)) == body

    check()


def test_every_event_stands_in_the_union_with_a_tag_of_its_own() -> None:
    assert set(get_args(AnyEvent)) == set(EVENTS)
    assert len({kind.__struct_config__.tag for kind in EVENTS}) == len(EVENTS)


def test_an_event_is_small_json_with_its_tag_first() -> None:
    scheduled = NodeScheduled(at=5, activation="a", node="a")
    assert encode_events([scheduled]) == b'[{"type":"node_scheduled","at":5,"activation":"a","node":"a"}]'


def test_what_happened_at_the_same_time_says_so_once() -> None:
    events: list[AnyEvent] = [module.ExecutionStarted(at=5), *(module.ExecutionPaused(at=at) for at in (5, 7, 7, 0))]
    body = encode_events(events)
    assert [event.get("at") for event in json.loads(body)] == [5, None, 7, 7, 0]
    assert [event.at for event in decode_events(body)] == [5, 5, 7, 7, 0]


def test_no_output_and_an_output_of_null_stay_apart() -> None:
    for output in (None, msgspec.UNSET):
        (again,) = decode_events(encode_events([NodeCompleted(at=1, activation="a", output=output)]))
        assert isinstance(again, NodeCompleted)
        assert again.output is output


def test_errors_keep_their_data() -> None:
    error = ErrorData("io_error", "OSError", "no", "traceback", 2)
    (again,) = decode_events(encode_events([NodeFailed(at=1, activation="a", error=error)]))
    assert isinstance(again, NodeFailed)
    assert again.error == error


@pytest.mark.parametrize(
    "body",
    [
        b'[{"type":"node_exploded","at":1}]',
        b'[{"type":"node_completed@2","at":1,"activation":"a"}]',
        b'[{"at":1}]',
        b'[{"type":"execution_paused","at":1,"colour":"red"}]',
        b'[{"type":"execution_paused","at":"soon"}]',
        b'[{"type":"execution_paused"}]',
        b'{"type":"execution_paused","at":1}',
        b"[1]",
        b"[",
        b"\xff",
    ],
)
def test_what_nobody_knows_is_an_unknown_event(body: bytes) -> None:
    with pytest.raises(UnknownEvent):
        decode_events(body)


def test_an_old_shape_is_brought_up_to_date_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def second(event: dict[str, Any]) -> dict[str, Any]:
        return {**event, "type": "started_old@2", "at": int(event["at"]), "cause": event["cause"].upper()}

    def third(event: dict[str, Any]) -> dict[str, Any]:
        return {**event, "type": "execution_started"}

    monkeypatch.setattr(module, "UPCASTERS", {"started_old": second, "started_old@2": third})
    paused = b'{"type":"execution_paused","at":%d}'
    body = b'[%b,{"type":"started_old","cause":"retry"},%b]' % (paused % 1, paused % 2)
    started = module.ExecutionStarted(at=1, cause="RETRY")
    assert decode_events(body) == [module.ExecutionPaused(at=1), started, module.ExecutionPaused(at=2)]
    with pytest.raises(UnknownEvent):
        decode_events(b'[{"type":"started_old","at":1,"cause":"retry"},{"type":"node_exploded","at":2}]')


def test_an_event_is_frozen() -> None:
    created = ExecutionCreated(
        at=1, execution_id="e", workflow_id="w", workflow_version="1.0.0", definition="d", input={}, state={}
    )
    with pytest.raises(AttributeError):
        created.at = 2  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(
    "body",
    [b'[{"type":[]}]', b'[{"type":"node_skipped\xff"}]', b"[" * 100_000, b'[{"type":"' + b"x" * 100_000 + b'"}]'],
    ids=["no tag", "no text", "deep", "long"],
)
def test_damage_of_any_kind_is_an_unknown_event_in_few_words(body: bytes) -> None:
    with pytest.raises(UnknownEvent) as unknown:
        decode_events(body)
    assert len(str(unknown.value)) < 600
