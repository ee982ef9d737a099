"""Simulation: an engine, its store and everybody around it, in one thread, in virtual time, from one seed.

    from pectin.testing.simulate import simulate

    def test_nothing_is_lost() -> None:
        simulate(refund, {"order": "A-1"}, seeds=200, script=Script(decide={"review": "approved"}))

Each seed is another order of everything that happens side by side, and other things go wrong in it: `Fault` lists them.
The same seed is the same world, in every process and on every machine, until Pectin or the workflow changes.
"""

from pectin.testing.script import Script, Send
from pectin.testing.simulate.campaign import Report, SimulationFailed, simulate
from pectin.testing.simulate.crowd import Unanswered
from pectin.testing.simulate.fault import CHANGING, Fault, Throw
from pectin.testing.simulate.loop import Deadlock, NotSimulated
from pectin.testing.simulate.watch import Broken

__all__ = [
    "CHANGING",
    "Broken",
    "Deadlock",
    "Fault",
    "NotSimulated",
    "Report",
    "Script",
    "Send",
    "SimulationFailed",
    "Throw",
    "Unanswered",
    "simulate",
]
