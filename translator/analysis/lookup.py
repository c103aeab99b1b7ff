"""Names of the framework that are looked up by a text: ``getattr(module, name)``, ``module.__dict__[name]``."""

from __future__ import annotations

import ast

from translator.analysis.containers import Containers
from translator.analysis.names import Scope
from translator.analysis.types import BOOL, join_all
from translator.analysis.use import Lookup, Use
from translator.core import Type

_READS, _ASKS = "getattr", "hasattr"


class Lookups(Containers):
    """Finds out which names a text can be, and notes the use of them."""

    def looked_up(self, node: ast.Call, scope: Scope) -> str | None:
        """The module of the framework that a call of ``getattr`` or ``hasattr`` looks into."""
        func = node.func
        is_lookup = isinstance(func, ast.Name) and func.id in (_READS, _ASKS) and scope.holder(func.id) is None
        if not is_lookup or not 1 < len(node.args) < 4 or node.keywords:
            return None
        return self._module(node.args[0], scope)

    def _module(self, node: ast.expr, scope: Scope) -> str | None:
        name = self.qualified(node, scope)
        rule = self.rules.get(name) if name is not None else None
        is_module = rule is None or rule.status == "unsupported"
        return name if name is not None and self.is_source(name) and is_module else None

    def look_up_membership(self, node: ast.Compare, scope: Scope) -> None:
        """``"name" in dir(module)`` and ``in module.__dict__`` ask as ``hasattr`` does; notes its use."""
        holder = node.comparators[0]
        if len(node.ops) != 1 or not isinstance(node.ops[0], ast.In | ast.NotIn):
            return
        is_dict = isinstance(holder, ast.Attribute) and holder.attr == "__dict__"
        is_list = (
            isinstance(holder, ast.Call) and isinstance(holder.func, ast.Name) and holder.func.id in ("dir", "vars")
        )
        owner = holder.value if is_dict else holder.args[0] if is_list and holder.args else None  # type: ignore[attr-defined]
        module = self._module(owner, scope) if owner is not None else None
        if module is not None and owner is not None:
            self.uses.pop(holder, None)
            self._note(node, module, owner, node.left, scope, True)

    def look_up(self, node: ast.Call, module: str, scope: Scope) -> Type | None:
        """The use of whatever ``getattr(module, text)`` gives."""
        assert isinstance(node.func, ast.Name)
        is_question = node.func.id == _ASKS
        found = self._note(node, module, node.args[0], node.args[1], scope, is_question)
        return BOOL if is_question else found

    def look_up_item(self, node: ast.Subscript, scope: Scope) -> bool:
        """Whether ``module.__dict__[text]`` or ``vars(module)[text]`` stands here; notes its use."""
        value = node.value
        is_dict = isinstance(value, ast.Attribute) and value.attr == "__dict__"
        is_vars = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "vars"
        owner = value.value if is_dict else value.args[0] if is_vars and value.args else None  # type: ignore[attr-defined]
        module = self._module(owner, scope) if owner is not None else None
        if module is None or owner is None:
            return False
        self.uses.pop(value, None)
        self.types[node] = self._note(node, module, owner, node.slice, scope, False)
        return True

    def _note(
        self, node: ast.expr, module: str, owner: ast.expr, key: ast.expr, scope: Scope, asks: bool
    ) -> Type | None:
        fact = self.types.get(key)
        texts = fact.values if fact is not None and fact.name == "str" else ()
        names = tuple(f"{module}.{text}" for text in texts if str(text).isidentifier())
        names = names if len(names) == len(texts) else ()
        is_weak = fact is not None and fact.assumed
        lookup = Lookup(owner, key, names, asks, is_weak)
        self.uses.pop(owner, None)
        self.uses[node], self.scopes_of[node] = Use(names[0] if len(names) == 1 else module, lookup=lookup), scope
        return join_all(map(self.type_of_name, names), self.common)

    def called_name(self, node: ast.Call) -> tuple[str, Lookup] | None:
        """The one name that ``getattr(module, text)(...)`` calls."""
        use = self.uses.get(node.func)
        lookup = use.lookup if use is not None else None
        if lookup is None or lookup.asks or lookup.assumed or len(lookup.names) != 1:
            return None
        self.uses.pop(node.func)
        return lookup.names[0], lookup
