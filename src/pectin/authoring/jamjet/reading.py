"""From a document of JamJet's `WorkflowIr` to a draft, and so to a workflow or a definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from pectin.authoring.document.functions import Functions, GivenFunctions, read_functions
from pectin.authoring.document.page import Page
from pectin.authoring.document.pointing import Pointer
from pectin.authoring.document.reading import needed_functions, read_trees
from pectin.authoring.document.syntax import BYTES_MAX, decode, problem_at
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Scalar, Source, Tree, name_of, plain
from pectin.authoring.draft import Draft, DraftNode, Header
from pectin.authoring.jamjet import ir
from pectin.authoring.jamjet.budget import read_budget, read_on_limit
from pectin.authoring.jamjet.kinds import READERS, Subject
from pectin.authoring.jamjet.policy import read_policy, refuse_functions
from pectin.authoring.jamjet.record import Record, read_record, refuse_unknown
from pectin.authoring.jamjet.state import BadSchema, read_state_schema
from pectin.authoring.jamjet.tools import Tools
from pectin.authoring.jamjet.ways import ReadNode, Ways
from pectin.authoring.lowering import lower
from pectin.authoring.places import relative_to_here
from pectin.authoring.workflow import Workflow
from pectin.core.definition import Definition
from pectin.core.error import BadValue
from pectin.core.hint import did_you_mean
from pectin.core.policy import Policy
from pectin.core.problem import DefinitionError, Problem
from pectin.core.retry import PRESETS, RetryPolicy
from pectin.core.schema import Object
from pectin.core.timeout import TimeoutConfig
from pectin.core.validate import is_warning
from pectin.nodes import examine
from pectin.nodes.policy import NAME as POLICY

_APART: Final = ("policy", "token_budget", "cost_budget_usd")

Children = Mapping[tuple[str, str], Draft]


def read_jamjet(
    path: str | Path, functions: GivenFunctions | None = None, children: Sequence[Workflow[Any]] = ()
) -> Workflow[Any]:
    """The workflow of a file with JamJet's IR, as JSON or YAML.

    `functions` are those that its nodes name, `children` the workflows of its subgraphs. Raises `DefinitionError` with
    everything that is wrong or can't be taken over, and `OSError` if the file can't be read.
    """
    with Path(path).open("rb") as stream:
        data = stream.read(BYTES_MAX + 1)
    file = relative_to_here(str(Path(path).absolute()))
    given = None if functions is None else read_functions(functions)
    known = {(child.id, child.version): child.build().draft for child in children}
    draft = read_ir(decode(data, file), file, given, known)
    workflow = Workflow[Any].from_draft(draft)
    problems: list[Problem] = []
    try:
        workflow.build()
    except DefinitionError as error:
        problems += error.problems
    if draft.lacks_functions:
        names = ", ".join(f"`{name}`" for name in dict.fromkeys(needed_functions(draft)))
        message = f"{workflow.id} runs {names}, and no functions were handed in"
        problems.append(draft.locate(Problem("E046", "", message, "hand in `functions`", draft.place)))
    if problems:
        raise DefinitionError(problems)
    return workflow


def read_definition(text: str, file: str) -> Definition:
    """The definition that an IR says. Its functions and children are only named. Raises `DefinitionError`."""
    draft = read_ir(text, file)
    lowered = lower(draft)
    found = lowered.problems or [
        problem for problem in examine(lowered.definition, lowered.places) if not is_warning(problem)
    ]
    if found:
        raise DefinitionError([draft.locate(problem) for problem in found])
    return lowered.definition


def read_ir(text: str, file: str, functions: Functions | None = None, children: Children | None = None) -> Draft:
    """The draft that an IR says; it is JSON where the file's name ends so, else YAML. What is wrong is noted in it."""
    source = Source(text, file)
    trees = read_trees(source)
    if len(trees) != 1 or not isinstance(trees[0], MappingTree):
        what = name_of(trees[0]) if len(trees) == 1 else f"{len(trees)} documents"
        hint = "write one object, with `workflow_id`, `nodes` and `edges`"
        raise DefinitionError([problem_at(source, 0, 1, "E070", f"an IR of JamJet is one object, not {what}", hint)])
    tree = trees[0]
    named = next((key for key, _ in tree.entries if key.text == "workflow_id"), None)
    place = source.place(tree.start if named is None else named.start)
    page = Page(source, Draft("workflow", place, dict, Pointer(source, trees)))
    _Reader(page, functions, children).read(tree)
    return page.draft


