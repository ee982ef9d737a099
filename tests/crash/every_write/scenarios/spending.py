"""What spends: tried again, in doubt, and inside a child. A crash costs a ceiling: the limits leave room for some."""

from __future__ import annotations

from pectin import Amount, WorkflowStatus
from tests.crash.every_write.scenarios import reconciles
from tests.crash.every_write.scenarios.family import HAND_IN
from tests.crash.every_write.stage import Scenario, add, fail_first, hang_first, workflow

CEILING = Amount("0.10", output_tokens=100)


def spent() -> Scenario:
    """Two spend side by side, one of them twice because its first attempt fails, and a child has its part."""
    inner = workflow("inner")
    inner.node(add, name="inside", ceiling=CEILING)
    wf = workflow("spent", max_cost_usd="9.00", total_tokens=9_000, reducers={"notes": "append", "n": "add"})
    both = wf.parallel("both")
    joined = wf.join("joined")
    both.then(wf.node(add, name="one", ceiling=CEILING).then(joined))
    both.then(wf.node(fail_first, name="other", retry="io_default", ceiling=CEILING).then(joined))
    joined.then(wf.subgraph("child", inner, input=HAND_IN, ceiling={"cost_usd": "3.00", "output_tokens": 3_000}))
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 2})


def spent_in_doubt() -> Scenario:
    """An attempt in doubt has spent its ceiling, until it is found out that it did not happen."""
    wf = workflow("spent-in-doubt", max_cost_usd="9.00")
    charge = wf.node(hang_first, name="charge", effect="once", timeout="30s", ceiling={"cost_usd": "0.10"})
    charge.reconcile(reconciles.look_it_up)
    charge.then(wf.node(add, name="after"))
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 2})
