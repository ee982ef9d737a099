"""Crash tests: a workflow is killed at every point of its run, and has to come to the same as if it had not been.

A `Case` is what is tried; a trial is some lives of it, each killed at its `Point`; an `Outcome` is what came of it.
`run_trial` kills real processes, `simulate_trial` simulated ones, and `try_crashes` does a whole campaign.
"""

from pectin.testing.crashtest.campaign import Plan, try_crashes
from pectin.testing.crashtest.case import Case
from pectin.testing.crashtest.check import CrashesFound, Crashtest, check_crashes
from pectin.testing.crashtest.outcome import End, Outcome
from pectin.testing.crashtest.point import Point, When, commit_point, parse_point
from pectin.testing.crashtest.probe import ProbeFailed
from pectin.testing.crashtest.real import CannotFork, run_trial
from pectin.testing.crashtest.report import CalmRunFailed, Failure, Report, Verdict
from pectin.testing.crashtest.simulated import MemoryDisk, simulate_trial

__all__ = [
    "CalmRunFailed",
    "CannotFork",
    "Case",
    "CrashesFound",
    "Crashtest",
    "End",
    "Failure",
    "MemoryDisk",
    "Outcome",
    "Plan",
    "Point",
    "ProbeFailed",
    "Report",
    "Verdict",
    "When",
    "check_crashes",
    "commit_point",
    "parse_point",
    "run_trial",
    "simulate_trial",
    "try_crashes",
]
