"""What it takes to read a document and to check all of it, in a warm process: functions, conditions, ways and types.

Of ten nodes one chooses its way, one asks a person, one repeats, and the others run.
"""

from __future__ import annotations

from bench.measure import Bench, Measure, alone, expect
from pectin.authoring.building import build
from pectin.authoring.document.functions import Functions, read_functions
from pectin.authoring.document.reading import read_text

SIZES = (100, 1_000)
HEAD = """\
workflow: large
version: 1.0.0
state:
  order: string
  amount: decimal = 0
  risk: unknown | low | high = unknown
nodes:
"""
CHOOSES = """\
  {name}:
    run: step
    then:
      - to: {after}
        when: state.amount > {number} && state.risk == 'high'
      - to: end
        otherwise: true
"""
ASKS = """\
  {name}:
    approval: Refund {{{{ state.amount }}}} for {{{{ state.order }}}}?
    deadline: 72h
    decisions: {{approved: {after}, rejected: end, timeout: end}}
"""
REPEATS = """\
  {name}: {{run: step, then: {after}, repeat: {{to: {name}, when: state.amount > {number}, max_iterations: 5}}}}
"""
RUNS = """\
  {name}: {{run: step, retry: io_default, timeout: 30s, then: {after}}}
"""


def step(state: dict[str, object]) -> dict[str, object]:
    return state


async def run(bench: Bench) -> list[Measure]:
    functions = read_functions([step])
    return [_measure(bench, size, functions) for size in SIZES]


def document_of(nodes: int) -> str:
    """A document of so many nodes."""
    written: list[str] = []
    for number in range(nodes):
        form = {3: CHOOSES, 5: ASKS, 7: REPEATS}.get(number % 10, RUNS)
        after = f"node_{number + 1}" if number + 1 < nodes else "end"
        written.append(form.format(name=f"node_{number}", after=after, number=number))
    return HEAD + "".join(written)


def _measure(bench: Bench, full: int, functions: Functions) -> Measure:
    size = bench.size(full)
    text = document_of(size)
    found: list[float] = []
    for lap in range(bench.rounds + 1):
        began = bench.cpu()
        (document,) = read_text(text, "large.yaml", functions)
        blueprint = build(document.draft)
        if lap:  # the first one fills caches
            found.append((bench.cpu() - began) * 1e3)
        expect(len(blueprint.definition.nodes), size, "the nodes of a document")
    return alone(f"document-{full}", f"reading and checking a document of {size:,} nodes: CPU", "ms", found)
