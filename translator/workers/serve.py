"""The worker's loop: read a request, run it, answer; the same for every framework."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from translator.core import CheckpointError, ConfigError, TranslatorError
from translator.workers.entry import user_error
from translator.workers.framework import Framework
from translator.workers.protocol import Answer, Failure, FailureKind, Request
from translator.workers.session import Session


def serve(make: Callable[[], Framework]) -> int:
    """Answer requests on the two pipes named on the command line until the first one closes.

    Args:
        make: sets the framework up.
    """
    requests, answers = (int(argument) for argument in sys.argv[1:3])
    for pipe in (requests, answers):
        os.set_inheritable(pipe, False)
    session: Session | None = None
    with os.fdopen(requests, encoding="utf-8") as lines, os.fdopen(answers, "w", encoding="utf-8") as replies:
        for line in lines:
            request: Request = json.loads(line)
            try:
                if session is None:
                    session = Session(make())
                result = session.run(request["operation"], request["arguments"])
                answer = Answer(result=result, failure=None)
            except Exception as error:  # noqa: BLE001 - the user's code may raise anything; the caller gets it
                answer = Answer(result={}, failure=_failure(error, request["operation"]))
            replies.write(json.dumps(answer) + "\n")
            replies.flush()
    return 0


def _failure(error: Exception, operation: str) -> Failure:
    known = error if isinstance(error, TranslatorError) else user_error(error, f"`{operation}` raised")
    kinds: dict[type[Any], FailureKind] = {ConfigError: "config", CheckpointError: "checkpoint"}
    kind = kinds.get(type(known), "worker")
    return Failure(kind=kind, message=known.message, path=known.path, line=known.line, hint=known.hint)
