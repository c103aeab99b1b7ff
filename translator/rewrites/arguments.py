"""Arguments of a call: which ones stay, become keywords, are computed, or go; and the libcst that says so."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from translator.analysis.binding import arguments_in_order
from translator.analysis.sites import Site
from translator.analysis.walk import walk
from translator.core import Diagnostic
from translator.ruleset.fold import fold
from translator.ruleset.model import Action, Kind, Setting, Signature
from translator.ruleset.target import Template, parse_template


@dataclass(frozen=True, slots=True)
class Piece:
    """One argument of the output.

    Args:
        keyword: written before it; None for a positional argument.
        index: the source argument whose place, comma and white space it takes; None to stand behind the last.
        listed: source arguments that it collects into one list.
        setting: the template it is computed from.
    """

    keyword: str | None
    index: int | None
    listed: tuple[int, ...] = ()
    setting: Setting | None = None


@dataclass(frozen=True, slots=True)
class ArgumentPlan:
    """All arguments of the output call, and how to fill the holes of its templates."""

    pieces: tuple[Piece, ...]
    order: tuple[str, ...]
    given: Mapping[str, int]
    missing: Mapping[str, str]
    spelled: Mapping[str, str]
    keywords: tuple[str | None, ...] = ()

    @property
    def is_trivial(self) -> bool:
        """Whether every argument stays as it is."""
        kept = [(p.index, p.keyword) for p in self.pieces if p.setting is None and not p.listed]
        return len(kept) == len(self.pieces) and kept == list(enumerate(self.keywords))


def plan_arguments(site: Site, action: Action, *, collect: str | None = None) -> ArgumentPlan | Diagnostic:
    """Decide on every argument of the call.

    Args:
        collect: the variadic parameter whose arguments become one list; see ``sizes_as_list``.

    Returns:
        The plan, or the diagnostic that says which argument cannot be translated.
    """
    signature = action.signature
    keywords = tuple(k if k != "**" else None for k, _ in arguments_in_order(site.call))
    if signature is None:
        return ArgumentPlan(tuple(Piece(k, i) for i, k in enumerate(keywords)), (), {}, {}, {}, keywords)
    bound = site.bound(action)
    if bound is None:
        return site.refuse("T307", f"`{site.api}` does not take these arguments", hint="check the call")
    defaults = {p.name: p.default for p in signature.parameters if p.default is not None}
    for name, nodes in bound.nodes.items():
        if name in action.refuse and not says_default(nodes[0], defaults.get(name)):
            why = action.refuse[name]
            message = f"argument `{name}` of `{site.api}` cannot be translated"
            return site.refuse("T303", message, label=why, hint=why)
        if name in action.drop and any(acts(site, node) for node in nodes):
            message = f"argument `{name}` of `{site.api}` would go, and with it what computing it does"
            return site.refuse("T303", message, label=action.drop[name], hint="compute it on a line of its own")
    pieces = _pieces(action, signature, bound.order, keywords, collect)
    given = {name: i for i, name in reversed(list(enumerate(bound.order)))}
    missing = {name: default for name, default in defaults.items() if name not in given}
    target = site.inference.pack.target
    settings = [piece.setting for piece in pieces if piece.setting is not None]
    holes = sum((parse_template(setting.template).holes for setting in settings), Counter[str]())
    for name, nodes in bound.nodes.items():
        if holes[name] > 1 and acts(site, nodes[0]):
            message = f"`{ast.unparse(nodes[0])}` would be evaluated twice"
            return site.refuse("T308", message, hint="assign it to a variable first")
    written = {name for s in settings for name in target_names(parse_template(s.template), target)}
    written |= {helper for helper in action.helpers for s in settings if f"{helper}(" in s.template}
    return ArgumentPlan(pieces, bound.order, given, missing, {name: site.spell(name) for name in written}, keywords)


def _pieces(
    action: Action,
    signature: Signature,
    order: tuple[str, ...],
    keywords: tuple[str | None, ...],
    collect: str | None,
) -> tuple[Piece, ...]:
    """Every argument of the output: in the source's order, then the defaults that the target has otherwise."""
    kinds = {p.name: p.kind for p in signature.parameters}
    computed = _computed(action)
    pieces: list[Piece] = []
    in_place = True  # whether the arguments so far stand where the target expects them
    for i, name in enumerate(order):
        if name == collect:
            if i == order.index(name):
                pieces.append(Piece(None, i, tuple(k for k, other in enumerate(order) if other == name)))
        elif name in action.refuse or name in action.drop or name in action.around:
            in_place = False
        elif name in computed:
            in_place = False
            new = [s for s in computed[name] if s.keyword not in {p.keyword for p in pieces}]
            pieces += [Piece(s.keyword, i if k == 0 else None, (), s) for k, s in enumerate(new)]
        elif kinds[name] in (Kind.VARIADIC, Kind.KEYWORDS):
            pieces.append(Piece(keywords[i], i))
        elif keywords[i] is None and in_place and (action.positional < 0 or i < action.positional):
            pieces.append(Piece(None, i))
        else:
            in_place = False
            pieces.append(Piece(action.renames.get(name, name), i))
    written = {piece.keyword for piece in pieces}
    return (*pieces, *(Piece(s.keyword, None, (), s) for s in action.defaults if s.keyword not in written))


def _computed(action: Action) -> dict[str, tuple[Setting, ...]]:
    """Source parameter to the target keywords that are computed from it."""
    found = dict(action.settings)
    for setting in action.defaults:
        for name in parse_template(setting.template).holes:
            found[name] = (*found.get(name, ()), setting)
    return found


