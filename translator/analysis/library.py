"""What calls and names of the standard library and of common packages give: tables, and what passes through."""

from __future__ import annotations

import ast
from collections.abc import Callable

from translator.analysis.facts import NAMED_TUPLE, Environment, Facts
from translator.analysis.index import ClassFacts
from translator.analysis.names import Scope
from translator.analysis.plain import ARRAY, is_plain_name
from translator.analysis.types import BOOL, FLOAT, INT, NEVER, NONE, NUMBERS, PLAIN, STR, held, join_all
from translator.core import Type

Arguments = list[Type | None]
Keywords = dict[str | None, Type | None]

_INTEGERS = ("ceil", "floor", "trunc", "gcd", "lcm", "factorial", "comb", "perm", "isqrt")
_QUESTIONS = ("isclose", "isnan", "isinf", "isfinite")
_RESULTS = {
    **{f"math.{name}": INT for name in _INTEGERS},
    **{f"math.{name}": BOOL for name in _QUESTIONS},
    **{f"random.{name}": INT for name in ("randint", "randrange", "getrandbits")},
    **{f"random.{name}": FLOAT for name in ("random", "uniform", "gauss", "normalvariate", "betavariate")},
    **{f"os.path.{name}": STR for name in ("join", "basename", "dirname", "abspath", "expanduser", "realpath")},
    **{f"os.path.{name}": BOOL for name in ("exists", "isfile", "isdir", "islink", "isabs")},
    **{f"time.{name}": FLOAT for name in ("time", "perf_counter", "monotonic", "process_time")},
    **{f"os.{name}": STR for name in ("getcwd", "fspath", "strerror")},
    "os.getenv": STR,
    "os.listdir": Type("list", (STR,)),
    "glob.glob": Type("list", (STR,)),
    "re.sub": STR,
    "re.split": Type("list", (STR,)),
    "json.dumps": STR,
    "collections.Counter": Type("dict", (INT,)),
    "random.shuffle": NONE,
    "logging.getLogger": PLAIN,
    "inspect.signature": PLAIN,
}
_TQDM = frozenset({"tqdm.tqdm", "tqdm.auto.tqdm", "tqdm.notebook.tqdm"})


