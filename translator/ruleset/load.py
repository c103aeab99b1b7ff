"""YAML rule files to a RuleSet. A wrong entry is a RuleError that names file and line.

Loading the built-in table costs a third of a second, so the checked result is kept in the user's cache, keyed by the
content of every file and by this package's version.
"""

from __future__ import annotations

import ast
import hashlib
import os
import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from translator.core import ConfigError, RuleError
from translator.files import cache_home, write_atomically
from translator.ruleset.model import (
    RESULT,
    Action,
    Difference,
    Kind,
    Pack,
    Parameter,
    Rule,
    RuleSet,
    Setting,
    Signature,
)

if TYPE_CHECKING:
    import yaml

    from translator.ruleset.schema import ActionEntry, RuleEntry

FORMAT = 46  # of the cached RuleSet; raise it when model.py or this file's reading of an entry changes


def rules_folder() -> Path:
    """The folder of the rule packs: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parent.parent
    beside = package.parent / "rules"
    return beside if beside.is_dir() else package / "rules"


def default_pack() -> Path:
    """The folder of the built-in pack.

    Raises:
        ConfigError: there is no pack, or more than one, so that none is the default.
    """
    packs = sorted(path.parent for path in rules_folder().glob("*/pack.yaml"))
    if len(packs) != 1:
        raise ConfigError(f"{len(packs)} rule packs found", path=str(rules_folder()), hint="name the pack")
    return packs[0]


def load_rules(extra: Sequence[Path] = (), *, pack: Path | None = None) -> RuleSet:
    """Load a pack, and lay the ``extra`` rule files over it, entry by entry: the last one wins.

    Raises:
        RuleError: a file is not YAML, or an entry does not fit the schema; says file and line.
        ConfigError: a file is missing.
    """
    folder = pack or default_pack()
    built_in = [folder / "pack.yaml", *sorted(p for p in folder.rglob("*.yaml") if p.name != "pack.yaml")]
    texts = {path: _read(path) for path in (*built_in, *extra)}
    digest = _digest(texts)
    cached = None if os.environ.get("TRANSLATE_NO_CACHE") else cache_home() / "rules" / f"{digest[:32]}.pickle"
    if cached is not None and (known := _unpickle(cached)) is not None:
        return known
    rules = replace(_build(texts, folder), digest=digest)
    if cached is not None:
        _store(cached, rules)
    return rules


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot read the rules: {error.strerror}", path=str(path), hint="check the path") from error
    except UnicodeDecodeError as error:
        raise RuleError("not UTF-8", path=str(path), line=1, hint="save the file as UTF-8") from error


def _digest(texts: dict[Path, str]) -> str:
    """Changes when a rule changes, or how rules are read."""
    digest = hashlib.sha256(f"{FORMAT}".encode())
    for path, text in texts.items():
        digest.update(f"\0{path}\0".encode())
        digest.update(text.encode())
    return digest.hexdigest()


def _unpickle(path: Path) -> RuleSet | None:
    try:
        known = pickle.loads(path.read_bytes())  # noqa: S301 - our own cache, below the user's home
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError, TypeError, ValueError):
        return None
    return known if isinstance(known, RuleSet) else None


def _store(path: Path, rules: RuleSet) -> None:
    try:
        write_atomically(path, pickle.dumps(rules, protocol=pickle.HIGHEST_PROTOCOL))
    except ConfigError:
        return  # a read-only home: rules are read anew each time


def _build(texts: dict[Path, str], folder: Path) -> RuleSet:
    by_api: dict[str, Rule] = {}
    pack = _pack(folder / "pack.yaml", texts[folder / "pack.yaml"])
    for path, text in texts.items():
        if path.name == "pack.yaml":
            continue
        seen: dict[str, str] = {}
        for rule in read_rules(text, path):
            for name in (rule.api, *rule.also):
                if name in seen or (folder in path.parents and name in by_api):
                    first = seen.get(name) or by_api[name].origin
                    file, _, line = rule.origin.rpartition(":")
                    raise RuleError(
                        f"`{name}` has a rule already, at {first}", path=file, line=int(line), hint="merge them"
                    )
                seen[name] = rule.origin
                by_api[name] = rule
    return RuleSet(pack, by_api)


def _pack(path: Path, text: str) -> Pack:
    from translator.ruleset.schema import PackEntry

    nodes = _compose(text, path)
    entry = PackEntry.model_validate(_validated(PackEntry, nodes, path))
    values = entry.model_dump()
    return Pack(
        name=path.parent.name,
        folder=str(path.parent),
        **values
        | {
            "source_packages": tuple(entry.source_packages),
            "releases": tuple(entry.releases),
            "shared_methods": frozenset(entry.shared_methods),
            "tensor_parameters": tuple(entry.tensor_parameters),
            "owners": tuple(entry.owners),
            "tensor_keywords": frozenset(entry.tensor_keywords),
        },
    )


def read_rules(text: str, path: Path) -> Iterator[Rule]:
    """Every entry of one rule file.

    Raises:
        RuleError: the file is not a YAML list of entries, or an entry is wrong.
    """
    import yaml

    from translator.ruleset.schema import RuleEntry

    document = _compose(text, path)
    if document is None:
        return
    if not isinstance(document, yaml.SequenceNode):
        raise RuleError("a rule file is a list of entries", path=str(path), line=1, hint="begin each with `- api: ...`")
    for node in document.value:
        entry = RuleEntry.model_validate(_validated(RuleEntry, node, path))
        line = node.start_mark.line + 1
        try:
            yield _rule(entry, f"{_shown(path)}:{line}")
        except ValueError as error:
            raise RuleError(f"`{entry.api}`: {error}", path=str(path), line=line, hint="see docs/rules.md") from error


def _shown(path: Path) -> str:
    root = rules_folder().parent
    return str(path.relative_to(root)) if root in path.parents else str(path)


def _compose(text: str, path: Path) -> yaml.Node | None:
    import yaml

    try:
        node: yaml.Node | None = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RuleError(f"not YAML: {error.problem}", path=str(path), line=line, hint="mend the YAML there") from error
    except yaml.YAMLError as error:
        raise RuleError("not YAML", path=str(path), line=1, hint="mend the YAML") from error
    return node


def _validated(model: Any, node: Any, path: Path) -> dict[str, Any]:
    """The node's plain data, after the model accepted it; a refusal becomes a RuleError at the offending key."""
    import yaml
    from pydantic import ValidationError

    try:
        data: dict[str, Any] = yaml.constructor.SafeConstructor().construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RuleError(f"not YAML: {error.problem}", path=str(path), line=line, hint="mend the YAML there") from error
    try:
        model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RuleError(
            f"`{where}`: {first['msg'].lower()}" if where else first["msg"],
            path=str(path),
            line=_line_of(node, first["loc"]),
            hint="see docs/rules.md for the fields of an entry",
        ) from error
    return data


