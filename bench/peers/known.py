"""The peers, by the names that `python -m bench.peers` takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """Where a peer is and what it needs: the class `name` in `module`, whose environment has the packages of
    `requirements/<environment>.txt`, and of `requirements/<environment>.npm.txt` where there is one. Without an
    environment it runs in ours. `stores` says what it keeps its state in; whether it syncs is counted."""

    module: str
    stores: str
    environment: str | None
    name: str = "Peer"


OURS = "pectin"

KNOWN: Mapping[str, Known] = {
    OURS: Known("bench.peers.ours", "SQLite, WAL, synchronous=FULL", None),
    "dbos": Known("bench.peers.dbos_sqlite", "SQLite, put into WAL", "dbos"),
    "langgraph": Known("bench.peers.langgraph_sqlite", "AsyncSqliteSaver, durability=sync", "langgraph", "Async"),
    "langgraph-sync": Known("bench.peers.langgraph_sqlite", "SqliteSaver, durability=sync", "langgraph", "Sync"),
    "restate": Known("bench.peers.restate_server", "one node, its own log", "restate"),
    "temporal": Known("bench.peers.temporal_server", "development server on SQLite", "temporal"),
    "temporal-local": Known("bench.peers.temporal_server", "the same; local activities", "temporal", "Local"),
}
PEERS = tuple(name for name in KNOWN if name != OURS)
