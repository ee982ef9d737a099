"""Everything in dictionaries, gone with the process: the letter of the contract that all stores keep."""

from pectin.store.memory.store import Memory, MemoryStore

__all__ = ["Memory", "MemoryStore"]
