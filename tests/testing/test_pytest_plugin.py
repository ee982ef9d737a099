"""The fixture that users get, in a suite of theirs, and what its plugin costs every other suite."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pectin.testing import pytest_plugin

ROOT = Path(__file__).parents[2]

SUITE = """
from pathlib import Path
import os

from pydantic import BaseModel
from pectin import Context, Workflow


class State(BaseModel):
    receipt: str | None = None


def make(effect):
    payment = Workflow(f"payment-{effect}", version="1.0.0", state=State)

    @payment.node(effect=effect)
    async def pay(state: State, ctx: Context) -> State:
        paid = Path(os.environ["PECTIN_CRASHTEST_DIR"]) / (ctx.key if effect == "keyed" else str(len(payments())))
        paid.touch()
        state.receipt = "paid"
        return state

    return payment


def payments():
    return os.listdir(os.environ["PECTIN_CRASHTEST_DIR"])


def test_the_sound_one(crashtest):
    assert crashtest(make("keyed"), probe=payments).ok


async def test_the_unsound_one_in_a_loop_of_its_own(crashtest):
    crashtest(make("idempotent"), probe=payments, simulate=False)


def test_the_unsound_one_simulated(crashtest):
    crashtest(make("idempotent"), probe=payments, simulate=True)
"""


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


def test_a_suite_gets_the_fixture_and_the_report(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(f'pytest_plugins = ["{pytest_plugin.__name__}"]', encoding="utf-8")
    (tmp_path / "test_payments.py").write_text(SUITE, encoding="utf-8")
    done = python(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--asyncio-mode=auto", "test_payments.py")
    assert "2 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert done.stdout.count("pay did its work twice.") >= 2
    assert "crashtest(payment-idempotent, …, at=['pay:after-body'])" in done.stdout


def test_the_plugin_loads_no_engine(tmp_path: Path) -> None:
    loads = "import sys, pectin.testing.pytest_plugin; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = python(tmp_path, "-c", loads)
    assert done.returncode == 0, done.stderr
    assert not {"apsw", "pydantic", "typer", "msgspec"} & set(done.stdout.split())


def test_pectin_needs_no_pytest(tmp_path: Path) -> None:
    done = python(tmp_path, "-c", "import sys, pectin, pectin.testing.crashtest; print('pytest' in sys.modules)")
    assert done.stdout.strip() == "False", done.stderr
