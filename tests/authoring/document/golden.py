"""The workflows of `golden/*.yaml`, as the Python builder writes them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel

import pectin
from pectin import (
    END,
    ApprovalRule,
    Context,
    DidNot,
    Happened,
    HttpTool,
    Policy,
    RetryPolicy,
    Secret,
    TimeoutConfig,
    Unknown,
    Workflow,
)


class Inner(BaseModel):
    sku: str
    count: int | None


class Everything(BaseModel):
    total: int = 0
    names: list[str]
    notes: dict[str, list[Decimal | None]] = {}
    risk: Literal["unknown", "low"] = "low"
    when: datetime | None = None
    inner: Inner


def everything() -> Workflow[Everything]:
    """A workflow with all that is said of one as a whole."""
    timeouts = TimeoutConfig(node_timeout_ms=300_000, workflow_timeout_ms=86_400_000)
    return Workflow(
        "w",
        version="1.2.3",
        state=Everything,
        name="A name",
        description="What it is for",
        reducers={"total": "add"},
        timeouts=timeouts,
        on_failure="wait",
        stop_grace="5s",
        max_iterations=5,
        max_cost_usd="2.50",
        input_tokens=1_000,
        output_tokens=500,
        total_tokens=1_200,
        policy=Policy(blocked_tools=["shell.*"], require_approval_for=["tell*"]),
        labels={"team": "payments"},
    )


def python_fn() -> Workflow[Any]:
    w = everything()
    policy = RetryPolicy(
        max_attempts=4,
        backoff="linear",  # pyright: ignore[reportArgumentType] # as a document says it
        initial_delay_ms=1_000,
        max_delay_ms=10_000,
        jitter=False,
        retryable_on=("timeout",),
    )

    guarded = Policy(
        require_approval_for=[
            ApprovalRule("a", approvers=2, of=("finance", "ops"), not_requester=True, deadline_ms=3_600_000)
        ]
    )
    ceiling: Any = {"cost_usd": "0.10", "input_tokens": 900, "output_tokens": 100}

    @w.node(effect="keyed", retry=policy, timeout="30s", policy=guarded, ceiling=ceiling)
    def a(state: Everything) -> Everything:
        return state

    @w.node(effect="once", output_key="total")
    def b(state: Everything) -> int:
        return state.total

    @b.reconcile
    def ask(state: Everything) -> Happened[int] | DidNot | Unknown:
        return Unknown()

    @w.node
    def tell2(state: Everything) -> Everything:
        return state

    @w.node(retry="io_default")
    def tell(state: Everything) -> Everything:
        return state

    @w.finalizer(run_on="failure")
    def last(state: Everything) -> None: ...

    a.describe("It runs first", labels={"cost-center": "42"})
    last.describe("It runs last")

    a.then(b)
    a.then(tell2, when="state.total > 1")
    a.otherwise(END)
    a.repeat(a, when="state.total < 3", max_iterations=3)
    a.on_limit(b)
    a.on_error(END, when="error.error_class == 'timeout'")
    tell2.then(END)
    tell2.on_error(END)
    w.start(a)
    w.on_limit(tell)
    return w


class Order(BaseModel):
    order: str
    amount: Decimal = Decimal(0)
    note: str = ""


def human_approval() -> Workflow[Any]:
    w = Workflow("w", version="1.0.0", state=Order)
    prompt = "Refund {{ state.amount }} for {{ state.order }}?"
    review = w.approval("review", prompt, deadline="72h", decisions=["yes", "no"], editable=["note"])
    tell = w.approval("tell", "Sure?")
    review.on(yes=END, no=(tell, END), timeout=tell)
    tell.then(END, when="output.decision == 'approved'")
    tell.otherwise(END)
    return w


class Parcel(BaseModel):
    order: str
    at: datetime
    parcel: Any = None
    said: Any = None


def wait() -> Workflow[Any]:
    w = Workflow("w", version="1.0.0", state=Parcel)
    a = w.wait("a", duration="1h30m")
    b = w.wait("b", until="state.at")
    key = "{{ state.order }}"
    c = w.wait("c", event="parcel", key=key, signal="skip", deadline="7d", output_key="parcel")
    d = w.wait("d", signal="go", duration=90, output_key="said")
    a.then(b)
    b.then(c)
    c.then(d)
    return w


class Number(BaseModel):
    n: int = 0


def condition() -> Workflow[Any]:
    w = Workflow("w", version="1.0.0", state=Number)
    many = w.limit_exceeded("many", "{{ state.n }} are too many")
    few = w.wait("few", duration="1s")
    which = w.condition("which", [("state.n > 10", many), ("state.n > 5", END), ("state.n == 3", many)], default=few)
    which.on_error(END)
    return w


def limit_exceeded() -> Workflow[Any]:
    w = Workflow("w", version="1.0.0", state=Number, wall_time="1h")
    w.start(w.wait("a", duration="1s"))
    w.on_limit(w.limit_exceeded("over", "took too long, after {{ state.n }}"))
    return w


class Found(BaseModel):
    found: Any = None


def join() -> Workflow[Any]:
    w = Workflow("w", version="1.0.0", state=Found)
    every_way = w.parallel("all")
    a, b, c = w.wait("a", duration="1s"), w.wait("b", duration="2s"), w.parallel("c")
    first = w.join("first", first=True, output_key="found")
    some = w.join("some", wait_for=[b, c, a], at_least=2)
    every = w.join("every")
    which = w.join("which", fires_when="size(arrivals) > 1")
    every_way.then(a, b, c)
    a.then(first, some, every, which)
    b.then(first, some, every, which)
    c.then(first, when="true")
    c.otherwise(some)
    c.then(every, which)
    return w


class Orders(BaseModel):
    orders: list[str]
    total: int = 0
    all: Any = None


class One(BaseModel):
    order: str
    n: int = 0


def subgraph() -> Workflow[Any]:
    child = Workflow("child", version="1.0.0", state=One)
    child.wait("a", signal="go").describe(labels={"x": "y"})
    w = Workflow("w", version="1.0.0", state=Orders)
    one = w.subgraph(
        "one", child, input={"order": "state.orders[0]"}, output={"total": "output.n"}, ceiling={"cost_usd": 1}
    )
    many = w.each_child(
        "many",
        "state.orders",
        child,
        input={"order": "item"},
        max_concurrency=4,
        on_item_failure="collect",
        output_key="all",
    )
    one.then(many)
    return w


class Items(BaseModel):
    items: list[int]
    out: list[int]


def parallel() -> Workflow[Any]:
    w = Workflow("w", version="1.0.0", state=Items)
    both = w.parallel("both")
    options: Any = {"max_concurrency": 3, "on_item_failure": "wait", "effect": "pure", "timeout": "5s"}

    def f(item: int) -> int:
        return item

    a = w.each("state.items", name="a", output_key="out", **options)(f)
    b = w.parallel("b")
    both.then(a, b)
    b.then(END)
    return w


class Receipt(BaseModel):
    id: str
    note: str | None


class Payment(BaseModel):
    order: str
    orders: list[str] = []
    receipt: Receipt | None = None
    found: Any = None
    id: str = ""


class Letter(BaseModel):
    to: str
    text: str = ""
    copy_to: str | None = None
    page: int | None


@pectin.tool(name="bank.pay", effect="keyed")
def pay(*, order: str, amount: Decimal = Decimal("1.50"), note: str | None = None, ctx: Context) -> Receipt:
    """Pay."""
    return Receipt(id=order, note=note)


@pectin.tool(effect="pure")
def look(*, order: str) -> dict[str, Any]:
    return {"order": order}


send = HttpTool(
    name="post.send",
    method="POST",
    url="https://post.example.com/letters/{to}",
    query={"n": "page"},
    headers={"Accept": "text/plain", "Authorization": Secret("TOKEN", prefix="Bearer "), "X-Key": Secret("KEY")},
    input=Letter,
    output=Receipt,
    description="Sends a letter",
    key_header="X-Idempotency",
    timeout="10s",
    request_bytes_max=1_000,
    response_bytes_max=2_000,
)
ping = HttpTool(name="ping", method="GET", url="https://post.example.com/ping", query=["at"], input=None, effect="pure")
ping.input = {"type": "object", "properties": {"at": {"type": "string"}}}


def tool() -> Workflow[Any]:
    w = Workflow("w", version="1.0.0", state=Payment, max_cost_usd=5, policy=Policy(require_approval_for=["bank.*"]))
    a = w.tool("a", pay, input={"order": "state.order"}, output_key="receipt", retry="io_default", timeout="5s")
    b = w.tool(
        "b",
        send,
        input={"to": "state.order", "page": "1"},
        output={"id": "output.id"},
        policy=Policy(blocked_tools=["x"]),
        ceiling={"cost_usd": "0.10"},
    )

    @b.reconcile
    def ask(*, to: str) -> Happened[Receipt] | DidNot | Unknown:
        return Unknown()

    c = w.each_tool(
        "c",
        "state.orders",
        look,
        input={"order": "item"},
        max_concurrency=2,
        on_item_failure="collect",
        output_key="found",
    )
    d = w.tool("d", ping)
    a.then(b)
    b.then(c).on_error(END)
    c.then(d)
    a.describe("It pays", labels={"risk": "high"})
    return w


class Checked(BaseModel):
    total: int = 0
    found: Any = None


def policy() -> Workflow[Any]:
    w = Workflow(
        "w",
        version="1.0.0",
        state=Checked,
        session_type="persistent_governed",
        policy=Policy(blocked_tools=["shell"]),
        retention_days=30,
    )
    rules = [("state.total < 0", "A total of {{ state.total }}"), ("state.total > 9", "too much")]
    sound = w.policy("sound", rules)
    warned = w.policy("warned", rules[:1], on_violation="warn", output_key="found")
    split = w.policy("split", rules, on_violation="branch")
    sound.then(warned).on_error(END, when="error.error_class == 'policy_violation'")
    warned.then(split)
    split.then(END, when="size(output.violations) > 0")
    split.otherwise(END)
    return w


KINDS = (tool, policy, python_fn, human_approval, wait, condition, limit_exceeded, join, subgraph, parallel)
