"""The command line: one file per command. It is the composition root, and knows all the rooms below."""

from pectin.cli.app import main

__all__ = ["main"]
