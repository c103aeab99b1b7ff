"""The command line. One short function a command; the only place that prints or exits.

Heavy imports stand inside the commands: a plain translation loads neither a framework nor pydantic, jinja2, matplotlib.
"""

from translator.cli import evaluation, models, proof, rules, source
from translator.cli.app import app, main

__all__ = ["app", "evaluation", "main", "models", "proof", "rules", "source"]
