"""How much was tried, for the end of a run of the tests."""

from __future__ import annotations

from collections import Counter

TRIED: Counter[str] = Counter()
"""Trials, by the store and by how often the process died."""
