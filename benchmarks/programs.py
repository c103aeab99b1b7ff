"""Random programs over the rule table: ``python -m benchmarks.programs`` runs thousands in both frameworks."""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from dataclasses import dataclass, field

from tests.rules.programs import HEAD, Programs
from translator.ruleset.load import load_rules
from translator.verify.examples import assigned


@dataclass(slots=True)
class Score:
    """Sums over programs."""

    programs: int = 0
    calls: int = 0
    apis: set[str] = field(default_factory=set)
    left: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, str]] = field(default_factory=list)


def smaller(programs: Programs, source: str) -> str:
    """A program without the lines that the disagreement does not need."""
    lines = source.removeprefix(HEAD).splitlines()
    for line in reversed(list(lines)):
        rest = [one for one in lines if one is not line]
        text = HEAD + "\n".join(rest) + "\n"
        if rest and assigned(text) and (said := programs.judged(text)) and "raised in torch" not in said:
            lines = rest if not said.startswith("left") else lines
    return "\n".join(lines)


def main() -> None:
    """Run many programs, and print what disagrees; exit 1 when something does."""
    parser = argparse.ArgumentParser(prog="benchmarks.programs", description="Random programs in both frameworks.")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    score = Score()
    with Programs(load_rules()) as programs:
        print(f"{len(programs.pool)} calls of {len({t.api for t in programs.pool})} APIs", file=sys.stderr)
        for seed in range(options.seed, options.seed + options.count):
            generator = random.Random(seed)
            source, apis = programs.make(generator.randrange)
            if not apis:
                continue
            score.programs += 1
            score.calls += len(apis)
            score.apis.update(apis)
            said = programs.judged(source)
            if said.startswith("left: "):
                score.left[said] += 1
            elif said:
                score.wrong.append((said, source))
                print(f"--- {seed}: {said[:300]}\n{smaller(programs, source)}", flush=True)
    figures = f"{score.programs} programs, {score.calls} calls of {len(score.apis)} APIs"
    print(f"{figures}: {score.left.total()} left with a diagnostic, {len(score.wrong)} disagree")
    for said, count in score.left.most_common():
        print(f"{count:>5} {said}")
    raise SystemExit(bool(score.wrong))


if __name__ == "__main__":
    main()
