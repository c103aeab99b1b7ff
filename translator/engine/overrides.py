"""Methods of the user's classes that only the source framework calls."""

from __future__ import annotations

from collections.abc import Iterator

from translator.analysis.index import FunctionFacts
from translator.analysis.infer import Inference
from translator.analysis.text import SourceText
from translator.codes import CODES
from translator.core import Diagnostic, Position, Type


def never_called(inference: Inference, source: SourceText) -> Iterator[Diagnostic]:
    """Methods that override one of the framework's which has no counterpart: nothing would call them."""
    for facts in inference.index.classes.values():
        for name, method in facts.methods.items():
            rule = inference.member(Type(facts.name), name)
            if rule is None or rule.status != "unsupported" or not isinstance(method, FunctionFacts):
                continue
            line, column = method.node.lineno, source.column(method.node.lineno, method.node.col_offset)
            place = Position(source.path, line, column, line, column + len(f"def {name}"))
            message = f"`{facts.name}.{name}` overrides `{rule.api}`, which has no counterpart: nothing calls it"
            hint = rule.hint or rule.note
            yield Diagnostic("T305", CODES["T305"].severity, place, message, rule.api, rule.origin, rule.note, hint)
