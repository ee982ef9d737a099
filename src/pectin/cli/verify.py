"""`pectin verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pectin.cli.completion import complete_execution
from pectin.cli.options import Json, StoreOption

if TYPE_CHECKING:
    from pectin.runtime.anchor import Head
    from pectin.runtime.verify import Broken, Verified, Verifier
    from pectin.runtime.visitor import Visitor


def verify(
    executions: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[EXEC]...",
            help="Only these: ids, unique ends of them, keys, or `last`.",
            show_default=False,
            autocompletion=complete_execution,
        ),
    ] = None,
    *,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="FILE", help="Hold them against what --anchor wrote.")
    ] = None,
    anchor: Annotated[
        Path | None, typer.Option("--anchor", metavar="FILE", help="Write their heads there, if all are sound.")
    ] = None,
    key_env: Annotated[
        str, typer.Option("--key-env", metavar="NAME", help="The environment's variable with the audit keys.")
    ] = "PECTIN_AUDIT_KEY",
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """Check that governed executions are what was written."""
    import asyncio

    from pectin.cli.exit import BadUsage

    if executions and (against or anchor):
        raise BadUsage("an anchor is of all governed executions: leave out EXEC, or --against and --anchor")
    return asyncio.run(_verify(executions or [], against, anchor, key_env, store, as_json))


async def _verify(
    executions: list[str], against: Path | None, anchor: Path | None, key_env: str, store: str | None, as_json: bool
) -> int:
    from pectin.cli.exit import BadUsage, Exit
    from pectin.cli.visit import visiting
    from pectin.runtime.anchor import read_anchor, write_anchor
    from pectin.runtime.audit_key import audit_keys
    from pectin.runtime.verify import Broken, Verifier

    keys = audit_keys(variable=key_env)
    if keys.signing is None:
        raise BadUsage(f"there is no audit key: set {key_env}, or name another variable with --key-env")
    anchored = None if against is None else read_anchor(against)
    report = _Documents() if as_json else _Lines()
    async with visiting(store) as visitor:
        verifier = Verifier(visitor.store, keys, anchored)
        if executions:
            for text in executions:
                report.tell(await _verify_one(visitor, verifier, text))
        else:
            async for found in verifier.everything(visitor.clock.now()):
                if isinstance(found, Broken):
                    report.tell_broken(found, None)
                else:
                    report.tell(found)
    if anchor is not None and not report.broken:
        write_anchor(anchor, report.heads)
        report.anchored(anchor)
    code = Exit.NO if report.broken else Exit.OK
    report.end(code)
    return code


async def _verify_one(visitor: Visitor, verifier: Verifier, text: str) -> Verified:
    from pectin.cli.exit import BadUsage
    from pectin.cli.visit import find_execution

    summary = await find_execution(visitor, text)
    verified = await verifier.verify(summary)
    if verified is None:
        raise BadUsage(f"`{text}` is not governed: nothing of it is marked with an audit key")
    return verified


class _Report:
    """Counts what is found, and keeps the heads of what is sound."""

    def __init__(self) -> None:
        self.executions = 0
        self.events = 0
        self.broken = 0
        self.heads: list[Head] = []

    def tell(self, verified: Verified) -> None:
        """One execution was verified."""
        self.executions += 1
        self.events += verified.events
        if verified.head is not None:
            self.heads.append(verified.head)
        if verified.broken is not None:
            self.tell_broken(verified.broken, verified.summary.key)

    def tell_broken(self, broken: Broken, key: str | None) -> None:
        """Something is not what was written."""
        self.broken += 1

    def anchored(self, file: Path) -> None:
        """The heads were written there."""

    def end(self, code: int) -> None:
        """All were."""


class _Documents(_Report):
    """JSON Lines: one for each execution that is not sound, and one for the outcome."""

    def tell_broken(self, broken: Broken, key: str | None) -> None:
        from pectin.cli.words import put_json

        super().tell_broken(broken, key)
        document: dict[str, Any] = {
            "type": "broken",
            "execution_id": broken.execution.to_json(),
            "code": broken.code,
            "seq": broken.seq,
            "message": broken.message,
        }
        put_json(document)

    def end(self, code: int) -> None:
        from pectin.cli.words import put_json

        counts = {"executions": self.executions, "events": self.events, "broken": self.broken}
        put_json({"type": "outcome", "exit_code": code, **counts})


class _Lines(_Report):
    """For people."""

    def __init__(self) -> None:
        from pectin.cli.paper import out

        super().__init__()
        self._paper = out()

    def tell_broken(self, broken: Broken, key: str | None) -> None:
        super().tell_broken(broken, key)
        name = str(broken.execution) if key is None else f"{broken.execution} · {key}"
        where = f"event {broken.seq}, " if broken.seq else ""
        self._paper.write_text(f"{self._paper.mark('✗')} {name}")
        self._paper.write_text(f"{where}{broken.code}: {broken.message}", "    ")

    def anchored(self, file: Path) -> None:
        self._paper.write_text(f"anchored in {file}")

    def end(self, code: int) -> None:
        executions = f"{self.executions:,} governed execution{'' if self.executions == 1 else 's'}"
        events = f"{self.events:,} event{'' if self.events == 1 else 's'}"
        told = f"{self.broken:,} broken" if self.broken else "all as they were written"
        self._paper.write_text(f"{executions}, {events}: {told}")
