"""What comes in may be anything: it is taken or refused, in bounds, with an error that says what is wrong.

`make test` lets in a few thousand inputs, always the same ones. TORTURE=1 lets in 100,000, by other seeds each day, and
LONG=1 ten times as many.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Final

from tests.fuzz.campaign import Campaign
from tests.fuzz.doors import DOORS

LONG: Final = bool(os.environ.get("LONG"))
TORTURE: Final = LONG or bool(os.environ.get("TORTURE"))
INPUTS: Final = 1_000_000 if LONG else 100_000 if TORTURE else 4_000
FIRST: Final = datetime.now(UTC).toordinal() * 1_000_000 if TORTURE else 0

ALWAYS_TAKEN: Final = {"picture"}
"""Doors that refuse nothing: what draws an error never fails."""

NEVER_TAKEN: Final = {"program", "limits", "policy"}
"""Doors to which nothing sound is brought, or hardly ever."""


def test_every_input_is_taken_or_refused_and_both_happen_at_every_door() -> None:
    campaign = Campaign()
    campaign.run(INPUTS, FIRST)
    shown = "\n\n".join("\n".join((str(finding), *finding.__notes__)) for finding in campaign.findings)
    assert not campaign.findings, f"\n{shown}"
    assert {name for name in DOORS if not campaign.refused[name]} == ALWAYS_TAKEN
    assert {name for name in DOORS if not campaign.taken[name]} <= NEVER_TAKEN
    assert campaign.taken.total() + campaign.refused.total() >= 0.95 * INPUTS
