"""Names and signatures of a release of the target, as the pack has them; ``workers.inventory`` makes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from translator.core import ConfigError
from translator.ruleset.load import parse_signature
from translator.ruleset.model import Kind, Pack, Signature


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a release of the target has.

    Args:
        release: its full version.
        names: dotted name to parameters as source text; None where nothing states them.
        bases: a class to the classes it inherits members from.
        aliases: a function to the keywords that it takes besides those of its signature.
    """

    release: str
    names: dict[str, str | None]
    bases: dict[str, list[str]]
    aliases: dict[str, list[str]]

    def find(self, name: str) -> str | None:
        """The entry of a name: itself, or the member of a base; None when there is none."""
        if name in self.names:
            return name
        owner, _, member = name.rpartition(".")
        return next(
            (f"{base}.{member}" for base in self.bases.get(owner, ()) if f"{base}.{member}" in self.names), None
        )

    def signature(self, name: str) -> Signature | None:
        """The parameters of a name that exists; None when nothing states them."""
        text = self.names.get(self.find(name) or "")
        return parse_signature(text) if text is not None else None


def takes(signature: Signature, keyword: str) -> bool:
    """Whether a call may name ``keyword``."""
    named = signature.get(keyword)
    if named is not None and named.kind in (Kind.POSITIONAL, Kind.KEYWORD):
        return True
    return any(parameter.kind is Kind.KEYWORDS for parameter in signature.parameters)


def inventory_file(pack: Pack, release: str | None = None) -> Path | None:
    """The newest inventory of a supported release of the pack's target; the first of ``pack.releases`` by default."""
    wanted = release or (pack.releases[0] if pack.releases else "")
    folder = Path(pack.folder) / "inventory"
    found = [path for path in folder.glob("*.json") if path.stem == wanted or path.stem.startswith(wanted + ".")]
    return max(found, key=lambda path: [int(n) for n in path.stem.split(".") if n.isdigit()], default=None)


def load_inventory(pack: Pack, release: str | None = None) -> Inventory | None:
    """The inventory of a release; None when the pack has none.

    Raises:
        ConfigError: the file cannot be read.
    """
    path = inventory_file(pack, release)
    if path is None:
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Inventory(path.stem, content["names"], content["bases"], content["aliases"])
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"not an inventory: {error}", path=str(path), hint="`translate rules inventory`") from error