def _line_of(node: Any, location: Iterable[int | str]) -> int:
    """The line of the deepest key of ``location`` that the YAML really has."""
    import yaml

    line: int = node.start_mark.line + 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            return line
    return line


def _rule(entry: RuleEntry, origin: str) -> Rule:
    if entry.status == "unsupported":
        if not entry.note:
            raise ValueError("`status: unsupported` needs a `note` that says why")
        actions: tuple[Action, ...] = ()
    elif entry.overloads:
        actions = tuple(_action(overload, entry) for overload in entry.overloads)
    else:
        actions = (_action(entry, entry),)
    return Rule(
        api=entry.api,
        origin=origin,
        actions=actions,
        also=tuple(entry.also),
        returns=entry.returns,
        output=entry.output,
        runs=entry.runs,
        overrides=entry.overrides,
        weights=entry.weights,
        differs=tuple(Difference(d.tensor, d.when, d.why, d.correction) for d in entry.differs),
        init=entry.init,
        since=entry.since,
        status=entry.status,
        layout=entry.layout,
        dtype=entry.dtype,
        promotes=tuple(entry.promotes),
        shares=entry.shares,
        written=entry.written,
        stores=entry.stores,
        note=entry.note,
        hint=entry.hint,
        example=entry.example,
    )


def _action(entry: ActionEntry, rule: RuleEntry) -> Action:
    signature = parse_signature(entry.signature) if entry.signature is not None else None
    renames, settings = {}, {}
    for name, value in entry.args.items():
        if isinstance(value, str) and "=" not in value:
            renames[name] = value
        else:
            settings[name] = tuple(_setting(text) for text in ([value] if isinstance(value, str) else value))
    action = Action(
        signature=signature,
        to=entry.to if entry.to is not None else rule.to,
        rewrite=entry.rewrite or rule.rewrite or "call",
        renames=renames,
        settings=settings,
        defaults=tuple(Setting(keyword, template) for keyword, template in entry.defaults.items()),
        drop=entry.drop,
        refuse=entry.refuse,
        positional={"same": -1, "none": 0}[entry.positional] if isinstance(entry.positional, str) else entry.positional,
        helper=entry.helper or rule.helper,
        returns=entry.returns or rule.returns,
        when=entry.when,
        once=entry.once,
        base=entry.base,
        check=entry.check,
        around=entry.around,
        assigned={"*": entry.assigned} if isinstance(entry.assigned, str) else entry.assigned,
    )
    _check_names(action)
    return action


