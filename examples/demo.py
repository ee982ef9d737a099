"""The demo: release notes that are killed twice on their way, and come out as if nothing had happened.

    make demo

It runs `release_notes.py` on this repository's history with the `pectin` command: once calmly, and once more with a
SIGKILL in the middle of the fan-out, and another after the side effect and before its record. Then it compares what is
in the store, in the ledger of effects and in the count of the bodies that ran. It exits with 1 if anything is amiss.
Another file with the same workflow can be given as the argument.
"""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
EXIT_OK, EXIT_WAITING, KILLED = 0, 4, -signal.SIGKILL
FAN_OUT, EFFECT, APPROVAL = "classify", "publish", "review"
KILL_AT_ITEM = 20
WHO = "release-manager"


class Unexpected(Exception):
    """A command ended otherwise than it should."""


class Look(NamedTuple):
    """What there is at one moment: the history in the store, the bodies that ran, the ledger of effects."""

    events: list[dict[str, Any]]
    bodies: Counter[str]
    ledger: list[dict[str, Any]]

    def tally(self, type: str) -> Counter[str]:
        """How many events of a type there are, by activation."""
        return Counter(event["activation"] for event in self.events if event["type"] == type)

    def recorded(self, node: str) -> set[str]:
        """What has completed for good of a node, or of a map's items: `publish`, `classify#3`."""
        completed = self.tally("node_completed")
        return {name for name in completed if name.startswith(f"{node}#")} or completed.keys() & {node}


