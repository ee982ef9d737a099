"""A policy as a document writes it."""

from __future__ import annotations

from pectin.authoring.document.reading import read_text
from pectin.core.policy import ApprovalRule, Policy
from tests.authoring.document.transcript import HEAD

TEXT = f"""{HEAD}policy:
  blocked_tools: [shell, "x.*"]
  require_approval_for:
    - bank.ask
    - a b
    - {{tool: "bank.*", approvers: 2, of: [finance, ops], not_requester: true, deadline: 90s}}
nodes: {{a: {{run: f, policy: {{}}}}}}
"""


def test_all_of_it_and_where_its_rules_stand() -> None:
    draft = read_text(TEXT, "w.yaml")[0].draft
    rule = ApprovalRule("bank.*", 2, ("finance", "ops"), not_requester=True, deadline_ms=90_000)
    assert draft.header.policy == Policy(blocked_tools=["shell", "x.*"], require_approval_for=["bank.ask", rule])
    assert draft.nodes["a"].policy == Policy()
    assert [(problem.code, problem.place and problem.place.line) for problem in draft.problems] == [("E027", 7)]
    lines = {part: place.line for part, place in draft.parts[draft.place].items() if part.startswith("policy.")}
    assert lines == {"policy.require_approval_for.0": 6, "policy.require_approval_for.1": 8}
