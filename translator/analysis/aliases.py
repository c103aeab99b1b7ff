"""Names that mean the same memory: writes into a tensor that something else sees, function by function.

The source framework writes into memory: ``x += 1``, ``layer(x)`` of a layer that works in place, ``v[0] = 1``. Where
nothing else sees the tensor, the target's way (a new tensor for the name) is the same. Every value is known by its
origins: the node that made it, or words for what came from outside. A view has the origins of its base.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeGuard

from translator.analysis.in_place import InPlace
from translator.analysis.infer import Inference
from translator.analysis.links import NOTHING, Origin, Outer, Value, overlap, part_of, shared
from translator.analysis.liveness import DEFINITIONS, Liveness
from translator.analysis.types import NUMBERS
from translator.analysis.walk import children, walk
from translator.core import Type

State = dict[str, Value]
Parameter = tuple[ast.AST, str]  # a function and the name of its parameter

_WRITERS = frozenset({ast.AugAssign, ast.Call, ast.Subscript})
_HOLDERS = frozenset({"append", "insert", "add", "setdefault", "appendleft"})
_UNTRACKED = frozenset({"int", "float", "bool", "str", "None", "range"})


_LATER = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)  # what is inside runs on its own


class Way(Enum):
    """How a tensor is written."""

    OPERATOR = "operator"
    CALL = "call"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Write:
    """A write that something else sees.

    Args:
        node: the augmented assignment, the call, or the target of an assignment by index.
        function: the function that it stands in, or the module.
        way: by an operator or a call that the target does without writing; or into memory, as in the target.
        seen: what sees it, in words.
        is_shared: whether the target shares the memory as well; else the write is lost there.
    """

    node: ast.stmt | ast.expr
    function: ast.AST
    way: Way
    seen: str
    is_shared: bool


def shared_writes(inference: Inference) -> list[Write]:
    """Every such write of a module."""
    nodes = inference.nodes
    in_place = InPlace(inference)
    writers = [node for node in nodes if type(node) in _WRITERS and in_place.may_write(node)]
    bodies = [_Aliases(body, inference, in_place, {}) for body in dict.fromkeys(_around(writers, nodes))]
    found = {write.node: write for body in bodies for write in body.writes.values()}
    lent = {key: write for body in bodies for key, write in body.lent.items()}
    if lent:  # does a caller in view read what its function overwrites?
        functions = [nodes[0], *(n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))]
        for function in functions:
            for key in _Aliases(function, inference, in_place, lent).asked:
                found.setdefault(lent[key].node, lent[key])
    return list(found.values())


def _around(writers: list[ast.AST], nodes: list[ast.AST]) -> Iterator[ast.AST]:
    """The innermost function around each node, or the module."""
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    starts = [function.lineno for function in functions]
    for node in writers:
        line = getattr(node, "lineno", 0)
        before = functions[: bisect_right(starts, line)]
        yield next((f for f in reversed(before) if line <= (f.end_lineno or 0)), nodes[0])


class _Aliases:
    """One function: what every name holds, statement by statement, and the writes on the way.

    Args:
        others: parameters that functions overwrite by a call in place; ``asked`` those whose arguments are read later.
    """

    def __init__(
        self, function: ast.AST, inference: Inference, in_place: InPlace, others: Mapping[Parameter, Write]
    ) -> None:
        assert isinstance(function, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef)
        self.function, self.inference, self.in_place = function, inference, in_place
        self.writes: dict[ast.AST, Write] = {}
        self.lent: dict[Parameter, Write] = {}
        self.others, self.asked = others, set[Parameter]()
        self.live = Liveness(function.body, isinstance(function, ast.Module))
        self.held: set[Origin] = set()
        self.statement = function.body[0]
        state: State = {}
        if not isinstance(function, ast.Module):
            a = function.args
            names = [p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs)]
            state = {name: frozenset({(Outer(f"whoever passed `{name}`", name), "")}) for name in names}
        self.block(function.body, state)

    # --- statements ---------------------------------------------------------------------------------------------

    def block(self, statements: list[ast.stmt], state: State) -> None:
        """Run statements in order."""
        for statement in statements:
            if not isinstance(statement, DEFINITIONS):
                self.run(statement, state)

    def run(self, node: ast.stmt, state: State) -> None:
        """Run one statement on ``state``."""
        self.statement = node
        if isinstance(node, ast.Assign | ast.AnnAssign):
            value = self.value(node.value, state) if node.value is not None else NOTHING
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                self.bind(target, node.value, value, state)
        elif isinstance(node, ast.AugAssign):
            self.augmented(node, state)
        elif isinstance(node, ast.If):
            self.value(node.test, state)
            self.branches([node.body, node.orelse], state)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.While):
            self.loop(node, state)
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                self.value(item.context_expr, state)
            self.block(node.body, state)
        elif isinstance(node, ast.Try | ast.TryStar):
            self.block(node.body, state)
            self.branches([node.orelse, *(handler.body for handler in node.handlers)], state)
            self.block(node.finalbody, state)
        elif isinstance(node, ast.Match):
            self.branches([case.body for case in node.cases], state)
        elif isinstance(node, ast.Expr | ast.Return) and node.value is not None:
            self.value(node.value, state)

    def branches(self, blocks: list[list[ast.stmt]], state: State) -> None:
        """What holds whichever of the blocks ran."""
        ways = []
        for block in blocks:
            way = dict(state)
            self.block(block, way)
            ways.append(way)
        for name in {name for way in ways for name in way}:
            state[name] = frozenset().union(*(way.get(name, NOTHING) for way in ways))

    def loop(self, node: ast.For | ast.AsyncFor | ast.While, state: State) -> None:
        """A body that runs again sees what it did before."""
        for _ in range(2):
            self.statement = node
            if isinstance(node, ast.While):
                self.value(node.test, state)
            else:
                value = self.value(node.iter, state)
                for target in _names_of(node.target):
                    state[target.id] = self.element(target, node.iter, value)
            before = dict(state)
            self.block(node.body, state)
            for name, old in before.items():
                state[name] = state.get(name, NOTHING) | old
        self.block(node.orelse, state)

    def bind(self, target: ast.expr, node: ast.expr | None, value: Value, state: State) -> None:
        """Give a target its value."""
        if isinstance(target, ast.Name):
            state[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            pairs = isinstance(node, ast.Tuple | ast.List) and len(node.elts) == len(target.elts)
            for i, part in enumerate(target.elts):
                if pairs and isinstance(node, ast.Tuple | ast.List):
                    self.bind(part, node.elts[i], self.value(node.elts[i], state), state)
                else:
                    self.bind(part, None, part_of(value, node, i), state)
        elif isinstance(target, ast.Subscript):
            self.write(target, Way.MEMORY, self.value(target.value, state), target.value, state)
            self.hold(value)
        elif isinstance(target, ast.Attribute):
            self.hold(value)

    def augmented(self, node: ast.AugAssign, state: State) -> None:
        """``x += y`` writes into a tensor; into memory that the target shares when ``x`` is an element of it."""
        value = self.value(node.value, state)
        target = node.target
        if isinstance(target, ast.Subscript):
            self.write(target, Way.MEMORY, self.value(target.value, state), target.value, state)
        elif isinstance(target, ast.Attribute) and self.in_place.is_tensor(target):
            self.write(node, Way.OPERATOR, self.value(target, state), target, state)
        elif isinstance(target, ast.Name) and self.may_be_number(target, node.value, state):
            return
        elif isinstance(target, ast.Name) and self.in_place.is_tensor(target):
            if self.is_leaf(state.get(target.id, NOTHING)) or self.is_descent(target.id, node.value):
                self.writes[node] = Write(node, self.function, Way.OPERATOR, f"the gradient of `{target.id}`", True)
            self.write(node, Way.OPERATOR, state.get(target.id, NOTHING), target, state)
        elif isinstance(target, ast.Name) and any(copy for _, copy in state.get(target.id, NOTHING)):
            self.write(node, Way.MEMORY, state[target.id], target, state)
        elif isinstance(target, ast.Name):
            state[target.id] = value

    def is_leaf(self, value: Value) -> bool:
        """Whether a value was made to take gradients: what is computed anew without them would take none."""
        keywords = [k for origin, _ in value if isinstance(origin, ast.Call) for k in origin.keywords]
        asked = (k.value for k in keywords if k.arg and k.arg == self.inference.pack.leaf)
        return any(isinstance(one, ast.Constant) and one.value is True for one in asked)

    def may_be_number(self, target: ast.Name, value: ast.expr, state: State) -> bool:
        """``depth += 1`` of a parameter that is a tensor by its place alone: no annotation, no call in view says so."""
        fact, other = self.inference.types.get(target), self.inference.types.get(value)
        facts = self.inference.index.functions.get(self.function)
        is_passed = all(isinstance(origin, Outer) for origin, _ in state.get(target.id, NOTHING))
        is_learnt = facts is None or target.id in facts.arguments
        is_number = other is not None and other.name in NUMBERS
        return fact is not None and fact.assumed and is_number and is_passed and not is_learnt

    def is_descent(self, name: str, value: ast.expr) -> bool:
        """``w -= rate * w.grad``: a leaf, which goes on to take gradients."""
        uses = ((part, self.inference.uses.get(part)) for part in walk(value))
        apis = {use.api for part, use in uses if use is not None and _is_name(use.receiver, name)}
        return self.inference.pack.gradient in apis

    # --- values -------------------------------------------------------------------------------------------------

    def value(self, node: ast.expr, state: State) -> Value:
        """The origins of a value; what is inside it is evaluated, too."""
        if isinstance(node, ast.Name):
            return state.get(node.id, NOTHING)
        if isinstance(node, ast.Call):
            return self.call(node, state)
        if isinstance(node, ast.IfExp | ast.BoolOp):
            parts = [node.body, node.orelse] if isinstance(node, ast.IfExp) else node.values
            return frozenset().union(*(self.value(part, state) for part in parts))
        if isinstance(node, ast.NamedExpr):
            state[node.target.id] = found = self.value(node.value, state)
            return found
        if isinstance(node, ast.Attribute):
            return self.attribute(node, state)
        if isinstance(node, ast.Subscript):
            value = self.value(node.value, state)
            return self.element(node, node.value, value) if self.is_view(node) else self.fresh(node, state)
        inner = () if isinstance(node, _LATER) else filter(_is_value, children(node))
        found_inside = [self.value(part, state) for part in inner]
        if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
            self.hold(frozenset().union(*found_inside))
            return NOTHING
        return self.fresh(node, state)

    def call(self, node: ast.Call, state: State) -> Value:
        """A call gives a new value, or what it shares with its receiver or first argument."""
        func = node.func
        receiver = self.value(func.value, state) if isinstance(func, ast.Attribute) else NOTHING
        arguments = [self.value(a, state) for a in (*node.args, *(k.value for k in node.keywords))]
        if isinstance(func, ast.Attribute) and func.attr in _HOLDERS:
            for argument in arguments:
                self.hold(argument)
        if (written := self.in_place.argument(node)) is not None:
            self.write(node, Way.CALL, arguments[0], written, state)
            return arguments[0]
        if (base := self.in_place.receiver(node)) is not None:
            self.write(node, Way.MEMORY, receiver, base, state)
            return receiver
        if self.others:
            self.lend(node, arguments, state)
        use = self.inference.uses.get(node)
        rule = self.inference.rules.get(use.api) if use is not None else None
        if use is not None and rule is not None and rule.shares:
            base_value = receiver if use.receiver is not None else arguments[0] if arguments else NOTHING
            return shared(base_value, rule.shares, node)
        return self.fresh(node, state)

    def lend(self, node: ast.Call, arguments: list[Value], state: State) -> None:
        """A call of a function of this file that overwrites its parameter, with what is read later."""
        function = self.in_place.callee(node)
        if function is None:
            return
        for parameter, argument in zip(function.parameters(), arguments, strict=False):
            key = (function.node, parameter.arg)
            seen = (name for name, links in state.items() if overlap(argument, links))
            if key in self.others and any(self.live.is_read_after(name, self.statement, node) for name in seen):
                self.asked.add(key)

    def attribute(self, node: ast.Attribute, state: State) -> Value:
        """``x.data`` shares with ``x``; a tensor in ``self.x`` is seen by whoever has the object."""
        base = self.value(node.value, state)
        use = self.inference.uses.get(node)
        rule = self.inference.rules.get(use.api) if use is not None else None
        if rule is not None and rule.shares:
            return shared(base, rule.shares, node)
        is_outer = self.in_place.is_tensor(node) and not self.in_place.is_tensor(node.value)
        return frozenset({(Outer(f"whoever reads `{ast.unparse(node)}`"), "")}) if is_outer else NOTHING

    def element(self, node: ast.expr, container: ast.expr, value: Value) -> Value:
        """An element of a tensor is a view of it; one of a list, a dict or an iterator is seen through that."""
        fact = self.inference.types.get(container)
        if fact is not None and fact.name == self.inference.tensor.name:
            return value
        kept = frozenset(link for link in value if not self.is_container(link[0]))
        if kept or not self.in_place.is_tensor(node):
            return kept
        return frozenset({(Outer(f"whoever reads `{ast.unparse(container)}`"), "")})

    def is_container(self, origin: Origin) -> bool:
        """Whether a value that was made here is no tensor: what it holds may be held elsewhere, too."""
        return isinstance(origin, ast.expr) and not self.in_place.is_tensor(origin)

    def is_view(self, node: ast.Subscript) -> bool:
        """Whether indexing shares memory: by numbers, slices, None and ``...``, not by lists and tensors."""
        if not self.in_place.is_tensor(node.value):
            return True
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return all(isinstance(p, ast.Slice) or _is_plain_index(p, self.inference.types.get(p)) for p in parts)

    def fresh(self, node: ast.expr, state: State) -> Value:
        """A value made here; what the same place made before, in a loop, is another one."""
        fact = self.inference.types.get(node)
        if fact is not None and fact.name in _UNTRACKED:
            return NOTHING
        for name, links in state.items():
            if any(origin is node for origin, _ in links):
                state[name] = frozenset(((node, -1) if o is node else o, k) for o, k in links)
        if node in self.held:
            self.held.remove(node)
            self.held.add((node, -1))
        return frozenset({(node, "")})

    def hold(self, value: Value) -> None:
        """A list, a dict or an object has the value from here on."""
        self.held.update(origin for origin, copy in value if not copy)

    # --- writes -------------------------------------------------------------------------------------------------

    def write(self, node: ast.stmt | ast.expr, way: Way, value: Value, base: ast.expr, state: State) -> None:
        """Note a write into ``value``, which ``base`` names, if something sees it that would not in the target."""
        name = base.id if isinstance(base, ast.Name) else None
        if way is Way.CALL:
            for origin, copy in value:
                if isinstance(origin, Outer) and origin.parameter and not copy:
                    self.lent[self.function, origin.parameter] = Write(node, self.function, way, str(origin), True)
        if way is not Way.MEMORY:
            outer = next((o for o, copy in value if isinstance(o, Outer) and not copy and way is Way.OPERATOR), None)
            held = outer or next(("a list or an object" for o, copy in value if not copy and o in self.held), None)
            if held is not None:
                self.writes[node] = Write(node, self.function, way, str(held), True)
        for other, links in state.items():
            is_shared = overlap(value, links)
            if is_shared is None or (way is Way.MEMORY and is_shared):
                continue
            inside = node if isinstance(node, ast.expr) and way is Way.CALL else None
            is_self = other == name
            if is_self and way is not Way.CALL:
                continue
            if self.live.is_read_after(other, self.statement, inside):
                self.writes[node] = Write(node, self.function, way, f"`{other}`", is_shared)
                if not is_shared:
                    return


def _is_value(node: ast.AST) -> TypeGuard[ast.expr]:
    return isinstance(node, ast.expr)


def _is_name(node: ast.expr | None, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _names_of(target: ast.expr) -> Iterator[ast.Name]:
    return (node for node in walk(target) if isinstance(node, ast.Name))


def _is_plain_index(node: ast.expr, fact: Type | None) -> bool:
    if isinstance(node, ast.Constant | ast.UnaryOp):
        return not isinstance(getattr(node, "value", None), bool)
    return fact is not None and fact.name == "int"
