"""What Python's own functions, and the methods of its own types, give."""

from __future__ import annotations

import ast
import builtins

from translator.analysis.facts import Environment
from translator.analysis.library import Arguments, Keywords, Library
from translator.analysis.names import Scope
from translator.analysis.plain import is_plain, part_of_plain
from translator.analysis.types import (
    BOOL,
    FLOAT,
    INT,
    NEVER,
    NONE,
    NUMBERS,
    PLAIN,
    STR,
    constant,
    held,
    join_all,
    value_of,
)
from translator.core import Type

_RESULTS = {
    "len": INT,
    "int": INT,
    "float": FLOAT,
    "complex": Type("complex"),
    "str": STR,
    "repr": STR,
    "format": STR,
    "chr": STR,
    "input": STR,
    "bin": STR,
    "hex": STR,
    "ord": INT,
    "id": INT,
    "hash": INT,
    "bool": BOOL,
    "isinstance": BOOL,
    "issubclass": BOOL,
    "hasattr": BOOL,
    "callable": BOOL,
    "print": NONE,
    "delattr": NONE,
    "bytes": Type("bytes"),
    "bytearray": Type("bytes"),
    "open": PLAIN,
    "slice": PLAIN,
    "dir": Type("list", (STR,)),
}
_SEQUENCE = {"list": "list", "tuple": "tuple", "set": "set", "frozenset": "frozenset", "sorted": "list"}
_LISTED = frozenset({"split", "rsplit", "splitlines"})
_TESTED = frozenset({"startswith", "endswith", "isdigit", "isalpha", "isupper", "islower", "isidentifier", "isnumeric"})
_COUNTED = frozenset({"count", "find", "index", "rfind", "rindex"})


class Builtins(Library):
    """Calls of names that nothing in the file binds, and of methods of texts and containers."""

    def builtin_call(
        self, node: ast.Call, name: str, arguments: Arguments, keywords: Keywords, env: Environment, scope: Scope
    ) -> Type | None:
        """What a call of one of Python's own functions gives."""
        method = getattr(self, "_call_" + name, None)
        if method is not None:
            found: Type | None = method(node, arguments, keywords)
            return found
        if name in _SEQUENCE:
            return self._sequence_of(_SEQUENCE[name], arguments)
        if name in _RESULTS:
            return _RESULTS[name]
        known = getattr(builtins, name, None)
        return PLAIN if isinstance(known, type) and issubclass(known, BaseException) else None

    def _sequence_of(self, kind: str, arguments: Arguments) -> Type:
        if not arguments:
            return Type(kind, (NEVER,))
        given = arguments[0]
        if given is not None and given.name in ("list", "tuple") and kind in ("list", "tuple"):
            return Type(kind, given.items if kind == "tuple" else held("list", self.element_of(given)).items)
        return held(kind, self.element_of(given))

    def _call_dict(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return self._mapping(node, arguments, keywords)

    def _call_range(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        """``range(3)`` with its numbers where they are few and known."""
        bounds = [fact.values[0] for fact in arguments if fact is not None and len(fact.values) == 1]
        if len(bounds) != len(arguments) or not all(isinstance(b, int) for b in bounds) or not bounds:
            return Type("range")
        numbers = range(*bounds) if bounds[2:] != [0] else range(0)  # type: ignore[arg-type]
        if not 0 < len(numbers) <= 16:
            return Type("range")
        return Type("range", (join_all(map(constant, numbers)),))

    def _call_enumerate(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        inner = self.element_of(arguments[0]) if arguments else None
        return Type("iterator", (Type("tuple", (INT, inner)),))

    def _call_zip(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return self._paired(node, arguments, keywords)

    def _call_reversed(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return self._iterated(node, arguments, keywords)

    _call_iter = _call_reversed

    def _call_next(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return self.element_of(arguments[0]) if arguments else None

    def _call_map(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return held("iterator", self._result_of(arguments[0])) if arguments else None

    def _call_filter(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return held("iterator", self.element_of(arguments[1])) if len(arguments) > 1 else None

    def _call_sum(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        inner = self.element_of(arguments[0]) if arguments else None
        return INT if inner == BOOL else inner

    def _call_max(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        if len(arguments) > 1:
            return join_all(arguments, self.common)
        return self.element_of(arguments[0]) if arguments else None

    _call_min = _call_max

    def _call_abs(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return arguments[0] if arguments else None

    def _call_all(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return BOOL

    _call_any = _call_all

    def _call_round(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        fact = arguments[0] if arguments else None
        if fact is None or fact.name not in NUMBERS:
            return fact
        return INT if len(node.args) + len(node.keywords) == 1 else fact

    def _call_pow(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return join_all(arguments, self.common)

    def _call_divmod(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        fact = join_all(arguments)
        return Type("tuple", (fact, fact))

    def _call_type(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return held("type", arguments[0]) if len(arguments) == 1 else Type("type")

    # --- methods of Python's own types ---------------------------------------------------------------------------

    def builtin_method(self, receiver: Type, name: str, arguments: Arguments) -> Type | None:
        """What a method of a text, a container or another plain value gives."""
        if receiver.name == "str":
            return _of_text(name)
        if receiver.name == "dict":
            return self._of_dict(receiver, name, arguments)
        if is_plain(receiver):
            return part_of_plain(receiver, name)
        if name in ("pop", "popleft", "__getitem__"):
            return self.element_of(receiver)
        if name in ("index", "count"):
            return INT
        return receiver if name in ("copy", "union", "difference", "intersection") else None

    def _of_dict(self, receiver: Type, name: str, arguments: Arguments) -> Type | None:
        value, key = value_of(receiver), receiver.items[1] if len(receiver.items) > 1 else None
        if name == "values":
            return held("iterator", value)
        if name == "keys":
            return held("iterator", key)
        if name in ("items", "popitem"):
            pair = Type("tuple", (key, value))
            return pair if name == "popitem" else Type("iterator", (pair,))
        if name in ("get", "pop", "setdefault", "__getitem__"):
            given = arguments[1] if len(arguments) > 1 else NONE
            is_empty = receiver.items[:1] == (NEVER,)
            return given if is_empty and given != NONE else join_all([value, given], self.common)
        return receiver if name == "copy" else None


def _of_text(name: str) -> Type:
    if name in _LISTED:
        return Type("list", (STR,))
    if name in _TESTED:
        return BOOL
    if name in _COUNTED:
        return INT
    if name in ("partition", "rpartition"):
        return Type("tuple", (STR, STR, STR))
    return Type("bytes") if name == "encode" else STR
