"""Translate PyTorch model source to PaddlePaddle, convert the weights, and prove that both agree."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from translator.engine.translate import translate_source
    from translator.evaluate.run import evaluate
    from translator.models.package import translate_models
    from translator.project.translate import translate_project
    from translator.verify.run import verify
    from translator.weights.convert import convert_checkpoint

__all__ = ["convert_checkpoint", "evaluate", "translate_models", "translate_project", "translate_source", "verify"]

_HOMES = {
    "translate_source": "translator.engine.translate",
    "translate_models": "translator.models.package",
    "translate_project": "translator.project.translate",
    "convert_checkpoint": "translator.weights.convert",
    "verify": "translator.verify.run",
    "evaluate": "translator.evaluate.run",
}


def __getattr__(name: str) -> Any:
    """Load a public function when it is first used, so that none of them costs what the others need."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
