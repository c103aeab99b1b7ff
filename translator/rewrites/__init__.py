"""Rewrites: one Site to an Edit or a Diagnostic. Importing this package registers all of them."""

from translator.rewrites import assignment, call, decorator, effect, reference, superfluous, unbound
from translator.rewrites.registry import REWRITES, Edit, rewrite

__all__ = [
    "REWRITES",
    "Edit",
    "assignment",
    "call",
    "decorator",
    "effect",
    "reference",
    "rewrite",
    "superfluous",
    "unbound",
]
