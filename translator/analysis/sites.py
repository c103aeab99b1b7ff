"""From uses to Sites: every place of a file where the source framework's API stands, with its rule and facts."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from translator.analysis.annotations import is_alias, type_arguments
from translator.analysis.binding import Bound, bind, choose, fits
from translator.analysis.infer import Inference
from translator.analysis.names import Import, Scope
from translator.analysis.text import SourceText
from translator.analysis.use import Use
from translator.analysis.walk import walk
from translator.codes import CODES
from translator.core import Certainty, Diagnostic, Position, Type
from translator.ruleset.branches import is_class, targets
from translator.ruleset.model import Action, Pack, Rule


class Context(Enum):
    """Where a name stands that is not called; where a call stands, that is a statement or a decorator."""

    VALUE = "value"
    ANNOTATION = "annotation"
    BASE = "base"
    CHECK = "check"
    DECORATOR = "decorator"
    IDENTITY = "identity"
    TARGET = "target"
    STATEMENT = "statement"


_STORED = (ast.Name, ast.Attribute, ast.Subscript)


@dataclass(frozen=True, slots=True)
class Spelled:
    """A target name as this file writes it: through an import of the author's, or through a new one."""

    text: str
    through: Import | None


@dataclass(slots=True)
class Site:
    """One use of an API: what rewrites decide on.

    Args:
        node: the call, attribute, name or subscript.
        root: the import that the written name begins with; None for members of values.
        context: where the node stands, for names that are not called; a call may stand alone as a statement.
        observed: arguments that decided here, whose types are known from a run only.
    """

    node: ast.expr
    use: Use
    rule: Rule | None
    scope: Scope
    context: Context
    inference: Inference
    source: SourceText
    root: Import | None = None
    spelled: list[Spelled] = field(default_factory=list)
    observed: list[ast.expr] = field(default_factory=list)

    @property
    def api(self) -> str:
        """Qualified name of the API."""
        return self.rule.api if self.rule else self.use.api

    @property
    def position(self) -> Position:
        """The range of the node in the source."""
        return self.source.position(self.node)

    @property
    def written(self) -> ast.expr:
        """The expression that spells the name: the node, or the module in which it is looked up."""
        return self.use.lookup.module if self.use.lookup is not None else self.node

    @property
    def call(self) -> ast.Call:
        """The node, which is a call."""
        assert isinstance(self.node, ast.Call)
        return self.node

    @property
    def is_call(self) -> bool:
        """Whether the API is called here."""
        lookup = self.use.lookup
        return isinstance(self.node, ast.Call) and (lookup is None or lookup.key not in self.node.args)

    @property
    def is_guess(self) -> bool:
        """Whether the receiver is unknown."""
        return self.use.guessed

    @property
    def certainty(self) -> Certainty:
        """Assumed when the receiver's type is a weak fact or only guessed, or when what a run showed decided."""
        weak = self.use.guessed or (self.use.receiver_type is not None and self.use.receiver_type.assumed)
        weak = weak or (self.use.lookup is not None and self.use.lookup.assumed)
        return Certainty.ASSUMED if weak or self.observed else Certainty.CERTAIN

    def type_of(self, node: ast.expr) -> Type | None:
        """What is known of an expression's type; remembers when that is known from a run only."""
        if self.inference.is_observed(node) and node not in self.observed:
            self.observed.append(node)
        return self.inference.types.get(node)

    def is_tensor(self, node: ast.expr) -> bool:
        """Whether an expression is known to be a tensor."""
        fact = self.type_of(node)
        return fact is not None and fact.name == self.inference.tensor.name

    def action(self) -> Action | None:
        """The overload of the rule that accepts this call."""
        if self.rule is None:
            return None
        known, taker = self.inference.unobserved, self.inference.taker
        chosen = choose(self.rule, self.call, self.inference.types, taker)
        if known is not None and chosen is not None and choose(self.rule, self.call, known, taker) is not chosen:
            bound = self.bound(chosen)
            for node in (node for name in chosen.when for node in (bound.nodes.get(name, ()) if bound else ())):
                self.type_of(node)
        return chosen

    def bound(self, action: Action) -> Bound | None:
        """The call's arguments by the parameters of ``action``'s signature."""
        return bind(action.signature, self.call) if action.signature else None

    def fits(self, action: Action) -> bool:
        """Whether ``action`` accepts this call."""
        return fits(action, self.call, self.inference.types, self.inference.taker)

    def spell(self, name: str) -> str:
        """A qualified target name as this file can write it; remembers which import that needs."""
        if self.rule is not None and any(name in action.helpers for action in self.rule.actions):
            return self.inference.helper_name(name)
        spelled = _spell(self, name)
        self.spelled.append(spelled)
        return spelled.text

    def refuse(self, code: str, message: str, *, label: str = "", hint: str = "") -> Diagnostic:
        """A diagnostic that leaves this site as it is."""
        rule = self.rule
        return Diagnostic(
            code, CODES[code].severity, self.position, message, self.api, rule.origin if rule else "", label, hint
        )


def target_module(site: Site, entry: Import) -> str | None:
    """The target module that an import of a source module becomes."""
    return site.inference.pack.modules.get(entry.target)


def _spell(site: Site, name: str) -> Spelled:
    target = site.inference.pack.target
    if name != target and not name.startswith(target + "."):
        return Spelled(name, None)
    if site.root is not None:
        through = _through(site, site.root, name)
        if through is not None:
            return through
    found: list[tuple[int, Spelled]] = []
    for entry in site.scope.visible_imports():
        module = target_module(site, entry)
        through = _through(site, entry, name) if module else None
        if module is not None and through is not None:
            found.append((len(module), through))
    return max(found, key=lambda pair: pair[0])[1] if found else Spelled(name, None)