def _setting(text: str) -> Setting:
    keyword, found, template = text.partition("=")
    if not found or not keyword.strip().isidentifier():
        raise ValueError(f"`{text}` is neither a keyword nor `keyword = expression`")
    return Setting(keyword.strip(), template.strip())


def _check_names(action: Action) -> None:
    """Every name in args, drop, refuse and when, and every hole, is a parameter of the signature."""
    from translator.ruleset.target import is_template, parse_template

    named = {*action.renames, *action.settings, *action.drop, *action.refuse, *action.around, *action.when} - {
        RESULT,
        "self",
    }
    if named and action.signature is None:
        raise ValueError("`args`, `drop`, `refuse` and `when` need a `signature`")
    templates = [
        setting.template for setting in (*action.defaults, *(s for some in action.settings.values() for s in some))
    ]
    if action.to is not None and is_template(action.to):
        templates.append(action.to)
    if action.once is not None:
        templates.append(action.once)
    for template in action.assigned.values():
        if set(parse_template(template).holes) - {"value"}:
            raise ValueError(f"`{template}`: only `{{value}}` stands in what an assignment becomes")
    holes = {hole for template in templates for hole in parse_template(template).holes} - {"self"}
    known = {parameter.name for parameter in action.signature.parameters} if action.signature else set()
    if unknown := sorted((named | holes) - known):
        raise ValueError(f"`{unknown[0]}` is not a parameter of the signature")


def parse_signature(text: str) -> Signature:
    """``(tensors, dim=0, *, out=None)`` to a Signature.

    Raises:
        ValueError: not a parameter list.
    """
    try:
        function = ast.parse(f"def f{text.strip()}: pass").body[0]
    except SyntaxError as error:
        raise ValueError(f"`{text}` is not a signature") from error
    assert isinstance(function, ast.FunctionDef)
    a = function.args
    positional = [*a.posonlyargs, *a.args]
    first_default = len(positional) - len(a.defaults)
    parameters = [
        Parameter(p.arg, Kind.POSITIONAL, ast.unparse(a.defaults[i - first_default]) if i >= first_default else None)
        for i, p in enumerate(positional)
    ]
    if a.vararg:
        parameters.append(Parameter(a.vararg.arg, Kind.VARIADIC))
    for p, default in zip(a.kwonlyargs, a.kw_defaults, strict=True):
        parameters.append(Parameter(p.arg, Kind.KEYWORD, ast.unparse(default) if default else None))
    if a.kwarg:
        parameters.append(Parameter(a.kwarg.arg, Kind.KEYWORDS))
    return Signature(tuple(parameters))


def rule_text(rule: Rule) -> str:
    """The YAML of a rule as its file has it, comments and all."""
    file, _, line = rule.origin.rpartition(":")
    path = Path(file) if Path(file).is_absolute() or Path(file).exists() else rules_folder().parent / file
    lines = _read(path).splitlines(keepends=True)
    start = int(line) - 1
    end = next((i for i in range(start + 1, len(lines)) if lines[i].startswith(("- ", "#"))), len(lines))
    return "".join(lines[start:end])
