"""A release that is rolled out to each service by a workflow of its own: a child execution per service.

    python examples/rollout.py

A child has its own history, its own retries and its own end. Here a child that fails is data for its parent
(`on_item_failure="collect"`): the others go on, and the parent decides what to do about it.
"""

import asyncio
from typing import Any

from pydantic import BaseModel

from pectin import Workflow, testing

BROKEN = {("search", "2.0.0")}  # what your health check says


class Service(BaseModel):
    name: str
    version: str
    is_built: bool = False
    is_healthy: bool = False


service = Workflow("service", version="1.0.0", state=Service)


@service.node
def build(state: Service) -> Service:
    state.is_built = True
    return state


@service.node(effect="keyed", retry="io_default")
def deploy(state: Service) -> Service:
    return state


@service.node
def check(state: Service) -> Service:
    if (state.name, state.version) in BROKEN:
        raise RuntimeError(f"{state.name} {state.version} does not answer")
    state.is_healthy = True
    return state


@service.finalizer(run_on="failure", retry="io_default")
def roll_back(state: Service) -> Service:
    state.is_built = False
    return state


build.then(deploy)
deploy.then(check)


class Release(BaseModel):
    version: str
    services: list[str]
    results: list[dict[str, Any]] = []
    summary: str = ""


release = Workflow("release", version="1.0.0", state=Release)

roll_out = release.each_child(
    "roll_out",
    "state.services",
    service,
    input={"name": "item", "version": "state.version"},
    max_concurrency=2,
    on_item_failure="collect",
    output_key="results",
)


@release.node
def tell(state: Release) -> Release:
    healthy = [result["name"] for result in state.results if "error" not in result]
    failed = [name for name, result in zip(state.services, state.results, strict=True) if "error" in result]
    state.summary = f"{state.version}: {', '.join(healthy)}" + (f"; rolled back: {', '.join(failed)}" if failed else "")
    return state


roll_out.then(tell)


async def main() -> Release:
    async with testing.engine(release) as engine:
        execution = await engine.start(release, Release(version="2.0.0", services=["shop", "search", "mail"]))
        done = await execution.result()
    for name, result in zip(done.services, done.results, strict=True):
        print(f"{name:8}{result['error']['message'] if 'error' in result else 'healthy'}")
    print(done.summary)
    return done


if __name__ == "__main__":
    asyncio.run(main())
