"""A rule: everything that is known about one API of the source framework."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

RESULT = "result"  # in ``when``: no parameter, but what the call's result is passed to


class Kind(Enum):
    """How a parameter takes its argument."""

    POSITIONAL = "positional"
    VARIADIC = "*"
    KEYWORD = "keyword"
    KEYWORDS = "**"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a signature; ``default`` is source text, None when the argument is required."""

    name: str
    kind: Kind = Kind.POSITIONAL
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of an API, without ``self``."""

    parameters: tuple[Parameter, ...] = ()

    def get(self, name: str) -> Parameter | None:
        """The parameter of that name, or None."""
        return next((p for p in self.parameters if p.name == name), None)


@dataclass(frozen=True, slots=True)
class Setting:
    """``keyword = template`` of the target call; the template's holes are parameters of the source."""

    keyword: str
    template: str


@dataclass(frozen=True, slots=True)
class Action:
    """What a call becomes: one overload of a rule.

    Args:
        to: a dotted name, ``.method`` (keeps the receiver), or an expression with ``{holes}``; None keeps the name.
        rewrite: the registered rewrite that decides; ``call`` by default.
        renames: source parameter to target keyword.
        settings: source parameter to the target keywords computed from it, emitted when the argument is given.
        defaults: target keywords spelled out always, from given arguments or the source's defaults.
        drop: parameters that cannot matter, with the reason.
        refuse: parameters that cannot be translated, with the reason and what to do instead.
        positional: how many leading arguments keep their position; -1 for all.
        once: the call of a helper that stands for ``to`` where an argument that ``to`` needs twice may be evaluated
            only once.
        base: the helper class that subclasses extend instead, where they rely on the source's contract.
        check: the helper class that ``isinstance`` asks instead, where the target's class says less.
        around: parameters that a helper is given, by name, which then makes the call: ``helper(value, lambda: call)``.
        assigned: for a name that is set: what ``name = {value}`` becomes, by the text of the value, ``*`` for any.
    """

    signature: Signature | None = None
    to: str | None = None
    rewrite: str = "call"
    renames: dict[str, str] = field(default_factory=dict)
    settings: dict[str, tuple[Setting, ...]] = field(default_factory=dict)
    defaults: tuple[Setting, ...] = ()
    drop: dict[str, str] = field(default_factory=dict)
    refuse: dict[str, str] = field(default_factory=dict)
    positional: int = -1
    helper: str | None = None
    returns: str | None = None
    when: dict[str, str] = field(default_factory=dict)
    once: str | None = None
    base: str | None = None
    check: str | None = None
    around: dict[str, str] = field(default_factory=dict)
    assigned: dict[str, str] = field(default_factory=dict)

    @property
    def refused(self) -> dict[str, str]:
        """What cannot be given where the call itself is not in view, with what to do instead."""
        return self.refuse | dict.fromkeys(self.around, "call it by its name instead of passing it on")

    @property
    def helpers(self) -> tuple[str, ...]:
        """Names of the helpers that what this becomes may call."""
        calls = [self.once or "", *self.assigned.values()]
        called = (name for call in calls if "(" in call and "." not in (name := call.partition("(")[0]))
        return tuple(filter(None, (self.helper, self.base, self.check, *called, *self.around.values())))


