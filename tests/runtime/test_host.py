"""The real host: chance, and where functions run."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import Any

from pectin import Context
from pectin.ports.function import Request, Result
from pectin.runtime.host import ProcessHost


@dataclass
class Body:
    """A function that says in which thread it ran."""

    is_async: bool
    keys: frozenset[str] | None = None

    def call(self, request: Request) -> Any:
        return self._run(request) if self.is_async else self._conclude(request)

    async def _run(self, request: Request) -> Result:
        await asyncio.sleep(0)
        return self._conclude(request)

    def _conclude(self, request: Request) -> Result:
        return Result({"asked": request.state["asked"], "thread": threading.current_thread().name})


async def test_only_what_may_block_leaves_the_loop() -> None:
    host = ProcessHost()
    request = Request({"asked": 1}, Context())
    here = threading.current_thread().name
    assert await host.call(Body(is_async=True), request) == Result({"asked": 1, "thread": here})
    elsewhere = await host.call(Body(is_async=False), request)
    assert isinstance(elsewhere, Result)
    assert elsewhere.patch["thread"] != here
    host.close()


def test_names_and_ids_are_nobody_elses() -> None:
    one, two = ProcessHost(), ProcessHost()
    assert one.name != two.name
    assert one.new_id() != two.new_id()
    assert 0 <= one.draw() < 1
    assert one.draw() != one.draw()
