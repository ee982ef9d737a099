"""What a scene holds: a workflow that is built once is the workflow."""

from pectin.testing.simulate.scene import Built
from tests.testing.simulate.sample import parcel


def test_what_is_built_once_is_the_same_workflow() -> None:
    workflow = parcel()
    built = Built(workflow)
    assert (built.id, built.version) == (workflow.id, workflow.version)
    assert built.build() is built.build()
    assert built.build().program.hash == workflow.build().program.hash
