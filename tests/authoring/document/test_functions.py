"""What `run: NAME` means. What can't be meant stands in `broken/functions.txt`."""

from __future__ import annotations

from types import ModuleType
from typing import Any, TypedDict

import pytest

from pectin import BadValue, DidNot, Happened, Unknown, Workflow, tool
from pectin.authoring.document.functions import Functions, read_functions
from tests.authoring.document.transcript import problems


def plain(state: dict[str, Any]) -> dict[str, Any]:
    return state


class Part(TypedDict):
    total: int


def part(state: Part) -> Part:
    return state


def module() -> ModuleType:
    made: Any = ModuleType("made")
    w: Any = Workflow("w", version="1.0.0", state=dict[str, Any])
    made.w = w

    def pay(state: dict[str, Any]) -> dict[str, Any]:
        return state

    made.again = w.node(effect="once")(pay)

    @made.again.reconcile
    def ask(state: dict[str, Any]) -> Happened[dict[str, Any]] | DidNot | Unknown:
        return Unknown()

    made.item = w.each("state.items")(double)
    made.end = w.finalizer()(plain)
    made.ask = ask
    return made


def double(item: int) -> int:
    return item


def test_a_module_a_mapping_or_a_list() -> None:
    for given in ({"plain": plain}, [plain], (plain,)):
        found = read_functions(given).find("plain")
        assert found is not None
        assert found.function is plain
        assert found.place.file.endswith("test_functions.py")
    made = read_functions(module())
    assert made.find("w") is None
    assert made.find("pay") is None


def test_a_node_stands_for_its_function() -> None:
    made = module()
    functions = read_functions(made)
    for name, function in (("again", made.again.function), ("item", double), ("end", plain), ("ask", made.ask)):
        found = functions.find(name)
        assert found is not None
        assert found.function is function
    reconcile = functions.find("again.reconcile")
    assert reconcile is not None
    assert reconcile.function is made.ask
    assert functions.find("item.reconcile") is None
    assert functions.find("plain.reconcile") is None


@pytest.mark.parametrize("given", ["functions.py", [lambda: 1, lambda: 2], [5]])
def test_what_is_no_set_of_functions(given: Any) -> None:
    with pytest.raises(BadValue, match="functions"):
        read_functions(given)


def test_why_there_is_none() -> None:
    functions = Functions({"look_up": plain, "n": 5}, "f.py")
    assert functions.why_not("lok_up") == ("f.py has no function `lok_up`", "did you mean `look_up`?")
    assert functions.why_not("n")[0] == "`n` of f.py is no function"
    assert functions.why_not("zzz")[1] == "write it there"


def test_one_function_may_serve_nodes_that_are_alike() -> None:
    text = "workflow: w\nversion: 1.0.0\nstate: {total: int = 0}\nnodes: {a: {run: %s, then: b}, b: {run: %s}}\n"
    functions = Functions({"plain": plain, "part": part, "again": plain}, "f.py")
    for names in (("plain", "plain"), ("part", "plain"), ("part", "again")):
        assert problems(text % names, "w.yaml", functions) == ()


def test_tools_are_found_by_their_own_names() -> None:
    @tool(name="bank.pay")
    def pay() -> None: ...

    found = Functions({"pay": pay, "other": plain}, "made.py")
    assert found.find_tool("bank.pay") is pay
    assert found.find_tool("pay") is pay
    assert found.find_tool("other") is None
    assert found.why_no_tool("bank.pya") == ("made.py has no tool `bank.pya`", "did you mean `bank.pay`?")
