"""What `import pectin` gives: each public name, from its home, when it is first used."""

import pytest

import pectin


@pytest.mark.parametrize("name", pectin.__all__)
def test_each_public_name_is_there(name: str) -> None:
    assert getattr(pectin, name) is getattr(pectin, name)
    assert name in dir(pectin)


def test_no_other_name_is() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Worklfow'"):
        pectin.Worklfow  # noqa: B018 # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnusedExpression]
