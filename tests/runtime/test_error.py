"""What the engine raises says what happened."""

from pectin.core.command import Refused
from pectin.runtime.error import CommandRefused


def test_a_refusal_says_its_reason_and_nothing_else() -> None:
    refused = CommandRefused(Refused("decided", "`review` was approved by finance before", "finance"))
    assert (str(refused), refused.code, refused.winner) == (
        "`review` was approved by finance before",
        "decided",
        "finance",
    )
