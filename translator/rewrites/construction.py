"""``super().__init__(...)`` of a class that extends a layer of the framework."""

from __future__ import annotations

from dataclasses import replace

from translator.analysis.sites import Site
from translator.core import Diagnostic
from translator.rewrites.call import call
from translator.rewrites.registry import Edit
from translator.ruleset.branches import targets


def construction(site: Site) -> Edit | Diagnostic:
    """The arguments change as in a call of the class; where they cannot, the class has to extend the adapter."""
    assert site.rule is not None
    found = site.action()
    if found is None or (found.to or found.helper) != targets(site.rule)[-1]:
        message = f"the arguments that `{site.api}` gets from a class that extends it cannot be translated"
        return site.refuse("T306", message, hint="write them out")
    return call(site, replace(found, to=None, helper=None))
