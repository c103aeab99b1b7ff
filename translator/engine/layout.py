"""Uses of a parameter that the target stores in another layout, where that layout cannot be seen."""

from __future__ import annotations

import ast

from translator.analysis.infer import Inference


def hides_layout(node: ast.AST, inference: Inference) -> bool:
    """Whether what is done with a parameter gives the same in every layout.

    ``init.normal_(fc.weight)``, ``fc.weight.data.zero_()`` and ``fc.weight is None`` do: rules say so with
    ``layout: free``, and with ``layout: kept`` that a result is laid out as its receiver, so that its use decides.
    """
    parents = inference.parents
    parent = parents.get(node)
    if isinstance(parent, ast.keyword):
        parent = parents[parent]
    if isinstance(parent, ast.Compare):
        return all(isinstance(op, ast.Is | ast.IsNot) for op in parent.ops)
    if isinstance(parent, ast.Call) and node is not parent.func:
        return _layout(parent, inference) == "free"
    if not isinstance(parent, ast.Attribute):
        return isinstance(parent, ast.Expr)
    outer = parents.get(parent)
    used: ast.AST = outer if isinstance(outer, ast.Call) and outer.func is parent else parent
    layout = _layout(used, inference)
    return layout == "free" or (layout == "kept" and hides_layout(used, inference))


def _layout(node: ast.AST, inference: Inference) -> str:
    use = inference.uses.get(node)
    rule = inference.rules.get(use.api) if use is not None else None
    return rule.layout if rule is not None else ""