class Site:
    """A folder with a store, in which `pectin` is run."""

    def __init__(self, folder: Path, workflow: Path, *, quiet: bool) -> None:
        folder.mkdir()
        self.folder = folder
        self._workflow = workflow
        self._quiet = quiet
        given = json.dumps({"repository": str(HERE.parent), "folder": "."})
        self._run = ["run", str(workflow), "--input", given, "--key", "notes"]
        self._environment = os.environ | {"PECTIN_STORE": "notes.db", "PYTHONUTF8": "1"}

    def run(self, *kill: str, expect: int) -> str:
        """Run the workflow, or go on with it. What it prints is its final state."""
        runner = [str(HERE / "kill_point.py"), "--bodies", "bodies.txt", *kill]
        return self._call(runner, self._run, shown="pectin run release_notes.py --key notes", expect=expect)

    def pectin(self, *command: str) -> str:
        """Any other command, in a process of its own."""
        return self._call(["-m", "pectin"], command, shown=shlex.join(["pectin", *command]), expect=EXIT_OK)

    def look(self) -> Look:
        printed = self._start(["-m", "pectin", "events", "last", "--json"]).stdout
        events = [document for line in printed.splitlines() if "seq" in (document := json.loads(line))]
        ledger = [json.loads(line) for line in self._lines("effects.jsonl")]
        return Look(events, Counter(self._lines("bodies.txt")), ledger)

    def notes(self) -> bytes:
        return (self.folder / "RELEASE_NOTES.md").read_bytes()

    def _call(self, runner: list[str], command: list[str] | tuple[str, ...], *, shown: str, expect: int) -> str:
        done = self._start([*runner, *command])
        if not self._quiet:
            print(f"\n$ {shown}")
            printed = done.stdout if command[0] == "show" else done.stderr or done.stdout
            print(printed.replace(str(self._workflow), self._workflow.name).rstrip("\n"))
            if done.returncode == KILLED:
                print("killed.")
        if done.returncode != expect:
            raise Unexpected(f"{shown}: exit {done.returncode} instead of {expect}\n{done.stdout}{done.stderr}")
        return done.stdout

    def _start(self, arguments: list[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )

    def _lines(self, name: str) -> list[str]:
        file = self.folder / name
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def run_calmly(site: Site) -> dict[str, Any]:
    """The final state when nothing goes wrong."""
    site.run(expect=EXIT_WAITING)
    site.pectin("approve", "last", "--by", WHO)
    return json.loads(site.run(expect=EXIT_OK))


class Story(NamedTuple):
    """The killed run: a look after each kill and at the end, and the final state."""

    first: Look
    second: Look
    end: Look
    state: dict[str, Any]


def run_killed(site: Site) -> Story:
    print(f"\n1. SIGKILL in the middle of the fan-out, as `{FAN_OUT}` begins its item number {KILL_AT_ITEM}")
    site.run("--kill-at", f"{FAN_OUT}:{KILL_AT_ITEM}", expect=KILLED)
    first = site.look()

    print("\n2. The same command again goes on, up to the approval; another process approves")
    site.run(expect=EXIT_WAITING)
    site.pectin("approve", "last", "--by", WHO)

    print(f"\n3. SIGKILL when `{EFFECT}` has written the file, before the engine has recorded it")
    site.run("--kill-after", f"{EFFECT}:1", expect=KILLED)
    second = site.look()

    print("\n4. The same command again goes on, to the end")
    state = json.loads(site.run(expect=EXIT_OK))

    print("\n5. What happened")
    site.pectin("show", "last")
    return Story(first, second, site.look(), state)


def prove(story: Story, calm: dict[str, Any], same_file: bool) -> list[tuple[bool, str]]:
    """What must be true, each with whether it is."""
    first, second, end, state = story
    commits = [commit["hash"] for commit in state["commits"]]
    labels = [label["hash"] for label in state["labels"]]
    recorded, items = first.recorded(FAN_OUT), end.recorded(FAN_OUT)
    cut_off = set(end.tally("attempt_interrupted"))
    again = {name for name, times in end.bodies.items() if times > 1}
    approved = [event for event in end.events if event["type"] == "node_completed" and event["activation"] == APPROVAL]
    keys = {line["key"] for line in end.ledger}
    return [
        (
            0 < len(recorded) < len(commits),
            f"the first kill hit the fan-out: {len(recorded)} of {len(commits)} commits were classified and recorded",
        ),
        (
            len(second.ledger) == 1 and not second.recorded(EFFECT),
            f"the second kill hit the gap: `{EFFECT}` had its line in the ledger, and no record in the store",
        ),
        (
            again <= cut_off and not again & (recorded | second.recorded("read_log")) and EFFECT in again,
            f"only what was cut off ran again: {name_all(again)}; of what was recorded, nothing",
        ),
        (
            end.bodies[EFFECT] == 2 and len(end.ledger) == len(keys) == 1,
            f"the effect was done once: `{EFFECT}` ran {end.bodies[EFFECT]} times;"
            f" lines in its ledger: {len(end.ledger)}, keys: {len(keys)}",
        ),
        (
            labels == commits and len(set(labels)) == len(labels) == len(items),
            f"nothing was lost: each of {len(commits)} commits is classified once, and recorded once",
        ),
        (
            set(end.tally("node_completed").values()) == {1},
            f"one outcome each: {len(end.tally('node_completed'))} activations completed, none twice",
        ),
        (
            len(approved) == 1 and approved[0]["by"] == WHO,
            f"one decision: {len(approved)}, by {', '.join(str(event.get('by')) for event in approved)}",
        ),
        (state == calm and same_file, "the outcome is that of the calm run: the same state, the same file to the byte"),
    ]


def name_all(activations: set[str]) -> str:
    """The activations in a few words: `publish` and 4 items of `classify`."""
    nodes = Counter(name.partition("#")[0] for name in activations)
    items = "1 item" if nodes[FAN_OUT] == 1 else f"{nodes[FAN_OUT]} items"
    named = [f"{items} of `{node}`" if node == FAN_OUT else f"`{node}`" for node in nodes]
    return " and ".join(sorted(named, reverse=True)) or "nothing"


def main(workflow: Path) -> int:
    folder = Path(tempfile.mkdtemp(prefix="pectin-demo-"))
    try:
        print("0. A calm run, for comparison")
        calm = Site(folder / "calm", workflow, quiet=True)
        calm_state = run_calmly(calm)
        print(f"{len(calm_state['commits'])} commits, {len(calm.notes())} bytes of release notes")
        killed = Site(folder / "killed", workflow, quiet=False)
        story = run_killed(killed)
        proof = prove(story, calm_state, calm.notes() == killed.notes())
    except Unexpected as problem:
        print(f"\n✗ {problem}")
        return 1
    finally:
        shutil.rmtree(folder)
    print("\n6. The proof, from the store, the ledger of effects and the count of the bodies that ran")
    for is_true, claim in proof:
        print(f"  {'✓' if is_true else '✗ NOT TRUE:'} {claim}")
    return 0 if all(is_true for is_true, _ in proof) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else HERE / "release_notes.py"))
