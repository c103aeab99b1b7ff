"""Tensors that a layer keeps as plain attributes: the target lists them among the layer's buffers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from translator.analysis.index import ClassFacts
from translator.analysis.infer import Inference
from translator.analysis.text import SourceText
from translator.analysis.walk import walk
from translator.codes import CODES
from translator.core import Diagnostic, Type


def kept_tensors(inference: Inference, source: SourceText) -> Iterator[Diagnostic]:
    """A note at the first assignment of each such attribute.

    The state dict does not gain it; but it moves and is cast with the layer, and ``buffers()`` gives it. Parameters and
    registered buffers are what they are in both frameworks, and attributes of an assumed type are the author's.
    """
    for facts in inference.index.classes.values():
        if facts.node is None or not inference.is_layer(Type(facts.name)):
            continue
        for name, assigned in facts.assigned.items():
            target = next(iter(assigned))
            if isinstance(target, ast.Attribute) and _is_plain_tensor(name, facts, inference):
                yield _note(target, name, source)
    for node in inference.nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and _is_new(target, node.value, inference):
                    yield _note(target, target.attr, source)


def _is_new(target: ast.Attribute, value: ast.expr, inference: Inference) -> bool:
    """Whether ``layer.name = tensor`` gives a layer, from outside, an attribute that nothing else knows."""
    owner, fact = inference.types.get(target.value), inference.types.get(value)
    if owner is None or not inference.is_layer(owner) or fact is None or fact.name != inference.tensor.name:
        return False
    facts = inference.index.find(owner.name)
    is_known = facts is None or target in inference.uses or any(target.attr in c.attributes for c in facts.lineage())
    return not is_known and not any(_makes_parameter(node, inference) for node in walk(value))


def _is_plain_tensor(name: str, facts: ClassFacts, inference: Inference) -> bool:
    for target, fact in facts.assigned[name].items():
        if not isinstance(target, ast.Attribute) or (fact is not None and fact.name == "None"):
            return False  # registered by a method, or something that may be registered later
        if fact is None or fact.name != inference.tensor.name or fact.assumed or fact.stored:
            return False
        value = _value(target, inference)
        if value is not None and any(_makes_parameter(node, inference) for node in walk(value)):
            return False
    return True


def _makes_parameter(node: ast.AST, inference: Inference) -> bool:
    use = inference.uses.get(node)
    return use is not None and inference.rules.get(use.api) is inference.rules.get(inference.pack.parameter)


def _value(target: ast.Attribute, inference: Inference) -> ast.AST | None:
    parent = inference.parents.get(target)
    return parent.value if isinstance(parent, ast.Assign | ast.AnnAssign) else None


def _note(target: ast.Attribute, name: str, source: SourceText) -> Diagnostic:
    return Diagnostic(
        "T403",
        CODES["T403"].severity,
        source.position(target),
        f"`{name}` is a plain attribute, and in the output one of the layer's buffers that are not saved",
        label="`buffers()` gives it there, and it is moved and cast with the layer",
        hint="register it: `self.register_buffer(name, tensor, persistent=False)`",
    )
