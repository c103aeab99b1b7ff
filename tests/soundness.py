"""What holds for every translation, whatever the input: one list of broken promises, empty when all are kept."""

from __future__ import annotations

import ast
import builtins
import io
import re
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterator

from translator.analysis.annotations import type_arguments
from translator.analysis.exports import exported
from translator.analysis.names import Import, Names, Scope
from translator.analysis.stars import bind_stars
from translator.analysis.world import World
from translator.codes import CODES
from translator.core import Translation
from translator.ruleset.model import RuleSet

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
TYPE = re.compile(r"#\s*type:(?!\s*ignore\b)")
GENERICS = {"List", "Dict", "Optional", "Union", "Tuple", "Type", "Sequence", "Callable"}
LEFT = {code for code in CODES if code != "T201"}


def problems(translation: Translation, rules: RuleSet, suffix: str = "", world: World | None = None) -> list[str]:
    """Every promise that a translation breaks, in words; ``world`` has the modules that are translated with it."""
    tree = parsed(translation.text)
    if tree is None:
        return ["the output does not compile"]
    return [
        *_lost_comments(translation),
        *_unexplained_names(translation, tree, rules, world or World()),
        *_wrong_lines(translation, suffix),
        *_wrong_figures(translation),
    ]


def parsed(text: str) -> ast.Module | None:
    """The tree of a module that compiles, or None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text.removeprefix("\ufeff"), "output.py", "exec", dont_inherit=True)
            return ast.parse(text.removeprefix("\ufeff"))
    except (SyntaxError, ValueError):
        return None


def comments(text: str) -> Counter[str]:
    """How often each comment stands in a module; of a type comment what is between its names."""
    tokens = tokenize.generate_tokens(io.StringIO(text, newline="").readline)
    found = (token.string.rstrip() for token in tokens if token.type == tokenize.COMMENT)
    return Counter(re.sub(r"[\w.]+", "_", one) if TYPE.match(one) else one for one in found)


def _lost_comments(translation: Translation) -> Iterator[str]:
    before, after = comments(translation.source), comments(translation.text)
    for comment in before - after:
        yield f"lost: {comment}"
    for comment in after - before:
        yield f"invented: {comment}"


# --- names of the source framework -----------------------------------------------------------------------------


def _unexplained_names(translation: Translation, tree: ast.Module, rules: RuleSet, world: World) -> Iterator[str]:
    """Names that still lead to the source framework, or nowhere, at a place that no diagnostic covers."""

    def is_source(entry: Import) -> bool:
        return entry.module.partition(".")[0] in rules.pack.source_packages and not world.has(entry.module)

    told = _told(translation)
    old_tree = ast.parse(translation.source.removeprefix("\ufeff"))
    old = Names(old_tree)
    bind_stars(old_tree, old, lambda module, name: rules.get(f"{module}.{name}") is not None)
    once = {entry.name for entry in old.imports if is_source(entry)}
    once -= {node.id for node, scope in _names(old_tree, old) if scope.holder(node.id) is None}
    names, simple = Names(tree), _simple_statements(tree)
    for node, scope in _names(tree, names):
        holder = scope.holder(node.id)
        entries = holder.imports.get(node.id, []) if holder else []
        is_left = any(map(is_source, entries))
        is_dangling = node.id in once and scope.holder(node.id) is None and not hasattr(builtins, node.id)
        if not is_left and not is_dangling:
            continue
        around = [s for s in simple if s.lineno <= node.lineno <= (s.end_lineno or 0)]
        lines = _mapped(translation, around[0] if around else node)
        if "__all__" in ast.unparse(around[0] if around else node).partition("=")[0]:
            lines |= {line for entry in entries for line in _mapped(translation, entry.statement)}
        for edit in translation.edits:  # an expression of several lines may have become one line
            if edit.output_line <= node.lineno <= edit.output_end_line:
                lines |= set(range(edit.position.line, edit.position.end_line + 1))
        if (
            entries and holder is not None and holder.imported(node.id) is None
        ):  # then the import carries the diagnostic
            lines |= {line for entry in entries for line in _mapped(translation, entry.statement)}
        if not told.intersection(lines):
            why = "leads to the source framework" if is_left else "leads nowhere"
            yield f"line {node.lineno}: `{node.id}` {why} and no diagnostic says so"
    used = {(holder, node.id) for node, scope in _names(tree, names) if (holder := scope.holder(node.id)) is not None}
    for entry in names.imports:
        serves = any(holder.imports.get(name, ()) and entry in holder.imports[name] for holder, name in used)
        if is_source(entry) and not serves and not told.intersection(_mapped(translation, entry.statement)):
            yield f"line {entry.statement.lineno}: the import of `{entry.name}` serves nothing, and nothing says why"


def _told(translation: Translation) -> set[int]:
    """The source lines that a diagnostic says something about that was left."""
    return {
        line
        for found in translation.diagnostics
        if found.code in LEFT
        for line in range(found.position.line, found.position.end_line + 1)
    }


def _simple_statements(tree: ast.Module) -> list[ast.stmt]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and not hasattr(node, "body")]


def _mapped(translation: Translation, node: ast.stmt | ast.expr) -> set[int]:
    """The source lines that a node of the output comes from."""
    return set(translation.line_map[node.lineno - 1 : node.end_lineno])


def _names(tree: ast.Module, names: Names) -> Iterator[tuple[ast.Name, Scope]]:
    """Every name that is read, with the scope that it is looked up from; those in string annotations, too."""

    def walk(node: ast.AST, scope: Scope) -> Iterator[tuple[ast.Name, Scope]]:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node, scope
        inner = names.scopes.get(node, scope)
        for name, value in ast.iter_fields(node):
            is_outer = name in ("decorator_list", "bases", "keywords", "returns", "args")
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from walk(child, scope if is_outer else inner)
                if name in ("annotation", "returns") and isinstance(child, ast.AST):
                    yield from _quoted(child, scope)
        if isinstance(node, ast.Call):
            yield from (found for part in type_arguments(node) for found in _quoted(part, scope))
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).rpartition(".")[2] in GENERICS:
            yield from _quoted(node.slice, scope)
        elif isinstance(node, ast.Module):
            yield from _listed(node, scope)

    yield from walk(tree, names.module)


def _listed(tree: ast.Module, scope: Scope) -> Iterator[tuple[ast.Name, Scope]]:
    """The names in ``__all__``, which have to be bound."""
    for entry, name in exported(tree):
        yield ast.copy_location(ast.Name(name, ast.Load()), entry), scope


def _quoted(annotation: ast.AST, scope: Scope) -> Iterator[tuple[ast.Name, Scope]]:
    literals = {
        value
        for part in ast.walk(annotation)
        if isinstance(part, ast.Subscript) and ast.unparse(part.value).endswith("Literal")
        for value in ast.walk(part.slice)
    }
    literals |= {value for part in ast.walk(annotation) if isinstance(part, ast.JoinedStr) for value in ast.walk(part)}
    for part in ast.walk(annotation):
        if part not in literals and isinstance(part, ast.Constant) and isinstance(part.value, str):
            try:
                inner = ast.parse(part.value.strip(), mode="eval")
            except SyntaxError:
                continue
            for name in ast.walk(inner):
                if isinstance(name, ast.Name):
                    name.lineno, name.end_lineno = part.lineno, part.end_lineno
                    yield name, scope


# --- lines, positions, figures ---------------------------------------------------------------------------------


def _wrong_lines(translation: Translation, suffix: str) -> Iterator[str]:
    """The line map has every output line, in order, and a line that nothing changed reads as in the source."""
    before, after = (LINE.findall(text.removeprefix("\ufeff")) for text in (translation.source, translation.text))
    mapped = translation.line_map
    if len(mapped) != len(after):
        yield f"the line map has {len(mapped)} lines and the output {len(after)}"
        return
    known = [line for line in mapped if line]
    if known != sorted(known) or any(line > len(before) for line in known):
        yield "the line map goes back, or beyond the end"
        return
    edited = {line for edit in translation.edits for line in range(edit.output_line, edit.output_end_line + 1)}
    imports = {
        line
        for node in ast.walk(ast.parse(translation.source.removeprefix("\ufeff")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    spared = imports | _told(translation)  # what is left may be written out in full
    for number, (text, line) in enumerate(zip(after, mapped, strict=True), 1):
        plain = text.replace(suffix, "") if suffix else text
        if line and number not in edited and line not in spared and plain.strip() != before[line - 1].strip():
            yield f"line {number} is said to be line {line} of the source, and reads otherwise: {text!r}"


def _wrong_figures(translation: Translation) -> Iterator[str]:
    counts = translation.counts
    if counts.sites != counts.certain + counts.assumed + sum(counts.left.values()):
        yield f"the counts do not add up: {counts}"
    if len(translation.edits) > counts.certain + counts.assumed:
        yield "more edits were applied than planned"
    lines = LINE.findall(translation.source)
    last = len(LINE.findall(translation.text))
    for found in (*translation.edits, *translation.diagnostics):
        place = found.position
        is_inside = 1 <= place.line <= place.end_line <= len(lines) and 0 <= place.column <= len(lines[place.line - 1])
        if not is_inside or place.end_column > len(lines[place.end_line - 1]):
            yield f"{place} is not a place of the source"
    for edit in translation.edits:
        if not 1 <= edit.output_line <= edit.output_end_line <= last:
            yield f"the edit at {edit.position} claims lines {edit.output_line} to {edit.output_end_line} of the output"
    for found in translation.diagnostics:
        if found.code not in CODES or found.severity is not CODES[found.code].severity:
            yield f"{found.code} is not in the table of codes, or of another severity there"
    if list(translation.diagnostics) != sorted(translation.diagnostics, key=lambda d: (d.position, d.code)):
        yield "the diagnostics are not in source order"
