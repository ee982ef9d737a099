"""A script whose words nobody in the workflow can ask for is refused before anything is tried."""

from __future__ import annotations

from typing import Any

import pytest

from pectin import BadValue, DidNot
from pectin.testing.answers import check_answers
from pectin.testing.script import Script
from tests.testing.crashtest.flows import careless, doubtful, wide


@pytest.mark.parametrize(
    ("workflow", "said"),
    [
        (careless, {"decide": {"review": "rejected"}, "edits": {"order": "B"}, "silent": ["review"]}),
        (careless, {"decide": {"review[2]": "timeout"}}),
        (wide, {"send": {"parcel": 1}, "silent": ["rest"]}),
        (doubtful, {"resolve": {"pay": DidNot()}}),
    ],
)
def test_what_can_be_said(workflow: Any, said: dict[str, Any]) -> None:
    check_answers(Script(**said), [workflow.build().definition])


@pytest.mark.parametrize(
    ("workflow", "said", "told"),
    [
        (careless, {"decide": {"reviw": "approved"}}, "decide: there is no approval `reviw`; did you mean `review`?"),
        (careless, {"decide": {"review": "aproved"}}, "`review` has no decision 'aproved'; did you mean `approved`?"),
        (careless, {"decide": {"review": "x"}}, "it has `approved`, `rejected`, `timeout`"),
        (careless, {"edits": {"total": 1}}, "set: there is no key that an approval lets people change `total`"),
        (careless, {"signal": {"go": 1}}, "signal: there is no wait for a signal `go`; there is none"),
        (wide, {"send": {"parcle": 1}}, "send: there is no wait for an event `parcle`; did you mean `parcel`?"),
        (careless, {"resolve": {"pay": DidNot()}}, "resolve: there is no `once` node `pay`; there is none"),
        (careless, {"silent": ["pay"]}, "silent: there is no approval, wait or message `pay`"),
    ],
)
def test_what_can_not(workflow: Any, said: dict[str, Any], told: str) -> None:
    with pytest.raises(BadValue) as refused:
        check_answers(Script(**said), [workflow.build().definition])
    assert told in str(refused.value)
