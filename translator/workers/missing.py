"""What a worker answers when its interpreter lacks the framework, numpy or safetensors. Standard library only."""

from __future__ import annotations

import json
import os
import sys

from translator.workers.protocol import Answer, Failure


def answer_missing(error: ImportError) -> int:
    """Answer the first request with what cannot be imported; the exit status."""
    requests, answers = (int(argument) for argument in sys.argv[1:3])
    name = (error.name or str(error)).split(".")[0]
    found = isinstance(error, ModuleNotFoundError)
    message = f"{name} is not installed for {sys.executable}" if found else f"{name} cannot be imported: {error}"
    hint = f"install {name} there, or name another interpreter with --source-python or --target-python"
    with os.fdopen(requests, encoding="utf-8") as lines, os.fdopen(answers, "w", encoding="utf-8") as replies:
        lines.readline()
        failure = Failure(kind="worker", message=message, path="", line=0, hint=hint)
        replies.write(json.dumps(Answer(result={}, failure=failure)) + "\n")
    return 1
