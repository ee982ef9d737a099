"""The JSON Schema of tools: that it says what the core has. What fits stands in `test_json_schema`."""

from __future__ import annotations

from pectin.authoring.document.schema_tools import tool_parts
from pectin.core.budget import SORTS
from pectin.core.definition import Endpoint
from pectin.core.endpoint import METHODS
from pectin.core.policy import ApprovalRule


def test_it_has_every_field() -> None:
    parts = tool_parts()
    http = parts["contract"]["properties"]["http"]["properties"]
    assert {key.replace("timeout", "timeout_ms") for key in http} == set(Endpoint.__struct_fields__)
    assert http["method"]["enum"] == list(METHODS)
    assert tuple(parts["ceiling"]["properties"]) == SORTS
    rule = parts["policy"]["properties"]["require_approval_for"]["items"]["anyOf"][1]["properties"]
    assert {key.replace("deadline", "deadline_ms") for key in rule} == set(ApprovalRule.__struct_fields__)
