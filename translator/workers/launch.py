"""Start a worker, talk to it, notice when it dies."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from translator.core import CheckpointError, ConfigError, TranslatorError, WorkerError
from translator.scratch import Scratch
from translator.workers.protocol import Answer, FrameworkName, Request

if TYPE_CHECKING:
    from typing import Self

PACKAGE = Path(__file__).resolve().parent.parent
START = """\
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to every process; the caller ends this one
try:
    from translator.workers.{framework}_worker import main
except ImportError as error:
    from translator.workers.missing import answer_missing
    raise SystemExit(answer_missing(error))
raise SystemExit(main())
"""
QUIET = {
    "PYTHONWARNINGS": "ignore",
    "GLOG_minloglevel": "2",
    "NVIDIA_TF32_OVERRIDE": "0",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    "FLAGS_cudnn_deterministic": "1",
    "FLAGS_embedding_deterministic": "1",
}
FAILURES: dict[str, type[TranslatorError]] = {
    "config": ConfigError,
    "checkpoint": CheckpointError,
    "worker": WorkerError,
}


class Worker:
    """A framework in a process of its own, alive until ``close``; use it in a ``with`` block.

    What the user's code prints goes to this process's standard error.

    Args:
        python: another interpreter that has the framework, safetensors and numpy; it need not have this package.
        device: ``cpu``, ``gpu`` or ``gpu:N``.
        threads: how many of them the framework computes with; None leaves it to the environment.
        hidden: top-level packages that cannot be imported there, as if they were not installed.

    Raises:
        ConfigError: no such interpreter, or the framework does not see the device.
        WorkerError: the framework cannot be imported there.
    """

    def __init__(
        self,
        framework: FrameworkName,
        *,
        python: str | None = None,
        device: str = "cpu",
        threads: int | None = None,
        hidden: Sequence[str] = (),
    ) -> None:
        self.framework, self.device = framework, device
        self.python = _interpreter(python)
        self._bundle = Scratch("worker")
        self._tail: deque[str] = deque(maxlen=20)
        self._lock = threading.Lock()
        self._start(self._bundle.path, {} if threads is None else {"OMP_NUM_THREADS": str(threads)})
        try:
            self.info = self.call("start", device=device, hidden=list(hidden))
        except BaseException:
            self.close()
            raise

    def _start(self, folder: Path, environment: dict[str, str]) -> None:
        _copy_bundle(folder)
        script = folder / "start_worker.py"
        script.write_text(START.format(framework=self.framework))
        requests_read, requests_write = os.pipe()
        answers_read, answers_write = os.pipe()
        command = [self.python, "-u", str(script), str(requests_read), str(answers_write)]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(requests_read, answers_write),
                env={**os.environ, **QUIET, **environment},
                text=True,
                errors="replace",
            )
        except OSError as error:
            os.close(requests_write)
            os.close(answers_read)
            raise ConfigError(f"cannot be started: {error.strerror}", path=self.python) from error
        finally:
            os.close(requests_read)
            os.close(answers_write)
        self._requests: TextIO = os.fdopen(requests_write, "w", encoding="utf-8")
        self._answers: TextIO = os.fdopen(answers_read, "r", encoding="utf-8")
        self._forwarding = threading.Thread(target=self._forward, args=(self._process.stdout,), daemon=True)
        self._forwarding.start()

    def _forward(self, lines: Iterable[str]) -> None:
        """Pass on what the worker's process prints, and remember its last lines for the message when it dies."""
        for line in lines:
            self._tail.append(line.rstrip())
            sys.stderr.write(line)

    def call(self, operation: str, **arguments: object) -> dict[str, Any]:
        """Run one operation and wait for its result.

        Raises:
            ConfigError: the request is wrong: an ENTRY, a file, a device.
            CheckpointError: a checkpoint is truncated, unsafe or does not fit.
            WorkerError: the user's model raised, or the process died.
        """
        with self._lock:
            try:
                self._requests.write(json.dumps(Request(operation=operation, arguments=arguments), default=str) + "\n")
                self._requests.flush()
                line = self._answers.readline()
            except (OSError, ValueError) as error:
                raise WorkerError(self._death(operation)) from error
        if not line:
            raise WorkerError(self._death(operation))
        answer: Answer = json.loads(line)
        failure = answer["failure"]
        if failure is not None:
            raise FAILURES[failure["kind"]](
                failure["message"], path=failure["path"], line=failure["line"], hint=failure["hint"]
            )
        return answer["result"]

    def _death(self, operation: str) -> str:
        code = self._process.wait()
        self._forwarding.join(timeout=2)
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        last = next((line for line in reversed(self._tail) if line.strip()), "")
        return f"the {self.framework} worker {how} during `{operation}`" + (f": {last}" if last else "")

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process runs: after a WorkerError it may or may not."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process at once, whatever it does; a call that waits for it raises WorkerError."""
        self._process.kill()

    def close(self) -> None:
        """End the process; safe to call twice."""
        for stream in (self._requests, self._answers):
            try:
                stream.close()
            except OSError:  # the process is gone and the last request was never read
                continue
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._forwarding.join(timeout=2)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._bundle.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _interpreter(python: str | None) -> str:
    if python is None:
        return sys.executable
    found = shutil.which(python)
    if found is None:
        raise ConfigError("no such Python interpreter", path=python)
    return found


def _copy_bundle(folder: Path) -> None:
    """The few files that a worker needs, so that its interpreter needs no installation of this package."""
    workers = folder / "translator" / "workers"
    workers.mkdir(parents=True)
    (folder / "translator" / "__init__.py").touch()
    shutil.copy(PACKAGE / "core.py", folder / "translator" / "core.py")
    for file in (PACKAGE / "workers").glob("*.py"):
        shutil.copy(file, workers / file.name)
