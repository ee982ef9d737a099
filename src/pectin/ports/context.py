"""What a node's function may ask of the engine. In a unit test one makes it by hand: `Context(key="k")`."""

from __future__ import annotations

import logging
from collections.abc import Callable


class Context:
    """The attempt that a function runs in.

    `key` is the same on every attempt of one activation: hand it to a callee that knows idempotency keys.
    `attempt` counts from 1. `log` is a standard logger that names the execution and the activation.
    """

    __slots__ = ("_beat", "activation", "attempt", "execution_id", "key")

    def __init__(
        self,
        *,
        key: str = "",
        attempt: int = 1,
        execution_id: str = "",
        activation: str = "",
        beat: Callable[[], None] | None = None,
    ) -> None:
        self.key = key
        self.attempt = attempt
        self.execution_id = execution_id
        self.activation = activation
        self._beat = beat

    @property
    def log(self) -> logging.LoggerAdapter[logging.Logger]:
        """A standard logger that names the execution and the activation. Most attempts never ask for it."""
        names = {"execution_id": self.execution_id, "activation": self.activation}
        return logging.LoggerAdapter(logging.getLogger("pectin.node"), names)

    def heartbeat(self) -> None:
        """Learn whether the attempt is still wanted: raises `Stop` if it was cancelled or timed out."""
        if self._beat is not None:
            self._beat()


class Stop(BaseException):
    """Raised by `heartbeat` in an attempt whose result nobody wants any more. Let it through."""
