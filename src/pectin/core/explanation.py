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
        "A map runs one item node, a `python_fn`, a `tool` or a `subgraph` without edges. It doesn't write the state: "
        "the map does, by its `output_key`.",
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
    "E043": Explanation(
        "the text can't be read as YAML or JSON",
        "Documents are a safe part of YAML 1.2, or JSON: no tags, no anchors and aliases, no merge keys, and each key "
        "stands once. Words mean what YAML 1.2 says: `on`, `yes` and `12:30` are texts. A text that begins with `!`, "
        "`*`, `&`, `[`, `{` or a quote, or that has `: ` or ` #` in it, stands in quotes as a whole.",
    ),
    "E044": Explanation(
        "a document says something that isn't known, or not what is needed",
        "A document has `workflow`, `version` and `nodes`; each node has one key that says what it does (`run`, "
        "`tool`, `child`, `approval`, `wait`, `condition`, `parallel`, `join`, `rules`, `limit_exceeded`) and those "
        "that belong to it. A key that nobody reads would be ignored in silence, so it is refused.",
    ),
    "E045": Explanation(
        "a type can't be read",
        "Types are `string`, `int`, `float`, `bool`, `decimal`, `any`, `datetime`, `date`, `time`, `uuid`, `list[T]`, "
        "`map[T]`, `T?` for what may be null, `low | high` for one of several values, and mappings of fields. "
        "` = ...` behind a field's type is its default.",
    ),
    "E046": Explanation(
        "there is no such function",
        "`run: NAME` and `reconcile: NAME` name a function at the top level of the Python file that `--functions` "
        "names, or of what was handed in as `functions`; `tool: NAME` a tool that is made there, unless the document "
        "says its `http`. Names are looked up there and nowhere else.",
    ),
    "E047": Explanation(
        "one function serves two nodes that differ",
        "Two nodes may run one function if it is given the same and its result goes to the same place. Else it gets a "
        "second name in its file: `again = f`.",
    ),
    "E048": Explanation(
        "a document says a tool otherwise than its function",
        "What a tool takes and gives, and its effect, may stand under `tools` of a document, too. It is a promise of "
        "the function then, and has to be the same there; what isn't said is as the function says it.",
    ),
    "E049": Explanation(
        "a tool is declared that no node calls",
        "A definition has the tools that its nodes call, and no others. One that is declared beside them is misspelt "
        "somewhere, or left over.",
    ),
    "E050": Explanation(
        "a limit on what is spent can't be kept",
        "Money is US dollars as exact text, such as "
        '"2.00", never a float; tokens are whole numbers. A limit is more than nothing.',
    ),
    "E051": Explanation(
        "a ceiling can't be used",
        "A ceiling is the most that one attempt may spend, or all of a child: "
        '`{"cost_usd": "0.10", "output_tokens": 2000}`. Money is exact text, never a float, and all of it together is '
        "more than nothing.",
    ),
    "E052": Explanation(
        "a node that spends has no ceiling",
        "Limits on money and tokens are kept before anything is spent: an attempt begins only if the most that it may "
        "spend is left. So what spends under a limit says that most, and a child of which a node has a ceiling gets a "
        "part of its parent's budget.",
    ),
    "E053": Explanation(
        "a ceiling is above the limit",
        "An attempt begins only if its ceiling fits into what is left. One that is above the limit never does.",
    ),
    "E055": Explanation(
        "a node that acts can be reached without an approval",
        "In an `approval_gated` workflow a person approves what acts: nodes that are `keyed`, `transactional` or "
        "`once`, children, and maps of such items. Every way to one of them, from the start and from whatever acted "
        "before it, takes an edge that only the decision `approved` takes. Edges back, on failure and on a limit "
        "count, too. A child that is `approval_gated` itself needs no approval before it.",
    ),
    "E056": Explanation(
        "a finalizer acts, and nobody can approve it",
        "In an `approval_gated` workflow finalizers are `pure` or `idempotent`: they run at every end, and no approval "
        "can stand before that.",
    ),
    "E057": Explanation(
        "an ephemeral workflow can't be a child",
        "An `ephemeral` workflow is for previews only: nothing of it is ever kept, so nobody can wait for its end. "
        "Preview it by itself, or make it `resumable`.",
    ),
    "E058": Explanation(
        "a governed workflow has no policy",
        "What is governed is bound by a policy that says what may be done: the workflow's own, or that of the engine.",
    ),
    "E059": Explanation(
        "a workflow has what only governs",
        "`retention_days`, from 1 on, and workflows that are governed themselves belong into a governed workflow: "
        '`session_type="persistent_governed"`. An execution is kept for so many days after its end, or for ever, and '
        "a child is governed if its parent is.",
    ),
    "E060": Explanation(
        "a tool can't be declared like this",
        "A tool has a name of its own in its workflow, made of words with dots between (`bank.pay`). Its input is an "
        "object and its output any value, both of types that JSON can say. A function of a tool is made by `def` or "
        "`async def`, takes keyword arguments, and perhaps a `Context`.",
    ),
    "E061": Explanation(
        "the tool of a node is unknown",
        "A node of the kind `tool` names a tool of its workflow. Nothing is called by guessing.",
    ),
    "E062": Explanation(
        "what a node hands in doesn't fit its tool",
        "The mapping `input` gives a value for each field of the tool's input that has no default, and for no others.",
    ),
    "E063": Explanation(
        "a tool can't have this effect",
        "The effect is the tool's, since it says what a call does to the world: a node that calls it has no other. An "
        "endpoint is not `transactional`, because the store's SQL is not its affair.",
    ),
    "E064": Explanation(
        "an endpoint can't be called like this",
        "The URL names one host. Fields of the input stand in segments of the path or in the query, as texts, numbers "
        "or bools, and the others go into the body, which GET and DELETE don't have. What is confidential is named as "
        "a `Secret`, and never stored.",
    ),
    "E065": Explanation(
        "a policy blocks what a node calls",
        "The workflow's or the node's own policy has the name of the call in `blocked_tools`, so the node could only "
        "ever fail. Block beats approve beats allow, whatever the level. What an engine's policy blocks is only known "
        "where it runs: there the node fails with `policy_blocked`.",
    ),
    "E066": Explanation(
        "a finalizer's call needs an approval",
        "Finalizers run while an execution ends, and its end can't wait for a person. Do it in a node before the end, "
        "or let the policy allow it.",
    ),
    "E068": Explanation(
        "a policy node doesn't lead on as it says",
        'With `on_violation="branch"` a policy node leads on by what it found: at least one of its edges has a '
        "`when` over `output.violations`. With `fail` it only leads on where nothing was found, and `on_error` edges "
        "take what was.",
    ),
    "E070": Explanation(
        "this is no IR of JamJet",
        "A document of JamJet has the fields of its `WorkflowIr`, and each node those of its kind. A field that is "
        "missing, unknown or of another type is refused, because nobody could say what it was meant to do.",
    ),
    "E071": Explanation(
        "this can be said in JamJet's IR, and not here",
        "What Pectin doesn't run is refused by its name when a document is imported, and not left out: a workflow "
        "without its budget, its policy or one of its nodes would be another workflow.",
    ),
    "E072": Explanation(
        "a condition of JamJet can't be translated",
        "JamJet knows a path below `state`, alone or compared with a literal by `==` or `!=`. What is missing counts "
        "as null there, and empty values as false. A condition is translated if the state's schema says what it comes "
        "to; where it doesn't, write the condition in Pectin.",
    ),
    "E073": Explanation(
        "this can be said here, and not in JamJet's IR",
        "A workflow is exported only if the document says all of it: reading it again gives the same definition. "
        "Loops, failure routes, maps, reducers and more have no place there.",
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
    "W065": Explanation(
        "an approval is required for what nothing calls",
        "The pattern matches no tool and no function that the workflow (for a node's policy: the node) calls. Probably "
        "it is misspelt: case counts, and only `*` stands for other characters.",
    ),
}
"""Every code, in the order of the reference."""
