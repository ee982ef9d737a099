"""A release with a child for each service."""

import pytest

from examples.rollout import Release, Service, check, main, release, service
from pectin import ExecutionFailed, testing


def test_a_broken_service_fails_its_check() -> None:
    assert check(Service(name="shop", version="2.0.0")).is_healthy
    with pytest.raises(RuntimeError, match="does not answer"):
        check(Service(name="search", version="2.0.0"))


async def test_a_child_can_be_tried_by_itself() -> None:
    async with testing.engine(service) as engine:
        execution = await engine.start(service, Service(name="search", version="2.0.0"))
        with pytest.raises(ExecutionFailed) as failed:
            await execution.result()
    assert failed.value.execution.current_state["is_built"] is False


async def test_one_that_fails_leaves_the_others_alone(capsys: pytest.CaptureFixture[str]) -> None:
    done = await main()
    assert done.summary == "2.0.0: shop, mail; rolled back: search"
    assert [result.get("is_healthy") for result in done.results] == [True, None, True]
    assert done.results[1]["error"]["error_class"] == "child_failed"
    assert "search 2.0.0 does not answer" in capsys.readouterr().out


async def test_a_release_without_services_is_one() -> None:
    async with testing.engine(release) as engine:
        done = await (await engine.start(release, Release(version="2.0.0", services=[]))).result()
    assert (done.results, done.summary) == ([], "2.0.0: ")
