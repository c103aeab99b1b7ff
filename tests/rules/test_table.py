"""The built-in table agrees with the inventory of the release that it is written for."""

from __future__ import annotations

from translator.ruleset.check import check_rules
from translator.ruleset.inventory import load_inventory
from translator.ruleset.load import load_rules


def test_has_no_problems() -> None:
    assert [f"{p.origin}: {p.message}" for p in check_rules(load_rules())] == []


def test_there_is_an_inventory_of_every_supported_release() -> None:
    pack = load_rules().pack
    found = [load_inventory(pack, release) for release in pack.releases]
    assert all(inventory is not None and len(inventory.names) > 2000 for inventory in found)
    assert [i.release.startswith(r) for i, r in zip(found, pack.releases, strict=True) if i] == [True] * len(found)
