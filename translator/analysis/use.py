"""One use of an API: which one, and how the source names it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from translator.core import Type


@dataclass(frozen=True, slots=True)
class Lookup:
    """A name of a module that is found by a text.

    Args:
        module: the expression of the module; ``key`` that of the text.
        names: every qualified name that it can only be; empty when that is not known.
        asks: whether the name is there is asked, not its value.
        assumed: the names are those of the calls in view.
    """

    module: ast.expr
    key: ast.expr
    names: tuple[str, ...]
    asks: bool = False
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """A node that uses an API: by its qualified name, or as a member of a value whose type is known or guessed.

    Args:
        api: qualified name to look a rule up with.
        receiver: the value whose member it is; None for names that were imported.
        receiver_type: what is known of the receiver.
        guessed: the receiver is unknown, the member's name is the only sign.
        inherited: ``super().__init__(...)`` of a class that extends the API's.
        lookup: how the name is found when it is not written; for a call, that of what is called.
    """

    api: str
    receiver: ast.expr | None = None
    receiver_type: Type | None = None
    guessed: bool = False
    inherited: bool = False
    lookup: Lookup | None = None
