"""The worker's loop: read a request, run it, answer; the same for every framework."""

from __future__ import annotations

import json
import os
import select
import sys
import threading
from collections.abc import Callable
from typing import Any

from translator.core import CheckpointError, ConfigError, TranslatorError
from translator.workers.entry import user_error
from translator.workers.framework import Framework
from translator.workers.protocol import Answer, Failure, FailureKind, Request
from translator.workers.session import Session


def serve(make: Callable[[], Framework]) -> int:
    """Answer requests on the two pipes named on the command line until the first one closes.

    When it closes in the middle of an operation, the caller is gone, and so is this process at once.

    Args:
        make: sets the framework up.
    """
    requests, answers = (int(argument) for argument in sys.argv[1:3])
    for pipe in (requests, answers):
        os.set_inheritable(pipe, False)
    session: Session | None = None
    is_busy = threading.Event()
    threading.Thread(target=_end_without_caller, args=(requests, is_busy), daemon=True).start()
    with os.fdopen(requests, encoding="utf-8") as lines, os.fdopen(answers, "w", encoding="utf-8") as replies:
        for line in lines:
            is_busy.set()
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
            is_busy.clear()
    return 0


def _end_without_caller(requests: int, is_busy: threading.Event) -> None:
    """End the process while it computes what nobody will read; the loop ends by itself when it waits."""
    gone = select.poll()
    gone.register(requests, 0)
    gone.poll()
    is_busy.wait()
    os._exit(1)


def _failure(error: Exception, operation: str) -> Failure:
    known = error if isinstance(error, TranslatorError) else user_error(error, f"`{operation}` raised")
    kinds: dict[type[Any], FailureKind] = {ConfigError: "config", CheckpointError: "checkpoint"}
    kind = kinds.get(type(known), "worker")
    return Failure(kind=kind, message=known.message, path=known.path, line=known.line, hint=known.hint)