class _Policies(NamedTuple):
    """The retry policies of a workflow by their names, where these stand, and which of them a node has."""

    known: dict[str, RetryPolicy]
    keys: dict[str, Scalar]
    used: set[str]


class _Reader:
    """Reads one document."""

    def __init__(self, page: Page, functions: Functions | None, children: Children | None) -> None:
        self._page = page
        self._draft = page.draft
        self._functions = functions
        self._children = children
        self._modules: dict[str, str] = {}
        self._rules: dict[str, tuple[Policy, Tree]] = {}
        self._labels: dict[str, str] = {}
        self._tools = Tools(page, functions, self._labels)

    def read(self, tree: MappingTree) -> None:
        apart = ("nodes", "edges", "retry_policies", "timeouts", "tools", *_APART, *ir.TABLES)
        record = read_record(self._page, tree, ir.WorkflowIr, "the workflow", apart)
        self._read_header(record)
        state = self._read_state(record)
        for name in ir.TABLES:
            if (table := record.trees.get(name)) is not None and plain(table) not in ({}, None):
                self._page.note(table, "E071", f"the workflow has `{name}`, which are not taken over", "delete them")
        self._tools.read(record.trees.get("tools"))
        policies = self._read_policies(record.trees.get("retry_policies"))
        nodes = self._read_nodes(record.trees.get("nodes"), policies)
        for name, key in policies.keys.items():
            if name not in policies.used:
                self._page.note(key, "E071", f"no node has the retry policy `{name}`", "delete it")
        self._tools.refuse_uncalled()
        self._check_rules(record.trees.get("policy"))
        if (edges := record.trees.get("edges")) is not None:
            Ways(self._page, nodes, state).read(edges)

    # -- the whole --------------------------------------------------------------------------------------------------

    def _read_header(self, record: Record) -> None:
        values, place = record.values, self._draft.place
        for part, field in (("id", "workflow_id"), ("version", "version"), ("start", "start_node")):
            if field in record.trees:
                self._page.point(place, part, record.trees[field])
        self._labels.update(values.get("labels", {}))
        for name in [name for name in self._labels if name.startswith(ir.THEIR_TOOLS)]:
            message = f"the label `{name}` of the workflow has a meaning in Pectin"
            self._page.note(record.trees["labels"], "E071", message, "give it another name")
        limits = read_budget(self._page, record.trees)
        read_on_limit(self._page, record.trees, values.get("on_budget_exceeded"), limits)
        self._draft.header = Header(
            id=values.get("workflow_id") or "workflow",
            version=values.get("version") or "0.0.0-dev",
            name=values.get("name"),
            description=values.get("description"),
            timeouts=self._read_timeouts(record.trees.get("timeouts")),
            limits=limits,
            policy=read_policy(self._page, record.trees.get("policy"), "the workflow"),
            labels=self._labels,
        )
        self._draft.start = values.get("start_node")
        if self._draft.start == "":
            self._page.note(record.trees["start_node"], "E070", "`start_node` is empty", "name the node that is first")

    def _read_timeouts(self, tree: Tree | None) -> TimeoutConfig:
        if tree is None:
            return TimeoutConfig()
        names = [name.removesuffix("_ms") for name in TimeoutConfig.__struct_fields__]
        refuse_unknown(self._page, tree, names, "`timeouts`")
        for name in names:
            if isinstance(tree, MappingTree) and (value := tree.find(name)) is not None:
                self._page.point(self._draft.place, f"timeouts.{name}_ms", value)
        try:
            return TimeoutConfig.from_json(plain(tree), "timeouts")
        except BadValue as error:
            part = error.path.removeprefix("timeouts.").removesuffix("_ms")
            at = (tree.find(part) if isinstance(tree, MappingTree) else None) or tree
            self._page.note(at, "E070", f"`{error.path}` of the workflow: {error.what}", error.hint)
            return TimeoutConfig()

    def _read_state(self, record: Record) -> Object | None:
        text = record.values.get("state_schema")
        if text is None:
            return None
        try:
            self._draft.state = state = read_state_schema(text)
        except BadSchema as error:
            hint = 'write a JSON Schema of an object, the name of a type, or ""'
            self._page.note(record.trees["state_schema"], "E070", f"`state_schema`: {error}", hint)
            return None
        return state

    # -- retry policies ---------------------------------------------------------------------------------------------

    def _read_policies(self, tree: Tree | None) -> _Policies:
        policies = _Policies({}, {}, set())
        if tree is not None and not isinstance(tree, MappingTree):
            self._page.note(tree, "E070", f"`retry_policies` are {name_of(tree)}, and have to be an object", "{}")
        names = [name.removesuffix("_ms") for name in RetryPolicy.__struct_fields__]
        for key, value in tree.entries if isinstance(tree, MappingTree) else ():
            refuse_unknown(self._page, value, names, f"the retry policy `{key.text}`")
            try:
                policies.known[key.text] = RetryPolicy.from_json(plain(value), key.text)
                policies.keys[key.text] = key
            except BadValue as error:
                self._page.note(value, "E070", f"the retry policy `{error.path}`: {error.what}", error.hint)
                policies.known[key.text] = PRESETS["no_retry"]
        return policies

    # -- nodes ------------------------------------------------------------------------------------------------------

    def _read_nodes(self, tree: Tree | None, policies: _Policies) -> dict[str, ReadNode]:
        if tree is not None and not isinstance(tree, MappingTree):
            self._page.note(tree, "E070", f"`nodes` are {name_of(tree)}, and have to be an object", "write one")
        found: dict[str, ReadNode] = {}
        for key, value in tree.entries if isinstance(tree, MappingTree) else ():
            node = DraftNode(name=key.text, kind="", place=self._page.place(key))
            read = self._read_node(node, value, policies)
            self._draft.nodes[key.text] = node
            if read is not None:
                found[key.text] = read
        return found

    def _read_node(self, node: DraftNode, tree: Tree, policies: _Policies) -> ReadNode | None:
        page, what = self._page, f"the node `{node.name}`"
        record = read_record(page, tree, ir.NodeDef, what, ("kind", "policy"))
        values, trees = record.values, record.trees
        if values.get("id", node.name) != node.name:
            page.note(trees["id"], "E070", f"{what} says that its id is `{values['id']}`", "write the same twice")
        node.description = values.get("description")
        self._read_labels(node, values.get("labels", {}), trees)
        seconds = values.get("node_timeout_secs")
        node.timeout_ms = None if seconds is None else seconds * 1_000
        for part, field in (("timeout_ms", "node_timeout_secs"), ("retry", "retry_policy")):
            if field in trees:
                page.point(node.place, part, trees[field])
        node.policy = read_policy(page, trees.get("policy"), what)
        if node.policy is not None:
            self._rules[node.name] = (node.policy, trees["policy"])
        if (name := values.get("retry_policy")) is not None:
            self._read_retry(node, name, trees["retry_policy"], policies)
        kind = trees.get("kind")
        return None if kind is None else self._read_kind(node, kind)

    def _read_retry(self, node: DraftNode, name: str, tree: Tree, policies: _Policies) -> None:
        policies.used.add(name)
        node.retry = policies.known.get(name) or PRESETS.get(name)
        if node.retry is None:
            hint = did_you_mean(name, (*policies.known, *PRESETS)) or f"use one of {', '.join(PRESETS)}"
            self._page.note(tree, "E021", f"`{node.name}` has the unknown retry policy `{name}`", hint)
        elif name in policies.known and (name != ir.OWN_POLICY.format(node.name) or node.retry in PRESETS.values()):
            node.labels[ir.RETRY_POLICY] = name

    def _read_labels(self, node: DraftNode, labels: Mapping[str, str], trees: Mapping[str, Tree]) -> None:
        """The node's labels; those that Pectin wrote are fields of its own."""
        node.labels.update(labels)
        for name in ir.THEIRS:
            if node.labels.pop(name, None) is not None:
                message = f"the label `{name}` of `{node.name}` has a meaning in Pectin"
                self._page.note(trees["labels"], "E071", message, "give it another name")
        node.output_key = node.labels.pop(ir.OUTPUT_KEY, None)

    def _read_kind(self, node: DraftNode, tree: Tree) -> ReadNode | None:
        page = self._page
        named = tree.find("type") if isinstance(tree, MappingTree) else None
        name = named.text if isinstance(named, Scalar) else ""
        node.kind = name or "kind"
        if name not in READERS:
            self._refuse_kind(node, name, named or tree)
            return None
        type, read = READERS[name]
        record = read_record(page, tree, type, f"the {name} `{node.name}`")
        if not record.is_whole:
            return None
        kind = type(**record.values)
        read(Subject(page, node, record.trees, self._functions, self._children, self._tools), kind)
        if node.call is None and (effect := node.labels.pop(ir.EFFECT, None)) is not None:
            node.effect = self._draft.read_effect(effect, node.place, f"`{node.name}`")
        self._check_module(node, record)
        return ReadNode(node, kind, record.trees)  # pyright: ignore[reportArgumentType] # `READERS` has kinds only

    def _refuse_kind(self, node: DraftNode, name: str, tree: Tree) -> None:
        if name == POLICY:
            message = f"the node `{node.name}` is a `policy`, whose rules stand nowhere in the document"
            hint = "replace it by a `python_fn`, or by Pectin's `policy` with its rules when it is converted"
            self._page.note(tree, "E071", message, hint)
        elif name in ir.OTHER_KINDS:
            message = f"the node `{node.name}` is a `{name}`, which is not taken over"
            self._page.note(tree, "E071", message, "replace it by a `python_fn`")
        else:
            message = f"the node `{node.name}` has no kind" if not name else f"JamJet has no kind `{name}`"
            hint = did_you_mean(name, (*READERS, *ir.OTHER_KINDS)) or f"it is one of {', '.join(READERS)}"
            self._page.note(tree, "E070", message, hint)

    def _check_rules(self, tree: Tree | None) -> None:
        """What policies say of functions, which JamJet's don't look at."""
        nodes = self._draft.nodes
        named = [(name, node.config["function"]) for name, node in nodes.items() if "function" in node.config]
        whole = self._draft.header.policy
        if whole is not None and tree is not None:
            refuse_functions(self._page, tree, whole, named)
        for name, (policy, where) in self._rules.items():
            refuse_functions(self._page, where, policy, [each for each in named if each[0] == name])

    def _check_module(self, node: DraftNode, record: Record) -> None:
        """Functions are found by their names alone, so no two modules may have the same."""
        name = node.config.get("function")
        if not isinstance(name, str) or "module" not in record.trees:
            return
        module = node.labels.get(ir.MODULE, "")
        other = self._modules.setdefault(name, module)
        if other != module:
            message = f"`{name}` is a function of `{other}` and one of `{module}`, and is known by its name alone"
            self._page.note(record.trees["function"], "E071", message, "rename one of them")