@dataclass(frozen=True, slots=True)
class Difference:
    """A known numerical difference that verification applies: ``tensor`` differs ``when``, because ``why``."""

    tensor: str
    when: str
    why: str
    correction: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the rule table.

    Args:
        api: qualified name, e.g. ``package.cat`` or ``package.Tensor.permute``.
        origin: ``file:line`` of the entry.
        actions: the overloads in order; the first whose signature accepts the call is taken.
        output: type of what calling an instance of this class gives, for layers.
        runs: the method of the user's class that calling this member runs; it gives what that gives.
        overrides: method of a user's subclass to the types of its parameters by name, ``*`` for all others.
        weights: parameter or buffer name to operation text, e.g. ``{"weight": "transpose"}``; see ``weights.ops``.
        status: ``translated`` or ``unsupported``.
        dtype: of the result's elements; see ``analysis.dtypes``.
        promotes: parameters, and ``self``, whose tensors the source brings to one dtype, and the target does not.
        written: what an attribute becomes instead where a method writes into it.
        stores: of a method that writes into its tensor: the value that a part of a tensor is assigned instead.
        shares: the result is the memory of the receiver or first argument in ``both`` frameworks, or the ``source``.
        layout: ``free`` when it does the same to a tensor in every layout, ``kept`` when its result has the receiver's,
            ``alike`` when its argument has to have the receiver's, ``scaled`` when it is free with a number.
    """

    api: str
    origin: str
    actions: tuple[Action, ...] = ()
    also: tuple[str, ...] = ()
    returns: str | None = None
    output: str | None = None
    runs: str | None = None
    overrides: dict[str, dict[str, str]] = field(default_factory=dict)
    weights: dict[str, str] = field(default_factory=dict)
    differs: tuple[Difference, ...] = ()
    init: dict[str, str] = field(default_factory=dict)
    since: str | None = None
    status: str = "translated"
    layout: str = ""
    dtype: str = ""
    promotes: tuple[str, ...] = ()
    shares: str = ""
    written: str = ""
    stores: str = ""
    note: str = ""
    hint: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pair of frameworks: names of packages, types, releases and modules that correspond.

    Args:
        source: name of the source framework's package, e.g. the one that users import.
        source_packages: every top-level package whose names are translated.
        target: the target framework's package.
        tensor: qualified name of the source's tensor type; ``module`` of its layer base class.
        modules: source module to target module, for imports that only name a module.
        aliases: other qualified name to the name that rules use; of a module or class, for all that it holds.
        owners: classes, besides tensors and layers, that an unknown value is taken for by a member's distinct name.
        gradient: qualified name of a tensor's gradient: what is updated by its own is a leaf, and written in place.
        leaf: the parameter that makes a call give a tensor that takes gradients.
        layouts: operation of ``weights`` to the expression that undoes it, where doing it twice is undoing it.
        shared_methods: tensor methods whose names other common objects have too.
        type_tests: functions that tell whether a value is of a type, with that type.
        setters: methods of layers that make an attribute of the name they are given, with the least it is.
        tensor_parameters: parameters that take nothing but a tensor, whichever function has them.
        tensor_keywords: arguments by which methods of tensors can be told from those of other objects.
        telling_calls: shared methods by what only their calls on a tensor or layer have; see ``analysis.telling``.
        known_types: types that annotations may name without an import, as the framework's compiler reads them.
        helper_module: name of the module that the output imports helpers from.
        distributions: what a dependency becomes, by the name of the distribution, e.g. ``{"a-cpu": "b>=1"}``.
        parameter: the source's class of tensors that a layer trains.
        in_place: the parameter that makes a call of the source overwrite its first argument.
        convert: the source's tensor method that gives a tensor in the dtype of another one.
        overwrite: the source's tensor method that overwrites a tensor with another one.
        duplicate: the source's tensor method that gives a copy.
        saves: operators that, written into a part of a tensor, overwrite what their gradient needs in the target:
            by a ``tensor``, or by ``any`` value.
    """

    name: str
    folder: str
    source: str
    source_packages: tuple[str, ...]
    target: str
    tensor: str
    module: str
    releases: tuple[str, ...]
    modules: dict[str, str]
    aliases: dict[str, str]
    shared_methods: frozenset[str]
    helper_module: str
    distributions: dict[str, str] = field(default_factory=dict)
    type_tests: dict[str, str] = field(default_factory=dict)
    setters: dict[str, str] = field(default_factory=dict)
    tensor_parameters: tuple[str, ...] = ()
    tensor_keywords: frozenset[str] = frozenset()
    telling_calls: dict[str, list[str]] = field(default_factory=dict)
    known_types: dict[str, str] = field(default_factory=dict)
    parameter: str = ""
    in_place: str = ""
    convert: str = ""
    overwrite: str = ""
    duplicate: str = ""
    saves: dict[str, str] = field(default_factory=dict)
    gradient: str = ""
    leaf: str = ""
    layouts: dict[str, str] = field(default_factory=dict)
    owners: tuple[str, ...] = ()

    def canonical(self, api: str) -> str:
        """The name that rules use: by an alias of the API, or of the module or class that it belongs to."""
        owner, _, name = api.rpartition(".")
        return self.aliases.get(api) or (f"{self.canonical(owner)}.{name}" if owner else api)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of a pack with the user's overlays; ``by_api`` also holds every name in ``also``.

    Args:
        digest: of the files that they were read from; empty for rules that were made otherwise.
    """

    pack: Pack
    by_api: dict[str, Rule]
    digest: str = ""

    def get(self, api: str) -> Rule | None:
        """The rule of a qualified name, after the pack's aliases; None when nobody wrote one."""
        return self.by_api.get(api) or self.by_api.get(self.pack.canonical(api))

    def rules(self) -> list[Rule]:
        """Every rule once, sorted by api."""
        return sorted({id(r): r for r in self.by_api.values()}.values(), key=lambda r: r.api)
