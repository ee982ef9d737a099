"""How nodes stand."""

from __future__ import annotations

import pytest

from pectin.cli.line import AGAIN, DOUBT, FAIL, OK, REST, WAIT
from pectin.cli.picture.standing import WORDS, Standing, standings
from pectin.core.state import Activation
from pectin.core.status import NodeStatus
from tests.cli.test_present import ASKED, DOUBTED, EVENT, MAP, NOW, SINCE, TIMER, active, run


@pytest.mark.parametrize(
    ("activation", "mark", "word"),
    [
        (active(), WAIT, "at work"),
        (active(attempt=3), WAIT, "attempt 3"),
        (active(status=NodeStatus.SCHEDULED, attempt=1, not_before=NOW + 500), AGAIN, "attempt 2 to come"),
        (MAP, WAIT, "2 of 3 items, 1 failed"),
        (ASKED, WAIT, "waits for a person"),
        (EVENT, REST, 'waits for event parcel "C-77" or signal go'),
        (TIMER, REST, "waits for its time"),
        (DOUBTED, DOUBT, "in doubt"),
        (active("ship", child="0199f3c2-b1e4-7d0c-9a51-c3d05ec1c621"), WAIT, "waits for its child"),
    ],
)
def test_each_state_has_its_word(activation: Activation, mark: str, word: str) -> None:
    backoff = {activation.name: NOW} if activation.not_before else {}
    found = standings(run(activation, backoff=backoff), {}, {})
    assert found == {activation.node: Standing(mark, word)}


def test_a_quarantine() -> None:
    held = run(active(status=NodeStatus.SCHEDULED), quarantined={"pay": SINCE})
    assert standings(held, {}, {}) == {"pay": Standing(REST, "in quarantine")}


def test_what_has_settled_and_what_is_entered_again() -> None:
    found = standings(run(active("pay")), {"pay": OK, "look": FAIL, "go": OK}, {"pay": 2, "look": 1, "go": 4})
    assert found == {
        "pay": Standing(WAIT, "at work", 3),
        "look": Standing(FAIL, "failed", 1),
        "go": Standing(OK, "done", 4),
    }
    assert [str(standing) for standing in found.values()] == ["at work (3×)", "failed", "done (4×)"]


def test_every_sign_has_a_word_of_its_own() -> None:
    assert len(set(WORDS.values())) == len(WORDS) == 7
