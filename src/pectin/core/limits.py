"""Every bound of the engine, in one place.

Nothing grows without a limit: what passes one is refused or fails with the limit's name in the message.
"""

from __future__ import annotations

import msgspec

from pectin.core.error import BadValue, quote


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds an engine works in. n allows n; passing is more than n."""

    payload_bytes_max: int = 8 * 1024 * 1024
    """Bytes of one JSON value that is stored: an input, a patch, an output. More is refused at the edge."""

    history_events_max: int = 50_000
    """Events of one execution; one more, and it fails."""

    history_events_warn: int = 10_000
    """Events of one execution at which its engine warns in its log, once."""

    items_max: int = 10_000
    """Items of one `for_each`; a longer list fails the node with `bad_items`."""

    scheduled_items_max: int = 256
    """Items of one `for_each` that are scheduled at once; the next are scheduled as these settle."""

    iterations_max: int = 10_000
    """Iterations of a loop per entry, where neither the loop nor the workflow says fewer."""

    depth_max: int = 16
    """Executions inside one another, the outermost counted; a deeper child fails its node."""

    inbox_messages_max: int = 1_000
    """Signals that one execution keeps for waits to come, and keys by which it knows repeated ones."""

    event_keep_ms: int = 7 * 24 * 3_600_000
    """How long an external event that nobody waits for is kept, and the key by which a repeated one is known."""

    interruptions_max: int = 3
    """Interruptions of one activation in a row; at this one it is put in quarantine."""

    log_records_max: int = 1_000
    """Records that one attempt may log; more are counted and left out."""

    statements_max: int = 100
    """SQL statements of one `transactional` attempt."""

    commit_conflicts_max: int = 20
    """Times that one command is decided anew because another writer came first."""

    identifier_characters_max: int = 128
    """Characters of an id of a workflow or a node, and of an actor's name."""

    key_characters_max: int = 256
    """Characters of a start key."""

    comment_characters_max: int = 4_000
    """Characters of what a person says with a command."""

    message_characters_max: int = 2_000
    """Characters of a failure's message; the rest is cut."""

    traceback_characters_max: int = 8_000
    """Characters of a failure's traceback; the rest is cut."""

    stop_grace_ms: int = 10_000
    """How long a closing execution waits for its running attempts to stop."""

    look_anyway_ms: int = 60_000
    """How often an engine looks for what is due though nobody told it, and whether anybody is stranded."""

    round_executions_max: int = 256
    """Executions of which an engine looks, each time, whether they are stranded; the next ones the next time."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value: object = getattr(self, name)
            if type(value) is not int or value < 1:
                raise BadValue(f"limits.{name}", f"{quote(value)} is no limit", "write a whole number from 1 on")


LIMITS = Limits()
"""The bounds where nobody says others."""
