"""Settings in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pectin.ports.store import StoreError
from pectin.runtime.configured import SETTINGS, find_setting, setting_in


def test_the_nearest_file_that_says_a_setting_counts(tmp_path: Path) -> None:
    (inner := tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "pectin.toml").write_text('http_hosts = ["outer.example"]\nstore = "outer.db"')
    (inner / "pyproject.toml").write_text('[tool.pectin]\nhttp_hosts = ["inner.example"]')
    found = find_setting("http_hosts", inner)
    assert found == (["inner.example"], inner / "pyproject.toml")
    assert find_setting("store", inner) == ("outer.db", tmp_path / "pectin.toml")
    assert setting_in(inner, "store") is None
    assert find_setting("http_private", inner) is None


def test_an_unknown_setting_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    (tmp_path / "pectin.toml").write_text("hosts = []")
    with pytest.raises(StoreError, match=f"`hosts` is no setting; .*{SETTINGS[1]}"):
        setting_in(tmp_path, "store")
