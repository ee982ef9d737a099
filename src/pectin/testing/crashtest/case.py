"""What is tried: an execution of a workflow, its input, and what it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pectin.authoring.workflow import Workflow
from pectin.core.limits import LIMITS, Limits
from pectin.testing.script import Script

KEY = "crashtest"
"""The start key: who starts the execution in one life does it again in the next, as a program would."""

SECONDS_MAX = 30.0
"""How long a process of a trial may take, if nothing else is said."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """`workflows` are others that the engine runs beside it; children need not be named. A trial that takes longer
    than `seconds_max`, of real time, hangs."""

    workflow: Workflow[Any]
    input: Any = None
    script: Script = field(default_factory=Script)
    workflows: Sequence[Workflow[Any]] = ()
    slots: int = 256
    limits: Limits = LIMITS
    seconds_max: float = SECONDS_MAX
