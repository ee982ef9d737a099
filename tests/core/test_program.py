"""What a node sees on entry."""

from pectin.core.program import Entry, NodeError


def test_the_variables_of_a_nodes_expressions() -> None:
    assert Entry({"x": 1}, at=5).variables() == {"state": {"x": 1}, "iteration": None, "error": None}
    assert Entry({"x": 1}, at=5, iteration=3).variables() == {"state": {"x": 1}, "iteration": 3, "error": None}


def test_an_error_of_a_node_has_a_class_and_a_message() -> None:
    error = NodeError("no_route", "no branch holds")
    assert (error.error_class, str(error)) == ("no_route", "no branch holds")
