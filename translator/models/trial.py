"""One builder, tried once in a pair of workers: what it needs, what came out, and why."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter

from translator.core import Position, Translation, TranslatorError, WorkerError
from translator.models.memory import Budget, Size, Stopped, estimate
from translator.models.pair import Pair
from translator.models.result import NOT_APPLICABLE, Builder, Outcome, Stage
from translator.project.discover import file_of
from translator.ruleset.model import RuleSet
from translator.scratch import Scratch
from translator.verify.inputs import Input
from translator.verify.models import Models
from translator.verify.result import Blame, CheckResult, Verification
from translator.verify.run import verify_models
from translator.verify.tolerance import DEFAULT_LIMITS, Limits
from translator.workers.entry import package_of, parse_entry
from translator.workers.launch import Worker

InputsOf = Callable[[Builder, Worker | None], tuple[Input, ...] | None]
Save = Callable[[Builder, Verification], str]


@dataclass(frozen=True, slots=True)
class Settings:
    """What is the same for all builders of a run.

    Args:
        inputs: gives the arguments of a builder's forward; it is asked without a worker first, where None says that
            they have to be found by trying, and then with the source's.
        checks: as ``verify`` knows them; none at all only builds and loads.
        timeout: seconds that one builder may take.
        translations: by path of the source file, so that blame can name the rule.
        save: writes the report of a verification, and gives the name of its file.
    """

    ruleset: RuleSet
    inputs: InputsOf
    checks: tuple[str, ...]
    seed: int
    timeout: float
    translations: Mapping[Path, Translation] = field(default_factory=dict)
    save: Save | None = None
    limits: Limits = DEFAULT_LIMITS


@dataclass(slots=True)
class Trial:
    """One builder in a pair of workers; ``run`` gives its outcome.

    Args:
        tell: called with one line at the start of each stage.
        died: a process ended by itself, which another trial in new ones may not do again.
        is_over: the time is over.
    """

    builder: Builder
    settings: Settings
    pair: Pair
    budget: Budget
    tell: Callable[[str], None]
    died: bool = False
    is_over: bool = False

    def run(self) -> Outcome:
        """The outcome, whatever happens to the models.

        Raises:
            ConfigError, WorkerError: no worker can be started.
            Stopped: the run ends.
        """
        workers = self.pair.workers()
        stated = self.settings.inputs(self.builder, None)
        none_yet = dict.fromkeys(self.settings.checks, "not run")
        outcome = Outcome(self.builder, "not run", "not run", dict(none_yet))
        with Scratch("models") as scratch:
            models = Models(*workers, scratch.path, self.builder.source, self.builder.target)
            try:
                with self._limited():
                    inputs = stated or self._found(models)
                    outcome = replace(outcome, inputs=tuple(map(str, inputs)))
                    outcome = self._sized(models, inputs, outcome)
                above = max(outcome.need - self.pair.idle(), 0)
                with self.budget.reserved(above, lambda: self.tell("waiting for memory")), self._limited():
                    return self._measured(models, inputs, outcome)
            except TranslatorError as error:
                return self._failed(models, outcome, error)
            except Stopped:
                raise
            except Exception as error:  # noqa: BLE001 - a fault of this program's own must not stop the other builders
                traceback.print_exc()
                own = WorkerError(f"internal error: {type(error).__name__}: {error}")
                return self._failed(models, outcome, own)

    def _found(self, models: Models) -> tuple[Input, ...]:
        """Inputs that the source model takes."""
        self.tell("looking for inputs")
        return self.settings.inputs(self.builder, models.source) or ()

    def _sized(self, models: Models, inputs: Sequence[Input], outcome: Outcome) -> Outcome:
        """With the size of the model, and the memory that its verification needs."""
        self.tell("estimating the memory")
        given = models.write(inputs, "ones", 0)
        found = models.source.call("size", entry=self.builder.source, inputs=given)
        size = Size(found["weights"], found["activations"], sum(f.stat().st_size for f in given.glob("*.safetensors")))
        need = self.pair.idle() + estimate(size, self.settings.checks)
        return replace(outcome, parameters=found["parameters"], need=need)

    def _measured(self, models: Models, inputs: tuple[Input, ...], outcome: Outcome) -> Outcome:
        """Verify, with the time and the memory that it takes."""
        begin = perf_counter()
        self.pair.measure()
        try:
            outcome = self._verified(models, inputs, outcome)
        except TranslatorError as error:
            outcome = self._failed(models, outcome, error)
        return replace(outcome, seconds=perf_counter() - begin, peak=self.pair.tidy())

    def _verified(self, models: Models, inputs: tuple[Input, ...], outcome: Outcome) -> Outcome:
        settings = self.settings
        file = file_of(parse_entry(self.builder.source).place)
        translation = settings.translations.get(file.resolve()) if file is not None else None
        try:
            results, weight_map, blame = verify_models(
                models, settings.ruleset, None, inputs, settings.checks, settings.seed, translation, settings.limits,
                self.tell,
            )  # fmt: skip
        finally:
            models.close()
        verification = Verification(
            source=self.builder.source,
            target=self.builder.target,
            versions={"source": models.source.info["versions"], "target": models.target.info["versions"]},
            devices={"source": models.source.device, "target": models.target.device},
            inputs=inputs,
            seed=settings.seed,
            weights="random",
            checks=results,
            weight_map=weight_map,
            blame=blame,
        )
        report = settings.save(self.builder, verification) if settings.save is not None else ""
        return judged(replace(outcome, report=report), results, blame, is_loaded=models.is_loaded)

    def _failed(self, models: Models, outcome: Outcome, error: TranslatorError) -> Outcome:
        """What is known when a model, a process or the time gave out."""
        self.died = not self.is_over and not all(worker.is_alive for worker in (models.source, models.target))
        place = shown(Position(error.path, error.line, 0)) if error.line else error.path
        why = f"worker died: {error.message}" if self.died else f"{place}: {error.message}" if place else error.message
        if self.is_over:
            why = f"it took longer than {self.settings.timeout:g} s: {error.message}"
        is_open, is_loaded = bool(models.files), models.is_loaded
        built: Stage = "passed" if is_open else "failed"
        loaded: Stage = "passed" if is_loaded else "failed" if is_open else "not run"
        return replace(outcome, built=built, loaded=loaded, reason=why)

    @contextmanager
    def _limited(self) -> Iterator[None]:
        """Within it, the workers are ended when the time is over."""

        def end() -> None:
            self.is_over = True
            self.pair.kill()

        timer = threading.Timer(self.settings.timeout, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def judged(outcome: Outcome, results: Sequence[CheckResult], blame: Blame | None, *, is_loaded: bool) -> Outcome:
    """An outcome with what the checks found: the statuses, the worst error, and what is to be said."""
    forward = [c.max_abs for result in results if result.name == "forward" for c in result.comparisons]
    bad = next((result for result in results if result.status in ("failed", "suspect")), None)
    open_ = next((result for result in results if result.status == "not run" and result.applies), None)
    said = bad or open_ or (results[0] if results else None)
    reason = f"{said.name}: {said.reason}" if said is not None else ""
    faults = [blame.reason] if blame is not None and blame.reason not in reason else []
    return replace(
        outcome,
        built="passed",
        loaded="passed" if is_loaded else "failed",
        checks={one.name: one.status if one.applies else NOT_APPLICABLE + one.reason for one in results},
        worst=max(forward, default=None),
        reason="; ".join(filter(None, [reason, *faults])),
        source_line=shown(blame.source_position) if blame is not None else "",
        output_line=shown(blame.output_position) if blame is not None else "",
    )


def shown(place: Position | None) -> str:
    """A line as the package names it, on every machine: ``package/models/net.py:41``."""
    if place is None:
        return ""
    path = Path(place.path)
    package = package_of(path)
    return f"{path.relative_to(package[0]).as_posix() if package is not None else path.name}:{place.line}"
