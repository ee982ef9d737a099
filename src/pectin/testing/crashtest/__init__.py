"""Crash tests: a workflow is killed at every point of its run, and has to come to the same as if it had not been.

A `Case` is what is tried; a trial is some lives of it, each killed at its `Point`; an `Outcome` is what came of it.
`run_trial` kills real processes, `simulate_trial` simulated ones, and `try_crashes` does a whole campaign.

The modules, from the outside in:

    check, tell                 the call in a suite of tests; the report in lines
    campaign                    a calm run, a trial for each point of it, and some for other orders of arrival
        case, point, points     what is tried; where a life can end; where it can in this calm run
        gate                    in which order results arrive
    real, simulated             a trial: in processes that are forked (`fork`) and killed, or in one, in virtual time
        living, life            one life: an engine, people and time around it; its counts, and how it dies
        watch                   what stands between that engine and its store and bodies, to count and to kill
        ledger, observe         what is written down meanwhile; what a life has left in the store, audited
        outcome                 both of them together
    compare                     what is different from the calm run
        facts, probe            what the workflow declares; what the outside world says
    summary, report, explain    all trials in one report; its shape; how it puts a failure, and what mends it
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
