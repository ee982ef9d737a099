"""What `import pectin` gives: each public name, from its home, when it is first used."""

import pytest

import pectin
import pectin.testing

PUBLIC = """
    END Amount ApprovalRule AuditKeyMissing Backoff BadInput BadValue BudgetExceeded ChainBroken CommandRefused Context
    DedupTaken DefinitionError DidNot Engine EngineStopped ErrorData Execution ExecutionFailed ExecutionId
    ExecutionWaiting Happened HttpRules HttpTool InvalidTransition Lack Limits NodeStatus NotFound PectinError Policy
    Preview Quarantined Recorded RetryPolicy Secret SessionType StoreBusy StoreError TimeoutConfig Unknown Workflow
    WorkflowExecution WorkflowMetadata WorkflowStatus __version__ preview read_jamjet read_workflow
    read_workflows run tool write_jamjet
"""
"""What others build on: taking a name away breaks them, adding one is a promise."""

TESTING = "NothingDue VirtualClock engine until_waiting"


def test_the_public_names_are_these() -> None:
    assert sorted(pectin.__all__) == sorted(PUBLIC.split())
    assert sorted(pectin.testing.__all__) == sorted(TESTING.split())


@pytest.mark.parametrize("name", pectin.__all__)
def test_each_public_name_is_there(name: str) -> None:
    assert getattr(pectin, name) is getattr(pectin, name)
    assert name in dir(pectin)


def test_no_other_name_is() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Worklfow'"):
        pectin.Worklfow  # noqa: B018 # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnusedExpression]
