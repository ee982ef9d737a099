"""`pectin preview`: the way that it would take, and what to add."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, BROKEN, REFUND, write

ORDER = ("--input", '{"order": "A-1042"}')
AMOUNT = ("--simulate", 'look_up={"amount": "1299.00"}', "--simulate", 'assess={"risk": "high"}')


def test_the_way_to_the_end_and_the_last_state(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    paid = ("--simulate", "review=approved", "--simulate", 'pay={"receipt": "r-1"}')
    said = pectin("preview", file, *ORDER, *AMOUNT, *paid)
    assert said.code == 0
    assert said.out == '{"amount": "1299.00", "order": "A-1042", "receipt": "r-1", "risk": "high"}\n'
    lines = said.err.splitlines()
    assert lines[0] == "refund 1.0.0 · preview · nothing is kept"
    assert [line[4:11].strip() for line in lines[2:6]] == ["look_up", "assess", "review", "pay"]
    assert lines[4].endswith("approved by preview")
    assert lines[-1] == "completed, had it been real"


def test_where_it_ends_and_what_to_add(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    said = pectin("preview", file, *ORDER)
    assert (said.code, said.out) == (4, "")
    assert said.err.endswith(
        "the preview ends here: nothing stands in for a node\n"
        "  look_up: the keys of the state that it sets; it is `idempotent`\n"
        "  go on with   pectin preview refund.py --input '{\"order\": \"A-1042\"}' --simulate 'look_up={}'\n"
    )
    said = pectin("preview", file, *ORDER, *AMOUNT)
    assert "● review " in said.err
    assert "  review: a decision: approved, rejected, timeout\n" in said.err
    (go_on,) = said.commands()
    assert go_on[-1] == "review=approved"
    assert pectin(*go_on).code == 4
    (go_on,) = pectin(*go_on).commands()
    assert pectin(*go_on).code == 0


def test_nothing_is_kept(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    pectin("preview", file, *ORDER, *AMOUNT, "--simulate", "review=rejected")
    assert {path.name for path in folder.iterdir()} <= {"refund.py", "__pycache__"}
    assert pectin("list").code == 6 or pectin("list", "--json").json == []


def test_for_programs(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    *events, outcome = pectin("preview", file, *ORDER, *AMOUNT, "--json").lines
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert (outcome["type"], outcome["exit_code"], outcome["execution"]["status"]) == ("outcome", 4, "paused")
    lack = {"node": "review", "activation": "review", "asks": "a decision: approved, rejected, timeout"}
    assert outcome["lacks"] == [{**lack, "example": '"approved"'}]
    *_, outcome = pectin("preview", file, *ORDER, *AMOUNT, "--simulate", "review=rejected", "--json").lines
    assert (outcome["exit_code"], outcome["execution"]["status"]) == (0, "completed")
    assert "lacks" not in outcome


def test_what_can_t_be_used(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    for args, told in (
        (("--simulate", "lookup={}"), "did you mean `look_up`?"),
        (("--simulate", "look_up"), "--simulate look_up: write a key and its new value"),
        (("--simulate", "look_up=abc"), "--simulate look_up: not JSON"),
        (("--simulate", "look_up={}", "--simulate", "look_up={}"), "--simulate look_up: stands twice"),
        (("--simulate", 'look_up={"amont": 1}'), "the state has no `amont`"),
        ((*AMOUNT, "--simulate", "review=perhaps"), "`review` has no decision `perhaps`"),
        (("--input", "{}"), "order"),
    ):
        said = pectin("preview", file, *(() if "--input" in args else ORDER), *args)
        assert (said.code, said.out) == (2, ""), args
        assert told in said.err
    assert pectin("preview", write(folder, "broken.py", BROKEN)).code == 2


def test_one_that_is_ephemeral_is_previewed_and_not_run(pectin: Pectin, folder: Path) -> None:
    text = ADD.replace('version="1.0.0"', 'version="1.0.0", session_type="ephemeral"')
    file = write(folder, "add.py", text)
    assert pectin("preview", file, "--simulate", 'one_more={"n": 1}').code == 0
    said = pectin("run", file)
    assert said.code == 2
    assert "`add` is ephemeral: it can only be previewed; use `pectin.preview`" in said.err
