"""`python -m bench.visitor STORE`: signals each execution whose id comes in a line, and says when it began to.

It is what `pectin signal` does beside an engine, without the start of a process.
"""

from __future__ import annotations

import asyncio
import sys
import time

from pectin import ExecutionId
from pectin.core.command import Done, Signal
from pectin.runtime.visitor import Visitor
from pectin.store import open_store


async def visit(path: str) -> None:
    """Answer one line after another until there are no more."""
    store = open_store(path, must_exist=True)
    visitor = Visitor(store)
    try:
        for line in sys.stdin:
            began = time.monotonic()
            command = Signal(at=visitor.clock.now(), name="go", by="bench")
            answer = await visitor.handle(ExecutionId.parse(line), command)
            if answer != Done():
                raise SystemExit(f"{line.strip()} could not be signalled: {answer}")
            sys.stdout.write(f"{began}\n")
            sys.stdout.flush()
    finally:
        await store.close()


if __name__ == "__main__":
    asyncio.run(visit(sys.argv[1]))
