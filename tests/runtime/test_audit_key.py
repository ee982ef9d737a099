"""Keys come from the outside, and nothing shows them."""

from __future__ import annotations

from typing import Any

import pytest

from pectin import BadValue, Engine
from pectin.core.chain import AuditKey
from pectin.runtime.audit_key import VARIABLE, audit_keys
from tests.runtime.sample import add, chain

ONE, TWO = b"1" * 32, b"2" * 40


def ids(*secrets: bytes) -> list[str]:
    return [AuditKey(secret).id for secret in secrets]


@pytest.mark.parametrize(("given", "secrets"), [(ONE, [ONE]), ([ONE, TWO], [ONE, TWO]), ((TWO,), [TWO]), ([], [])])
def test_keys_are_given(given: Any, secrets: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, b"3".hex() * 32)
    assert [key.id for key in audit_keys(given)] == ids(*secrets)


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        ("", []),
        ("  ", []),
        (ONE.hex(), [ONE]),
        (f" {ONE.hex().upper()} , {TWO.hex()}\n", [ONE, TWO]),
    ],
)
def test_keys_are_in_the_environment(text: str, secrets: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (VARIABLE, "OTHER_KEY"):
        monkeypatch.setenv(name, text)
        assert [key.id for key in audit_keys(variable=name)] == ids(*secrets)
        monkeypatch.delenv(name)
        assert list(audit_keys(variable=name)) == []


@pytest.mark.parametrize("given", ["x" * 32, 5, [ONE, "x"], {"a": 1}, b"short", [ONE, b"short"]])
def test_what_is_no_key_is_refused_and_not_shown(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadValue, match="audit_key") as raised:
        audit_keys(given)
    assert "short" not in str(raised.value)
    with pytest.raises(BadValue, match="audit_key"):
        Engine("memory:", workflows=[chain(add)], audit_key=given)


@pytest.mark.parametrize("text", ["s3cret", ONE.hex()[:-2], f"{ONE.hex()},", f"{ONE.hex()},s3cret"])
def test_what_is_no_key_in_the_environment_is_refused_and_not_shown(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(BadValue, match=VARIABLE) as raised:
        audit_keys()
    assert "s3cret" not in str(raised.value)
