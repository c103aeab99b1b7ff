"""Both workers, started once, and the twin networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from translator.core import Translation
from translator.ruleset.load import load_rules
from translator.ruleset.model import RuleSet
from translator.verify.inputs import Input
from translator.verify.models import Models
from translator.verify.result import Blame, CheckResult
from translator.verify.run import DEFAULT_CHECKS, verify_models
from translator.verify.tolerance import DEFAULT_LIMITS
from translator.workers.launch import Worker

HERE = Path(__file__).parent
INPUTS = (Input((2, 3, 34, 34)),)


@dataclass(frozen=True, slots=True)
class Outcome:
    checks: tuple[CheckResult, ...]
    blame: Blame | None
    output: str

    @property
    def statuses(self) -> dict[str, str]:
        return {check.name: check.status for check in self.checks}

    @property
    def proven(self) -> bool:
        return set(self.statuses.values()) == {"passed"}


Verify = Callable[..., Outcome]


@pytest.fixture(scope="session")
def small_source() -> Path:
    return HERE / "small_torch.py"


@pytest.fixture(scope="session")
def source_text() -> str:
    return (HERE / "small_torch.py").read_text()


@pytest.fixture(scope="session")
def output_text() -> str:
    return (HERE / "small_paddle.py").read_text()


@pytest.fixture(scope="session")
def ruleset() -> RuleSet:
    return load_rules()


@pytest.fixture(scope="session")
def workers() -> Iterator[tuple[Worker, Worker]]:
    with Worker("torch") as source, Worker("paddle") as target:
        yield source, target


@pytest.fixture
def check_twin(
    workers: tuple[Worker, Worker], ruleset: RuleSet, tmp_path: Path, request: pytest.FixtureRequest
) -> Verify:
    """Verify the small network against an output text, in workers that stay alive between tests."""

    def run(
        output: str,
        *,
        source: Path = HERE / "small_torch.py",
        name: str = "Net",
        translation: Translation | None = None,
        rules: RuleSet = ruleset,
        checks: tuple[str, ...] = DEFAULT_CHECKS,
        seed: int = 0,
        weights: Path | None = None,
        inputs: Sequence[Input] = INPUTS,
    ) -> Outcome:
        file = tmp_path / f"twin_{abs(hash(request.node.name))}.py"
        file.write_text(output)
        folder = tmp_path / "tensors"
        folder.mkdir()
        models = Models(*workers, folder, f"{source}:{name}", f"{file}:{name}")
        results, _, blame = verify_models(
            models, rules, weights, inputs, checks, seed, translation, DEFAULT_LIMITS, lambda line: None
        )
        return Outcome(results, blame, output)

    return run
