"""Looks for inputs that a door can't bear.

python -m tests.fuzz [DOOR …] [--seed N] [--inputs N]
"""

from __future__ import annotations

import argparse
import sys

from tests.fuzz.campaign import Campaign
from tests.fuzz.doors import DOORS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Look for inputs that a door can't bear.")
    parser.add_argument("doors", nargs="*", metavar="DOOR", help=f"one of {', '.join(DOORS)}; all without")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--inputs", type=int, default=10_000, help="how many inputs")
    asked = parser.parse_args()
    doors = [DOORS[name] for name in asked.doors] or None
    campaign = Campaign()
    campaign.run(asked.inputs, asked.seed, doors, findings_max=1_000)
    for finding in campaign.findings:
        sys.stdout.write("\n".join((str(finding), *finding.__notes__, "\n")))
    for name in DOORS:
        if campaign.taken[name] or campaign.refused[name]:
            sys.stdout.write(f"{name:12} {campaign.taken[name]:7} taken {campaign.refused[name]:7} refused\n")
    return 1 if campaign.findings else 0


sys.exit(main())
