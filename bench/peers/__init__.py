"""Other engines at the same workloads, in the same run: `python -m bench.peers` lets each take turns with raw commits.

Each has an environment and a process of its own, so nothing here but the file of a peer may import its library, and
what runs in its process (`peer`, `known`, `worker`) imports the standard library only.
"""
