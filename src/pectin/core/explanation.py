"""The codes of problems: a title and a paragraph each, for `pectin check --explain E014`.

Codes with an E are errors; a definition with nothing but warnings (W) can be run.
A code stands for one rule of the model, not for one message: several messages may share it. Codes are never
reused for another rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Explanation(NamedTuple):
    """What a code means: its rule in a line, and why there is such a rule and how to keep it."""

    title: str
    text: str


EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "E001": Explanation(
        "the workflow's id or version can't be used",
        "An id is made of letters, digits, `_` and `-` and doesn't begin with a digit. A version is a semantic one, "
        'such as "1.0.0". The pair names one graph for ever: give a changed graph a new version, or work under a '
        'version that ends in "-dev", which may be registered anew.',
    ),
    "E002": Explanation(
        "there is no start, or more than one",
        "An execution begins at one node. It is the only one that no edge leads to (edges of `repeat` don't count); "
        "where there are several, or none, name it: `workflow.start(node)`.",
    ),
    "E003": Explanation(
        "the kind of a node is unknown",
        "Every node has a kind that this version of Pectin knows. Nothing is run by guessing.",
    ),
    "E004": Explanation(
        "the name of a node can't be used",
        "A node's name is made of letters, digits, `_` and `-` and doesn't begin with a digit. `end` is reserved "
        "for the target of an edge that leads nowhere further.",
    ),
    "E005": Explanation(
        "two nodes have the same name",
        "Histories, approvals and idempotency keys go by the node's name, so it stands once in a workflow. "
        'A function that serves twice gets a second name: `workflow.node(function, name="...")`.',
    ),
    "E006": Explanation(
        "an edge leads to a node that isn't there",
        "Both ends of an edge are nodes of the same workflow; the target may be `end`.",
    ),
    "E007": Explanation(
        "an edge stands twice",
        "The same source, target, word and condition say the same thing twice. Delete one.",
    ),
    "E008": Explanation(
        "a node can't be reached",
        "No way from the start leads to it, so it would never run. Lead an edge to it, or delete it. The items of a "
        "map and finalizers are reached by name and need no edge.",
    ),
    "E009": Explanation(
        "a loop isn't made by `repeat`",
        "A loop needs a condition and a limit, and `source.repeat(header, when=..., max_iterations=...)` is the only "
        "way to give it both. Other edges lead forward only.",
    ),
    "E010": Explanation(
        "a `repeat` doesn't lead back to the beginning of its loop",
        "The target of `repeat` is the loop's only entry: every way from the start to the source passes it. "
        "Otherwise it isn't clear what one iteration is.",
    ),
    "E011": Explanation(
        "a loop does nothing",
        "All nodes of the loop only route, so an iteration can't change what its condition sees.",
    ),
    "E012": Explanation(
        "an edge can't begin or end there",
        "Nothing leaves `end`, nor `limit_exceeded`, which is one. The items of a map and finalizers have no edges: a "
        "map runs its items, and finalizers run when the execution ends. No edge leads to the node that `on_limit` of "
        "the limits names: it is entered when a limit is passed.",
    ),
    "E013": Explanation(
        "the words of an edge don't fit together",
        "`when` and `repeat` have a condition, `repeat` has a limit too (its own, or the workflow's), and `otherwise` "
        "needs a `when` beside it. A limit is a whole number from 1 on.",
    ),
    "E014": Explanation(
        "an expression is wrong",
        "Conditions, lists of items, mappings and `{{ ... }}` in texts are read and checked against the fields of the "
        "state before anything runs: unknown fields, types that can't be compared, values that a field never has, and "
        "fields that may be null and are used without a test.",
    ),
    "E015": Explanation(
        "a decision leads nowhere",
        "An approval says for each of its decisions where to go on, and for `timeout` if it has a deadline. Write "
        "`END` where nothing follows.",
    ),
    "E016": Explanation(
        "an approval has no such decision",
        "The decisions are `approved` and `rejected`, or the approval's own, and `timeout` if there is a deadline.",
    ),
    "E017": Explanation(
        "the settings of a node don't fit its kind",
        "Each kind has its own settings and knows no others; the message says which one is wrong.",
    ),
    "E018": Explanation(
        "a join waits for a node that doesn't lead to it",
        "`wait_for` names nodes that have an edge to the join, each once. Without it the join waits for all of them.",
    ),
    "E019": Explanation(
        "the state has no such field",
        "`output_key` names the field of the state that a result is written to, the mappings of a child's output and "
        "the keys that an approval lets a person edit are fields too.",
    ),
    "E020": Explanation(
        "a result doesn't fit its field",
        "What a node gives is written to the field that its `output_key` or a mapping names, so its type is the "
        "field's type. A wait that a timer may end gives null.",
    ),
    "E021": Explanation(
        "a retry policy can't be used",
        "Presets are `io_default`, `llm_default` and `no_retry`; anything else is a `RetryPolicy`. Nodes that wait "
        "for a person or for time have no attempts, and so no retries. A `once` node is tried again only after errors "
        "whose classes its own policy names: an exception means that its body was entered.",
    ),
    "E022": Explanation(
        "a duration can't be used",
        'Durations are written as "90s", "1h30m", "72h", in ISO 8601 ("PT1H30M") or as whole seconds, and are more '
        "than nothing. Only `stop_grace` may be 0; it is at most an hour.",
    ),
    "E023": Explanation(
        "this is not there yet",
        "The model has it, and this version of Pectin doesn't. It is refused rather than ignored.",
    ),
    "E025": Explanation(
        "an item node doesn't serve its map",
        "A map runs one item node, a `python_fn` or a `subgraph` without edges. It doesn't write the state: the map "
        "does, by its `output_key`.",
    ),
    "E026": Explanation(
        "the effect of a node is unknown",
        "A node is `pure`, `idempotent` (the default of functions), `keyed`, `transactional` or `once`: it says what "
        "may happen after a crash.",
    ),
    "E027": Explanation(
        "what is said of the workflow as a whole is of a wrong type",
        "Its id, version, name and description are texts, its timeouts a `TimeoutConfig`, and its session type one of "
        "`SessionType`, or that one's name.",
    ),
    "E028": Explanation(
        "an `on_limit` edge doesn't leave a loop",
        "`on_limit` leads on from the node at which a loop begins, when the loop has used up its iterations. It leads "
        "out of the loop, and has no condition.",
    ),
    "E029": Explanation(
        "a reducer doesn't fit its key",
        "A reducer belongs to a field of the state: `append` and `union` to a list, `add` to an int or a decimal, "
        "`max` and `min` to a number or a string, `merge` to an object or a map. The field may be null.",
    ),
    "E030": Explanation(
        "a function lacks an annotation",
        "Its parameters and its result are converted from and to JSON by their annotated types, so all of them are "
        "annotated, with types that can be found from where the function is.",
    ),
    "E031": Explanation(
        "a function takes another state",
        "The first parameter of a node is the state of its workflow, or a type that names some of its fields: a base "
        "class of the state's type, or a TypedDict. A `reconcile` takes what its node takes.",
    ),
    "E032": Explanation(
        "a function's parameters can't be filled",
        "A node takes `(state)` or `(state, ctx: Context)`, the function of a map `(item)` or `(item, ctx: Context)`. "
        "Nothing else can be handed in; put it into the state.",
    ),
    "E033": Explanation(
        "a function's result can't be used",
        "A node returns the state, a TypedDict whose keys are fields of the state, or with `output_key` any value "
        "that JSON can say. A finalizer returns the state or None, and a `reconcile` returns `DidNot`, `Unknown`, or "
        "`Happened` with what its node returns.",
    ),
    "E034": Explanation(
        "the items of a map don't fit its function",
        "The function of a map takes one item of the list: its parameter has the type of the list's items.",
    ),
    "E035": Explanation(
        "a node needs a function with a name",
        "A node is a function made by `def` or `async def`: its name stands in histories. Lambdas, generators, "
        "classes and callable objects are refused.",
    ),
    "E036": Explanation(
        "the target isn't a node of this workflow",
        "Edges lead to what `workflow.node`, `approval`, `wait`, `join` and so on returned, or to `END`; never to a "
        "plain function, a name or another workflow's node.",
    ),
    "E037": Explanation(
        "the type can't be a state",
        "A state is a pydantic model, a dataclass, a TypedDict or `dict[str, Any]`. All its fields are always there "
        "and are JSON: no sets, no aliases, no fields left out of the dump.",
    ),
    "E038": Explanation(
        "the limits of the workflow can't be kept",
        "A limit is a whole number from 1 on, and said once. `on_limit` names a node that no edge leads to, and that "
        "leads to nothing that the start leads to: it is entered when everything else is cancelled.",
    ),
    "E039": Explanation(
        "a node can't have this effect",
        "Finalizers are not `once` or `transactional`: the end of an execution can't wait until it is known what they "
        "did. `reconcile` answers for an attempt in doubt, and only a `once` node is ever in doubt.",
    ),
    "E040": Explanation(
        "a stateless workflow can't have such a node",
        "A stateless execution lives in memory only. It can't wait, for a person, a message, time or a child, and it "
        "keeps no record by which `once` or `transactional` could be kept after a crash.",
    ),
    "E041": Explanation(
        "a subgraph doesn't say what it runs",
        "It names a workflow by its id and a semantic version, in Python by the `Workflow` itself, and none that it is "
        "inside of. What its output writes is named once, by a mapping or by `output_key`.",
    ),
    "E042": Explanation(
        "a join can't fire as it says",
        "`at_least` is from 1 to the number of nodes that it waits for, and stands for itself: with `fires_when` "
        "there is none.",
    ),
    "W001": Explanation(
        "a join has one source",
        "A join waits for several nodes and collects what arrives. With one there is nothing to wait for: lead on "
        "directly.",
    ),
    "W002": Explanation(
        "two nodes side by side write one key",
        "Neither waits for the other, and both have the same `output_key`. Where they give different values, the "
        "execution fails with `state_conflict`. Give each a key of its own, or let one lead to the other.",
    ),
    "W003": Explanation(
        "a condition has no default",
        "Where none of its branches holds, the node fails with `no_route`. Give it a default, or let the last branch "
        "be `true`, unless that failure is what you want.",
    ),
    "W004": Explanation(
        "a way out of a loop is always taken",
        "An edge without a condition that leaves a loop is taken once, after the last iteration. If it is meant to end "
        "the loop early, let the condition of `repeat` say so.",
    ),
    "W005": Explanation(
        "two conditions of one node can both hold",
        "Every `when` that holds is taken, so both targets would run, side by side, and nothing in the two shows that "
        "only one can hold. Let one exclude the other, or use a `condition`, which takes the first branch that holds.",
    ),
}
"""Every code, in the order of the reference."""