def acts(site: Site, node: ast.expr) -> bool:
    """Whether computing a value may do something else, too: it assigns, waits, or calls what is not the framework's."""
    found = list(walk(node))
    if any(isinstance(part, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom) for part in found):
        return True
    return any(isinstance(part, ast.Call) and part not in site.inference.uses for part in found)


def says_default(value: ast.expr, default: str | None) -> bool:
    """Whether an argument spells out the default; ``(1, 1)`` is what a size of 1 means in two dimensions."""
    if isinstance(value, ast.Tuple | ast.List) and default is not None and default.isdigit():
        return bool(value.elts) and all(ast.unparse(part) == default for part in value.elts)
    return ast.unparse(value) == default


def target_names(template: Template, target: str) -> list[str]:
    """The dotted names of the target framework that a template writes."""
    found: list[str] = []

    def note(name: str) -> str:
        found.append(name)
        return name

    template.fill({hole: cst.Name("x") for hole in template.holes}, note)
    return [name for name in found if name == target or name.startswith(target + ".")]


def is_simple(node: ast.expr) -> bool:
    """Whether evaluating a node twice costs and changes nothing: names, attributes of names, literals."""
    if isinstance(node, ast.Attribute):
        return is_simple(node.value)
    if isinstance(node, ast.UnaryOp):
        return is_simple(node.operand)
    return isinstance(node, ast.Name | ast.Constant)


def filled(template: str, nodes: Mapping[str, cst.BaseExpression], spelled: Mapping[str, str]) -> cst.BaseExpression:
    """A template's expression; literals are folded (``not True`` gives ``False``)."""
    parsed = parse_template(template)
    code = cst.Module([]).code_for_node
    result = parsed.fill(nodes, lambda name: spelled.get(name, name))
    text = code(result)
    folded = fold(text)
    return result if folded == text else cst.parse_expression(folded)


def node_of(plan: ArgumentPlan, name: str, arguments: Sequence[cst.Arg]) -> cst.BaseExpression:
    """The value of a parameter: the given argument's, else the source's default."""
    if name in plan.given:
        return arguments[plan.given[name]].value
    return cst.parse_expression(plan.missing[name])


def with_arguments(call: cst.Call, plan: ArgumentPlan, single_is_list: bool = False) -> cst.Call:
    """The call with the planned arguments; commas, white space and comments stay where they were.

    Args:
        single_is_list: the one collected argument is a sequence already and is passed as it is.
    """
    old = call.args
    made: list[cst.Arg] = []
    appended: list[cst.Arg] = []
    for piece in plan.pieces:
        value = _value(piece, plan, old, single_is_list)
        if piece.index is None:
            appended.append(_keyword_argument(cst.Arg(value), piece.keyword))
            continue
        like = old[piece.listed[-1]] if piece.listed else old[piece.index]
        argument = like.with_changes(value=value, star=old[piece.index].star if not piece.listed else "")
        made.append(_keyword_argument(argument, piece.keyword))
    return _separated(call, made, appended)


def _value(piece: Piece, plan: ArgumentPlan, old: Sequence[cst.Arg], single_is_list: bool) -> cst.BaseExpression:
    if piece.setting is not None:
        holes = parse_template(piece.setting.template).holes
        return filled(piece.setting.template, {h: node_of(plan, h, old) for h in holes}, plan.spelled)
    if not piece.listed:
        assert piece.index is not None
        return old[piece.index].value
    values = [old[i] for i in piece.listed]
    if single_is_list and len(values) == 1:
        return values[0].value
    return listed(values)


def listed(arguments: Sequence[cst.Arg]) -> cst.List:
    """``2, *rest`` as ``[2, *rest]``, with the author's white space between the elements."""
    elements: list[cst.BaseElement] = []
    for i, argument in enumerate(arguments):
        make: Callable[..., cst.BaseElement] = cst.StarredElement if argument.star == "*" else cst.Element
        comma = argument.comma if i + 1 < len(arguments) else cst.MaybeSentinel.DEFAULT
        elements.append(make(argument.value, comma=comma))
    return cst.List(elements)


def _keyword_argument(argument: cst.Arg, keyword: str | None) -> cst.Arg:
    if keyword is None:
        return argument
    if argument.keyword is not None:
        return argument.with_changes(keyword=argument.keyword.with_changes(value=keyword))
    tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return argument.with_changes(keyword=cst.Name(keyword), equal=tight)


def _separated(call: cst.Call, made: list[cst.Arg], appended: list[cst.Arg]) -> cst.Call:
    """Commas between the arguments; the last one ends as the original's last one did."""
    old = call.args
    if not made and not appended:
        return call.with_changes(args=[], whitespace_before_args=cst.SimpleWhitespace(""))
    ending = (
        (old[-1].comma, old[-1].whitespace_after_arg) if old else (cst.MaybeSentinel.DEFAULT, cst.SimpleWhitespace(""))
    )
    before = call.whitespace_before_args
    between = before if isinstance(before, cst.ParenthesizedWhitespace) else cst.SimpleWhitespace(" ")
    plain = cst.Comma(whitespace_after=between)
    args = [*made, *appended]
    for i, argument in enumerate(args[:-1]):
        is_own = i < len(made) and argument.comma is not cst.MaybeSentinel.DEFAULT and i + 1 < len(made)
        if not is_own:
            args[i] = argument.with_changes(comma=plain, whitespace_after_arg=cst.SimpleWhitespace(""))
    args[-1] = args[-1].with_changes(comma=ending[0], whitespace_after_arg=ending[1])
    return call.with_changes(args=args)
