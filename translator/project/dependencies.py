"""Dependencies: what a project needs of the source framework becomes what it needs of the target.

Which distribution stands for which is said in ``pack.yaml`` (``distributions``). Versions, extras, hashes and URLs
belong to the old distribution and go with it; markers and comments stay. Two that become the same one are listed once.
What needs the framework and has no counterpart in the pack stays, with a warning.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from translator.analysis.text import SourceText
from translator.codes import CODES
from translator.core import Diagnostic, Position, SourceError, Translation
from translator.ruleset.model import Pack

_LINE = re.compile(r"(?P<indent>\s*)(?P<code>.*?)(?P<comment>\s*(?:(?<!\S)#.*)?)$", re.DOTALL)
_HASHES = re.compile(r"\s*\\?\s*--hash[= ]\S+")
_KEY = re.compile(r"([A-Za-z_][\w.-]*)\s*[=:]\s*(.*)$")
_SECTION = re.compile(r"\[([^]]+)\]")
_FIELDS = frozenset({"install_requires", "setup_requires", "tests_require", "extras_require"})


@dataclass(slots=True)
class Dependencies:
    """The dependencies of one file, and what there is to say about them."""

    pack: Pack
    path: str
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def become(self, requirement: str, line: int) -> str:
        """What one requirement becomes; itself when it is none of the framework's."""
        try:
            found = Requirement(_HASHES.sub("", requirement))
        except InvalidRequirement:
            return requirement
        name = canonicalize_name(found.name)
        target = self.pack.distributions.get(name)
        if target is None:
            if self.pack.source in name:
                self.warn(line, found.name)
            return requirement
        return f"{target}; {found.marker}" if found.marker else target

    def warn(self, line: int, name: str) -> None:
        """Say that a dependency stays."""
        message = f"`{name}` needs the source framework, and nothing is known that stands for it"
        place, hint = Position(self.path, line), "look for a counterpart, or take it out"
        self.diagnostics.append(Diagnostic("T104", CODES["T104"].severity, place, message, hint=hint))

    # --- requirements.txt, setup.cfg ---------------------------------------------------------------------------

    def in_lines(self, lines: list[str], numbers: range) -> list[str]:
        """Requirements, one a line or joined by backslashes; lines that are none stay."""
        out: list[str] = []
        seen: set[str] = set()
        for number, line in _joined(lines, numbers):
            found = _LINE.match(line)
            assert found is not None
            code = found["code"].strip()
            if code.startswith("-"):
                if self.pack.source in code and "://" in code:
                    self.warn(number, code)
                out.append(line)
                continue
            new = self.become(code, number) if code else code
            if new == code:
                out.append(line)
            elif new not in seen:
                out.append(found["indent"] + new + found["comment"])
            elif found["comment"].strip():
                out.append(found["indent"] + found["comment"].lstrip())
            seen.add(new)
        return out

    def in_requirements(self, text: str) -> str:
        """A requirements file."""
        lines = text.splitlines(keepends=True)
        ended = [line.rstrip("\r\n") for line in lines]
        end = "\r\n" if "\r\n" in text else "\n"
        out = end.join(self.in_lines(ended, range(1, len(lines) + 1)))
        return out + (end if text.endswith("\n") and out else "")

    def in_configuration(self, text: str) -> str:
        """``setup.cfg``: the lines of ``install_requires`` and its like, and of every extra."""
        end = "\r\n" if "\r\n" in text else "\n"
        lines = text.split(end)
        out: list[str] = []
        section, at = "", 0
        while at < len(lines):
            line = lines[at]
            header, key = _SECTION.match(line), _KEY.match(line)
            section = header[1].strip() if header else section
            at += 1
            if not key or not (key[1] in _FIELDS or section == "options.extras_require"):
                out.append(line)
                continue
            value = key[2].rstrip()
            out.append(line[: key.start(2)] + (self.become(value, at) if value else ""))
            first = at
            while at < len(lines) and (not lines[at].strip() or lines[at][0] in " \t#"):
                at += 1
            out += self.in_lines(lines[first:at], range(first + 1, at + 1))
        return end.join(out)

    # --- pyproject.toml ----------------------------------------------------------------------------------------

    def in_project(self, text: str) -> str:
        """``pyproject.toml``: the project's dependencies, extras, groups and build requirements; poetry's tables.

        Raises:
            SourceError: it is not TOML.
        """
        import tomlkit
        from tomlkit.exceptions import ParseError

        try:
            document = tomlkit.parse(text)
        except ParseError as error:
            line = getattr(error, "line", 1)
            raise SourceError(f"not TOML: {error}", path=self.path, line=line, hint="mend the file first") from error
        data: Any = document
        before = tomlkit.dumps(document)
        project, poetry = data.get("project", {}), data.get("tool", {}).get("poetry", {})
        groups = [*project.get("optional-dependencies", {}).values(), *data.get("dependency-groups", {}).values()]
        for listed in (project.get("dependencies"), data.get("build-system", {}).get("requires"), *groups):
            if isinstance(listed, list):
                self._in_list(listed, text)
        for table in (poetry, *poetry.get("group", {}).values()):
            for name in ("dependencies", "dev-dependencies"):
                self._in_table(table.get(name, {}), text)
        after = tomlkit.dumps(document)
        return text if after == before else after

    def _in_list(self, listed: list[Any], text: str) -> None:
        seen: set[str] = set()
        index = 0
        while index < len(listed):
            old = listed[index]
            new = self.become(str(old), _line_of(str(old), text)) if isinstance(old, str) else str(old)
            if isinstance(old, str) and new != old and new in seen:
                del listed[index]
                continue
            if isinstance(old, str) and new != old:
                listed[index] = new
            seen.add(new)
            index += 1

    def _in_table(self, table: Any, text: str) -> None:
        """``name = "^1.2"``: the key is the distribution."""
        for name in list(table):
            target = self.pack.distributions.get(canonicalize_name(name))
            if target is not None:
                del table[name]
                found = Requirement(target)
                table[found.name] = str(found.specifier) or "*"
            elif self.pack.source in canonicalize_name(name):
                self.warn(_line_of(name, text), name)

    # --- setup.py ----------------------------------------------------------------------------------------------

    def in_setup(self, text: str) -> str:
        """``setup.py``: the strings in ``install_requires=[...]`` and its like, given as a list or by a name."""
        try:
            tree = ast.parse(text)
        except SyntaxError:
            return text  # translating the file has said so
        source = SourceText(self.path, text)
        for node in reversed(_required(tree)):
            old = str(node.value)
            new = self.become(old, node.lineno)
            if new != old:
                start, end = source.range(node)
                quote = text[start] if text[start] in "'\"" else '"'
                text = f"{text[:start]}{quote}{new}{quote}{text[end:]}"
        return text


