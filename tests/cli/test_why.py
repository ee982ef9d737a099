"""`pectin why`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, FAMILY, OFFER, REFUND, write
from tests.runtime.ward import break_off, damage


def test_a_sentence_and_commands_that_work(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "refund.py", REFUND), "--input", '{"order": "A-1042"}', "--key", "A-1042")
    said = pectin("why", "A-1042")
    assert said.code == 0
    sentence, _, prompt, commands = said.out.splitlines()
    assert sentence.startswith("Waits for a person: `review`, asked ")
    assert sentence.endswith(" ago, deadline in 71 h.")
    assert prompt == "    Refund 1299.00 for A-1042?"
    assert commands == "    pectin approve A-1042        pectin reject A-1042"
    assert pectin(*said.commands()[1]).code == 0
    assert pectin("why", "A-1042").out.startswith("Ended: completed, ")


def test_for_programs(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "refund.py", REFUND), "--input", '{"order": "A-1042"}', "--store", "work.db")
    document = pectin("why", "last", "--store", "work.db", "--json").json
    assert document["code"] == "person"
    assert document["waiting_for"][0]["activation"] == "review"
    name = document["execution"]["execution_id"][-6:]
    assert document["commands"][0] == f"pectin approve {name} --store work.db"


def test_the_file_is_found_where_it_is_the_only_one(pectin: Pectin, folder: Path) -> None:
    two = ADD + ADD[ADD.index("add = ") :].replace("add", "plus").replace("one_more", "more")
    pectin("run", write(folder, "two.py", two) + ":plus", "--key", "k")
    assert pectin("why", "k").commands() == [["show", "k"]]


def test_several_things_each_with_its_commands(pectin: Pectin, folder: Path) -> None:
    forked = (
        OFFER
        + """
ask = Workflow("ask", version="1.0.0", state=Offer)
one = ask.parallel("one")
two = ask.approval("two", "Two?")
three = ask.wait("three", event="parcel", key="C-1")
one.then(two, three)
two.on(approved=END, rejected=END)
"""
    )
    assert pectin("run", write(folder, "forked.py", forked) + ":ask", "--key", "K").code == 4
    said = pectin("why", "K")
    assert said.out == (
        'Waits for several things: a person (`two`), the event `parcel` with key "C-1" (`three`).\n'
        "\n"
        "    Two?\n"
        "    pectin approve K        pectin reject K\n"
        "\n"
        "    pectin send parcel C-1 --payload '{}'\n"
    )
    document = pectin("why", "K", "--json").json
    assert [entry["kind"] for entry in document["waiting_for"]] == ["person", "event"]
    assert [pectin(*command).code for command in said.commands()[1:]] == [0, 0]


def test_a_child_is_named(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "family.py", FAMILY) + ":outer", "--key", "F")
    said = pectin("why", "F")
    assert said.out.startswith("Waits for a child: `sub` is exec_")
    (look,) = said.commands()
    assert pectin(*look).out.startswith("Waits for a person: `ask`")


def test_one_that_nobody_can_read_is_left_alone(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "add.py", ADD), "--key", "k")
    damage(folder / ".pectin/pectin.db", """update history set body = cast('[{"type":"teleported"}]' as blob)""")
    said = pectin("why", "k")
    assert said.code == 0
    assert said.out.startswith("Is left alone, and the others go on: the history of exec_")
    assert said.commands() == [["events", "k"], ["doctor"]]
    document = pectin("why", "k", "--json").json
    assert (document["code"], document["execution"], document["waiting_for"]) == ("unreadable", None, [])


def test_one_that_is_stranded(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "refund.py", REFUND), "--input", '{"order": "A"}', "--key", "k")
    break_off(folder / ".pectin/pectin.db", 6)
    said = pectin("why", "k")
    assert said.out.splitlines()[0] == "Is stranded: nothing of it runs, waits, is due or is held."
    assert said.commands() == [["doctor", "--repair"]]
    assert pectin(*said.commands()[0]).code == 0
    assert pectin("why", "k").out.startswith("Waits for a person: `review`, asked ")
