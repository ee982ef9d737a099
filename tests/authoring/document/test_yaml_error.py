"""What libyaml says, in our words. Each of them stands in `broken/syntax.txt`; here is what has no place there."""

from __future__ import annotations

import yaml

from pectin.authoring.document.yaml_error import explain


def test_what_is_unknown_is_told_as_it_is() -> None:
    told = explain(yaml.YAMLError("something new"), "a: b\n")
    assert (told.start, told.message) == (0, "this is no YAML: something new")


def test_a_place_at_the_end_is_that_of_the_last_word() -> None:
    mark = yaml.Mark("w", 9, 2, 0, None, 0)
    error = yaml.MarkedYAMLError(None, None, "did not find expected key", mark)
    told = explain(error, "a: b\n\n\n\n\n")
    assert (told.start, told.end) == (3, 4)