def with_dependencies(translation: Translation, pack: Pack) -> Translation:
    """The translation of a file that lists dependencies, by its name, with those translated, too.

    Raises:
        SourceError: it cannot be parsed.
    """
    found = Dependencies(pack, translation.path)
    translate = {
        "pyproject.toml": found.in_project,
        "setup.cfg": found.in_configuration,
        "setup.py": found.in_setup,
    }.get(os.path.basename(translation.path), found.in_requirements)
    text = translate(translation.text)
    return replace(translation, text=text, diagnostics=(*translation.diagnostics, *found.diagnostics))


def _joined(lines: list[str], numbers: range) -> Iterator[tuple[int, str]]:
    """Lines with those that a backslash continues."""
    held, first = "", 0
    for number, line in zip(numbers, lines, strict=True):
        first = first if held else number
        held = f"{held}\n{line}" if held else line
        if not line.endswith("\\"):
            yield first, held
            held = ""
    if held:
        yield first, held


def _line_of(value: str, text: str) -> int:
    """The line where a string stands first."""
    return text.count("\n", 0, max(text.find(value), 0)) + 1


def _required(tree: ast.Module) -> list[ast.Constant]:
    """The strings that name requirements, in source order; a variable stands for the list that it was given."""
    named = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    pending = [k.value for k in chain.from_iterable(call.keywords for call in calls) if k.arg in _FIELDS]
    found: list[ast.Constant] = []
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name):
            pending += [named.pop(node.id)] if node.id in named else []
        elif isinstance(node, ast.List | ast.Tuple | ast.Set):
            pending += node.elts
        elif isinstance(node, ast.Dict):
            pending += node.values
        elif isinstance(node, ast.BinOp):
            pending += [node.left, node.right]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node)
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))
