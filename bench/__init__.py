"""How fast Pectin is, beside what the disk allows: each workload alternates with a raw SQLite probe in the same run.

`python -m bench` measures, and prints a table and which of the targets in `targets.toml` are reached; `--limits` holds
the run against `limits.toml`. A workload that finds a wrong result fails the run: how fast a broken engine is says
nothing.
"""