class Library(Facts):
    """Calls of what is neither the framework's nor the user's."""

    def library_value(self, name: str) -> Type | None:
        """A name of a library that is not called: ``math.pi``, ``os.sep``."""
        if name.startswith("math."):
            return FLOAT
        last = name.rpartition(".")[2]
        if not is_plain_name(name):
            return None
        return Type("type", (Type(name),)) if last[:1].isupper() else PLAIN

    def library_call(
        self, node: ast.Call, name: str, arguments: Arguments, keywords: Keywords, env: Environment, scope: Scope
    ) -> Type | None:
        """What a call of a library's name gives."""
        special = _CALLS.get(name)
        if special is not None:
            return special(self, node, arguments, keywords)
        if name in _RESULTS:
            return _RESULTS[name]
        if name in ("typing.cast", "typing_extensions.cast") and node.args:
            return self.annotation(node.args[0], scope)
        if name.endswith(".NewType") and len(node.args) > 1:
            return held("type", self.annotation(node.args[1], scope))
        if name == "collections.namedtuple":
            return self._named_tuple(node)
        if name.endswith(".TypeVar"):
            bound = next((k.value for k in node.keywords if k.arg == "bound"), None)
            return held("type", self.annotation(bound, scope))
        if not is_plain_name(name):
            return None
        return self._plain_call(name, arguments)

    def _named_tuple(self, node: ast.Call) -> Type | None:
        """``namedtuple("A", "x y")``: a class with these fields."""
        if len(node.args) < 2:
            return None
        fields = node.args[1].elts if isinstance(node.args[1], ast.List | ast.Tuple) else [node.args[1]]
        texts = [str(part.value) for part in fields if isinstance(part, ast.Constant)]
        names = [name for text in texts for name in text.replace(",", " ").split()]
        made = f"namedtuple.{getattr(node.args[0], 'value', '')}"
        if self.index.find(made) is None:
            self.index.foreign[made] = ClassFacts(None, made, [NAMED_TUPLE], attributes=dict.fromkeys(names))
        return Type("type", (Type(made),))

    def _plain_call(self, name: str, arguments: Arguments) -> Type | None:
        """A function of a plain package; those that tensors take part in by the array protocol may give a tensor."""
        root, last = name.partition(".")[0], name.rpartition(".")[2]
        if any(fact is not None and fact.name == self.tensor.name for fact in arguments):
            return None if root in ("numpy", "scipy") else PLAIN
        if root == "math":
            return FLOAT
        if root == "numpy":
            is_dispatched = self.rules.get(f"{self.tensor.name}.{last}") is not None
            return None if is_dispatched and None in arguments else Type(ARRAY)
        if name == "PIL.Image.open" or name.startswith("PIL.Image.from"):
            return Type("PIL.Image.Image")
        return Type(name) if last[:1].isupper() else PLAIN

    # --- what passes its arguments on ----------------------------------------------------------------------------

    def _same(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return arguments[0] if arguments else None

    def _result_of(self, fact: Type | None) -> Type | None:
        """What calling a function or a class of the table gives, without a look at its arguments."""
        return fact.items[0] if fact is not None and fact.name in ("callable", "type") and fact.items else None

    def _partial(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return held("callable", self._result_of(arguments[0])) if arguments else None

    def _reduced(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        if len(arguments) < 2:
            return None
        inner = self.element_of(arguments[1])
        result = self._result_of(arguments[0])
        return result or (inner if inner is not None and inner.name in NUMBERS else None)

    def _product_of(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return self.element_of(arguments[0]) if arguments else None

    def _chained(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        if any(isinstance(a, ast.Starred) for a in node.args):
            return held("iterator", self.element_of(self.element_of(arguments[0])) if len(arguments) == 1 else None)
        return held("iterator", join_all(map(self.element_of, arguments), self.common))

    def _flattened(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return held("iterator", self.element_of(self.element_of(arguments[0]))) if arguments else None

    def _paired(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        if any(isinstance(a, ast.Starred) for a in node.args):
            return Type("iterator")
        return Type("iterator", (Type("tuple", tuple(self.element_of(a) for a in arguments)),))

    def _iterated(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return held("iterator", self.element_of(arguments[0])) if arguments else None

    def _listed(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return held("list", self.element_of(arguments[0])) if arguments else Type("list", (NEVER,))

    def _picked(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return self.element_of(arguments[0]) if arguments else None

    def _repeated(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return held("iterator", arguments[0]) if arguments else None

    def _in_context(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        return held("context", arguments[0] if arguments else NONE)

    def _mapping(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        """``dict(a, **b, k=v)``, ``OrderedDict([(k, v)])``."""
        values: Arguments = [fact for key, fact in keywords.items() if key is not None]
        for fact in [*arguments, *(fact for key, fact in keywords.items() if key is None)]:
            pair = self.element_of(fact)
            if fact is not None and fact.name == "dict":
                values.append(fact.items[0] if fact.items else None)
            else:
                is_pair = pair is not None and pair.name == "tuple" and len(pair.items) == 2
                values.append(pair.items[1] if is_pair and pair is not None else NEVER if pair is NEVER else None)
        return Type("dict", (join_all(values, self.common) if values else NEVER, STR))

    def _defaults(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        made = self._result_of(arguments[0]) if arguments else None
        is_container = made is not None and made.name in ("list", "dict", "set") and not made.items
        return Type("dict", (Type(made.name, (NEVER,)) if is_container and made is not None else made,))


_Call = Callable[[Library, ast.Call, Arguments, Keywords], Type | None]
_CALLS: dict[str, _Call] = {
    **dict.fromkeys(("copy.copy", "copy.deepcopy", "dataclasses.replace", *_TQDM), Library._same),
    "functools.partial": Library._partial,
    "functools.reduce": Library._reduced,
    "math.prod": Library._product_of,
    "itertools.chain": Library._chained,
    "itertools.chain.from_iterable": Library._flattened,
    "itertools.product": Library._paired,
    "itertools.zip_longest": Library._paired,
    **dict.fromkeys(("itertools.islice", "itertools.cycle", "itertools.accumulate"), Library._iterated),
    "itertools.repeat": Library._repeated,
    "random.choice": Library._picked,
    "random.sample": Library._listed,
    "random.choices": Library._listed,
    "collections.deque": Library._listed,
    "collections.OrderedDict": Library._mapping,
    "collections.defaultdict": Library._defaults,
    "contextlib.nullcontext": Library._in_context,
}
