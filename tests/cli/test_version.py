"""`pectin version`."""

from __future__ import annotations

import pectin as package
from tests.cli.conftest import Pectin


def test_it_names_what_matters(pectin: Pectin) -> None:
    assert pectin("version").out.startswith(f"pectin {package.__version__} · apsw ")
    assert pectin("version", "--json").json["pectin"] == package.__version__
