"""Which endpoints may be called when nobody says."""

from __future__ import annotations

from pathlib import Path

import pytest

from pectin.core.error import BadValue
from pectin.ports.http import HttpRules
from pectin.runtime.default_rules import default_rules


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PECTIN_HTTP_HOSTS", raising=False)
    monkeypatch.delenv("PECTIN_HTTP_PRIVATE", raising=False)


def test_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_rules(tmp_path) == HttpRules(hosts=())
    monkeypatch.chdir(tmp_path)
    assert default_rules() == HttpRules(hosts=())


def test_those_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "pectin.toml").write_text('http_hosts = ["api.example.com"]\nhttp_private = true')
    assert default_rules(tmp_path) == HttpRules(hosts=["api.example.com"], private=True)


@pytest.mark.parametrize(("said", "private"), [("1", True), ("True", True), ("0", False), ("", False)])
def test_variables_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, private: bool) -> None:
    (tmp_path / "pectin.toml").write_text('http_hosts = ["api.example.com"]\nhttp_private = true')
    monkeypatch.setenv("PECTIN_HTTP_HOSTS", "a.example, b.example,")
    monkeypatch.setenv("PECTIN_HTTP_PRIVATE", said)
    assert default_rules(tmp_path) == HttpRules(hosts=["a.example", "b.example"], private=private)
    monkeypatch.setenv("PECTIN_HTTP_HOSTS", "")
    assert default_rules(tmp_path).hosts == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('http_hosts = "api.example.com"', "pectin.toml: http_hosts: 'api.example.com' is no list"),
        ("http_private = 3", "pectin.toml: http_private: 3 is neither true nor false"),
    ],
)
def test_a_bad_setting_is_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "pectin.toml").write_text(text)
    with pytest.raises(BadValue) as error:
        default_rules(tmp_path)
    assert told in str(error.value)


def test_a_bad_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PECTIN_HTTP_HOSTS", "https://api.example.com")
    with pytest.raises(BadValue, match="PECTIN_HTTP_HOSTS"):
        default_rules(tmp_path)
    monkeypatch.setenv("PECTIN_HTTP_HOSTS", "")
    monkeypatch.setenv("PECTIN_HTTP_PRIVATE", "perhaps")
    with pytest.raises(BadValue, match="PECTIN_HTTP_PRIVATE: 'perhaps' is neither"):
        default_rules(tmp_path)
