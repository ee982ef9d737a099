"""A thousand letters, at most fifty at once, and a bad address spoils one of them only.

    python examples/letters.py

With `on_item_failure="collect"` an item that fails beyond its retries leaves `{"error": {…}}` in its place, so the
outputs are still in the order of the items.
"""

import asyncio
import time
from typing import Any

from pydantic import BaseModel

from pectin import Context, Workflow, testing


class Letters(BaseModel):
    addresses: list[str]
    results: list[dict[str, Any]] = []
    sent: int = 0
    returned: list[str] = []


class Sent(BaseModel):
    stamp: str


class NoSuchPlace(Exception):
    error_class = "no_such_place"


letters = Workflow("letters", version="1.0.0", state=Letters)


@letters.each(
    "state.addresses",
    max_concurrency=50,
    on_item_failure="collect",
    output_key="results",
    effect="keyed",
    retry="io_default",
)
async def send(address: str, ctx: Context) -> Sent:
    await asyncio.sleep(0)  # the post office's API, with ctx.key
    if address.endswith("00"):
        raise NoSuchPlace(address)
    return Sent(stamp=ctx.key[:8])


@letters.node
def count(state: Letters) -> Letters:
    both = list(zip(state.addresses, state.results, strict=True))
    state.returned = [address for address, result in both if "error" in result]
    state.sent = len(both) - len(state.returned)
    return state


send.then(count)


async def main() -> Letters:
    began = time.perf_counter()
    async with testing.engine(letters) as engine:
        execution = await engine.start(letters, Letters(addresses=[f"Mill Lane {n}" for n in range(1, 1001)]))
        done = await execution.result()
    print(f"{done.sent} sent, {len(done.returned)} returned, in {time.perf_counter() - began:.1f} s")
    print(f"first: {done.results[0]['stamp']}; returned: {', '.join(done.returned[:3])}, …")
    return done


if __name__ == "__main__":
    asyncio.run(main())
