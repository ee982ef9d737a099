"""The audit key of what is only a test: everybody knows it, so it proves nothing."""

from __future__ import annotations

from typing import Final

AUDIT_KEY: Final = bytes(range(32))
"""What engines of tests, simulations and crash tests mark governed executions with."""
