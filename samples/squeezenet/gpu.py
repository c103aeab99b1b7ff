"""The demo's proof and evaluation on a GPU, or across devices where only one framework sees one. Run by ``make gpu``.

TF32 is off and the kernels are deterministic. What could not run is listed as "not run", with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import demo

from translator.core import TranslatorError
from translator.workers.launch import Worker
from translator.workers.protocol import FrameworkName

GPU = "gpu:0"
CHECKS = ("verification", "evaluation")


@dataclass(frozen=True, slots=True)
class Sight:
    """What a framework sees: its version, and why it cannot use a GPU; an empty text when it can."""

    framework: FrameworkName
    versions: str
    reason: str

    @property
    def device(self) -> str:
        """The GPU where there is one."""
        return "cpu" if self.reason else GPU


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be run: devices as ``--device`` takes them, or none, and what cannot be, with the reason."""

    device: str | None
    place: str
    not_run: tuple[str, ...]


def look(framework: FrameworkName, python: str | None) -> Sight:
    """Ask a framework in a process of its own which devices it sees, and take the GPU."""
    try:
        with Worker(framework, python=python) as worker:
            versions = ", ".join(f"{name} {version}" for name, version in worker.info["versions"].items())
            if GPU not in worker.info["devices"]:
                return Sight(framework, versions, f"{framework} sees no GPU")
        with Worker(framework, python=python, device=GPU):
            return Sight(framework, versions, "")
    except TranslatorError as error:
        return Sight(framework, "", str(error))


def plan(source: Sight, target: Sight) -> Plan:
    """Both on the GPU, or one there against the other on the CPU, or nothing."""
    blind = [sight for sight in (source, target) if sight.reason]
    reasons = "; ".join(sight.reason for sight in blind)
    both = tuple(f"{check}, both on {GPU}: not run: {reasons}" for check in CHECKS)
    if not blind:
        return Plan(GPU, f"both on {GPU}", ())
    if any(not sight.versions for sight in blind) or len(blind) == 2:
        across = tuple(f"{check}, across devices: not run: {reasons}" for check in CHECKS)
        return Plan(None, "", (*both, *across))
    place = f"{source.framework} on {source.device} against {target.framework} on {target.device}"
    return Plan(f"{source.device},{target.device}", place, both)


def execute(files: demo.Files, device: str, place: str, python: tuple[str, ...]) -> tuple[list[str], int]:
    """Prepare the models and run both checks there: a line for each, and the worst exit code."""
    folder = demo.PROJECT / files.folder
    folder.mkdir(parents=True, exist_ok=True)
    failed = demo.prepare(files, retrain=False)
    if failed:
        return [f"{check}, {place}: not run: the model could not be prepared" for check in CHECKS], failed
    out = files.folder
    options: tuple[str | Path, ...] = ("--device", device, *python)
    joined = ("--join", out / "verification_gpu.json", "--report", out / "report_gpu.html")
    codes = [
        demo.run(demo.verification(files, *options, "--json", out / "verification_gpu.json")),
        demo.run(demo.evaluation(files, *options, "--json", out / "evaluation_gpu.json", *joined)),
    ]
    lines = [f"{check}, {place}: {verdict(code)}" for check, code in zip(CHECKS, codes, strict=True)]
    return lines, max(codes)


def verdict(code: int) -> str:
    """What an exit code says."""
    return {0: "passed", 1: "failed"}.get(code, f"not run: the command ended with exit code {code}")


def main() -> int:
    """Run what can be run; 0 when that passed, and the last line says what was not run."""
    parser = demo.arguments_of(__doc__, "build/demo")
    parser.add_argument("--source-python", help="interpreter that has torch")
    parser.add_argument("--target-python", help="interpreter that has paddle")
    arguments = parser.parse_args()
    sights = look("torch", arguments.source_python), look("paddle", arguments.target_python)
    for sight in sights:
        print(f"{sight.framework}: {sight.versions or 'not there'}; {sight.reason or f'sees {GPU}'}")
    found = plan(*sights)
    named = {"--source-python": arguments.source_python, "--target-python": arguments.target_python}
    python = tuple(text for option, value in named.items() if value for text in (option, value))
    lines, code = execute(demo.Files(arguments.output), found.device, found.place, python) if found.device else ([], 0)
    print()
    for line in (*lines, *found.not_run):
        print(line)
    left = [line.partition(": not run")[0] for line in (*lines, *found.not_run) if ": not run" in line]
    print(f"not run: {'; '.join(left) or 'nothing, everything was run'}")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
