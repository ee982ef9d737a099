"""A call that people are to approve, from the command line: all that shows it, and all that decides it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.workflows import POLICED, write

ARGUMENTS = '  {"amount": 1299, "paid": false}'
BY_NOBODY = "0 of 2 approvals of finance, shop, ops, not by shop, who started it (workflow: pay)"


def begin(pectin: Pectin, folder: Path) -> None:
    said = pectin("run", write(folder, "order.py", POLICED), "--key", "A", "--by", "shop")
    assert said.code == 4
    assert "waits for 2 approvals to call pay until " in said.err
    assert f"waiting for a person: May `pay` be called?\n  with\n  {ARGUMENTS}\n  {BY_NOBODY}\n" in said.err
    assert ["approve", "A"] in said.commands()


def test_two_people_approve_and_it_goes_on(pectin: Pectin, folder: Path) -> None:
    begin(pectin, folder)
    said = pectin("approve", "A", "--by", "shop")
    assert (said.code, said.err.splitlines()[0]) == (
        5,
        "refused: shop has started the execution: somebody else has to approve `pay`",
    )
    said = pectin("approve", "A", "--by", "intern")
    assert (said.code, "is for finance, shop, ops to decide" in said.err) == (5, True)
    said = pectin("approve", "A", "--by", "ops")
    assert said.out.splitlines()[0] == "A: one more approval is needed"
    assert pectin("approve", "A", "--by", "ops").out.startswith("nothing to do: pay was approved by ops before")
    assert pectin("approve", "A", "--by", "finance", "--comment", "fine").out.startswith("A: approved by finance")
    done = pectin("run", "order.py", "--resume", "A")
    assert done.code == 0
    assert '"paid": true' in done.out
    shown = pectin("show", "A").out
    assert "asked: may pay be called, with amount 1299, paid false" in shown
    assert "approved by ops; it needs more" in shown
    assert "approved by finance: fine" in shown


def test_why_says_what_is_called_and_who_is_missing(pectin: Pectin, folder: Path) -> None:
    begin(pectin, folder)
    said = pectin("why", "A").out.splitlines()
    assert said[0].startswith("Waits for 2 approvals: `pay` is to call `pay`, asked ")
    assert said[2:6] == ["    May `pay` be called?", "    with", f"    {ARGUMENTS}", f"    {BY_NOBODY}"]
    pectin("approve", "A", "--by", "ops")
    assert (
        "1 of 2 approvals of finance, shop, ops, not by shop, who started it: ops (workflow" in pectin("why", "A").out
    )


def test_for_programs(pectin: Pectin, folder: Path) -> None:
    begin(pectin, folder)
    pectin("approve", "A", "--by", "ops")
    (waiting,) = pectin("why", "A", "--json").json["waiting_for"]
    assert (waiting["kind"], waiting["activation"], waiting["decisions"]) == ("person", "pay", ["approved", "rejected"])
    call = waiting["call"]
    assert (call["name"], call["arguments"]) == ("pay", {"amount": 1299, "paid": False})
    assert (call["approved_by"], call["missing"]) == (["ops"], 1)
    (rule,) = call["rules"]
    assert (rule["level"], rule["tool"], rule["approvers"], rule["missing"]) == ("workflow", "pay", 2, 1)


def test_a_rejection_fails_it(pectin: Pectin, folder: Path) -> None:
    begin(pectin, folder)
    assert pectin("reject", "A", "--by", "finance", "--comment", "no").code == 0
    assert "approval_rejected: `pay` was rejected by finance: no" in pectin("show", "A").out
    assert pectin("run", "order.py", "--resume", "A").code == 1


def test_what_a_policy_blocks_is_told_at_its_line(pectin: Pectin, folder: Path) -> None:
    blocked = POLICED.replace("Policy(require_approval_for=[rule])", 'Policy(blocked_tools=["p*"])')
    said = pectin("check", write(folder, "order.py", blocked))
    assert said.code == 2
    assert said.out.startswith("order.py:17: `pay` calls `pay`, which is blocked by `p*` of the workflow's policy;")