def _through(site: Site, entry: Import, name: str) -> Spelled | None:
    """``name`` written through one import, if that leads there."""
    module = target_module(site, entry)
    if module is not None:
        if _is_unsafe(entry, site.inference.pack):
            return None
        written = entry.name if entry.alias.asname or entry.is_from else module
        if name == module or name.startswith(module + "."):
            return Spelled(written + name[len(module) :], entry)
        return None
    if not entry.is_from or plain_target(site.inference, entry) != name:
        return None
    last = name.rpartition(".")[2]
    if entry.alias.asname or entry.is_kept or entry.is_passed:
        return Spelled(entry.name, entry)
    return Spelled(last, entry) if last == entry.name or not site.scope.is_local(last) else None


def _is_unsafe(entry: Import, pack: Pack) -> bool:
    """Whether the name of the source's package is bound for others, so that both frameworks may go by it."""
    is_bound_for_others = entry.is_passed or (entry.is_kept and not entry.is_from and not entry.alias.asname)
    return is_bound_for_others and entry.alias.name.partition(".")[0] == pack.source


def plain_target(inference: Inference, entry: Import) -> str | None:
    """The dotted target of the rule of an imported name; None when the rule is not a mere name.

    Of a class, some calls may become expressions: the name still stands in annotations and checks.
    """
    rule = inference.rules.get(entry.target)
    names = targets(rule) if rule is not None else []
    if rule is None or len(names) != 1 or any(action.helper == names[0] for action in rule.actions):
        return None
    is_plain = all(action.to == names[0] and not action.helper for action in rule.actions)
    return names[0] if is_class(rule) or is_plain else None


def collect(inference: Inference, source: SourceText) -> Iterator[Site]:
    """Every Site of a module, in source order."""
    nodes = inference.nodes
    contexts = _contexts(nodes)
    for node in nodes:
        use = inference.uses.get(node)
        if use is None or not isinstance(node, ast.expr):
            continue
        written = use.lookup.module if use.lookup is not None else node
        root = root_import(written, inference.scopes_of[node]) if use.receiver is None else None
        yield Site(
            node,
            use,
            inference.rules.get(use.api),
            inference.scopes_of[node],
            contexts.get(node, Context.VALUE),
            inference,
            source,
            root,
        )


def root_name(node: ast.expr) -> ast.Name | None:
    """The first name of a dotted name or of the function that a call calls."""
    inner = node.func if isinstance(node, ast.Call) else node
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    return inner if isinstance(inner, ast.Name) else None


def root_import(node: ast.expr, scope: Scope) -> Import | None:
    """The import that a dotted name begins with."""
    name = root_name(node)
    return scope.imported(name.id) if name else None


def _contexts(nodes: Iterable[ast.AST]) -> Mapping[ast.AST, Context]:
    found: dict[ast.AST, Context] = {}
    for node in nodes:
        if isinstance(node, _STORED) and not isinstance(node.ctx, ast.Load):
            found[node] = Context.TARGET
        for context, parts in _GIVES.get(type(node), ()):
            for part in parts(node):
                for inner in (part,) if context in _DIRECT else walk(part):
                    found.setdefault(inner, context)
    return found


def _checked_classes(node: ast.Call) -> list[ast.expr]:
    is_check = isinstance(node.func, ast.Name) and node.func.id in ("isinstance", "issubclass")
    return node.args[1:] if is_check else []


def _compared_classes(node: ast.Compare) -> list[ast.expr]:
    """The other sides of ``type(x) is nn.Linear``; ``x is nn.Linear`` compares two values."""
    sides = [node.left, *node.comparators]
    if not any(isinstance(op, ast.Is | ast.IsNot) for op in node.ops) or not any(map(_is_type_of, sides)):
        return []
    return [side for side in sides if not _is_type_of(side)]


def _is_type_of(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "__class__"
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "type"


_DIRECT = frozenset({Context.BASE, Context.STATEMENT, Context.DECORATOR})  # they say nothing of what is inside
_Parts = Callable[[Any], Iterable[ast.AST]]


def _stated(node: ast.AnnAssign) -> list[ast.expr]:
    return [node.annotation, *([node.value] if node.value is not None and is_alias(node) else [])]


def _result(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    return [node.returns] if node.returns else []


# what a node says of the nodes below it
_GIVES: dict[type[ast.AST], tuple[tuple[Context, _Parts], ...]] = {
    ast.Call: ((Context.CHECK, _checked_classes), (Context.ANNOTATION, type_arguments)),
    ast.Compare: ((Context.IDENTITY, _compared_classes),),
    ast.ExceptHandler: ((Context.CHECK, lambda node: [node.type] if node.type else []),),
    ast.arg: ((Context.ANNOTATION, lambda node: [node.annotation] if node.annotation else []),),
    ast.AnnAssign: ((Context.ANNOTATION, _stated),),
    ast.FunctionDef: ((Context.DECORATOR, lambda node: node.decorator_list), (Context.ANNOTATION, _result)),
    ast.AsyncFunctionDef: ((Context.DECORATOR, lambda node: node.decorator_list), (Context.ANNOTATION, _result)),
    ast.ClassDef: ((Context.BASE, lambda node: node.bases), (Context.DECORATOR, lambda node: node.decorator_list)),
    ast.Expr: ((Context.STATEMENT, lambda node: [node.value] if isinstance(node.value, ast.Call) else []),),
}
