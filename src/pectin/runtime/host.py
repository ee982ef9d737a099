"""The real host: this process, its threads and its chance."""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Awaitable
from functools import partial
from typing import Any, cast

from pectin.core.identity import ExecutionId
from pectin.ports.function import Conclusion, Function, Request
from pectin.ports.store import Store
from pectin.runtime.settings import GARBAGE, SWITCHING, Setting
from pectin.runtime.threads import Threads


class ProcessHost:
    """A `Host`. Functions that aren't async run in threads of their own. Until it is closed, Python looks for garbage
    rarely, and with the first such function it lets threads take turns more often."""

    def __init__(self) -> None:
        self._borrowed: list[Setting[Any]] = []
        self._borrow(GARBAGE)
        self.name = f"engine-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self._threads = Threads()

    def draw(self) -> float:
        return random.random()

    def new_id(self) -> ExecutionId:
        return ExecutionId.new()

    def call(self, function: Function, request: Request) -> Awaitable[Conclusion]:
        if function.is_async:
            return cast(Awaitable[Conclusion], function.call(request))
        if SWITCHING not in self._borrowed:
            self._borrow(SWITCHING)
        return self._threads.call(partial(function.call, request))

    async def look_out(self, store: Store) -> None:
        await store.news()

    def close(self) -> None:
        self._threads.close()
        while self._borrowed:
            self._borrowed.pop().give_back()

    def _borrow(self, setting: Setting[Any]) -> None:
        setting.borrow()
        self._borrowed.append(setting)
