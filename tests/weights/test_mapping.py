from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from translator.core import CheckpointError, ConfigError
from translator.ruleset.model import Pack, Rule, RuleSet
from translator.weights.mapfile import read_map, write_map
from translator.weights.mapping import pair
from translator.workers.tensors import Tensor

PACK = Pack("a-b", "", "a", ("a",), "b", "a.Tensor", "a.Module", (), {}, {}, frozenset(), "")
RULES = RuleSet(
    PACK,
    {
        "a.Linear": Rule("a.Linear", "nn.yaml:1", weights={"weight": "transpose"}),
        "a.Norm": Rule("a.Norm", "nn.yaml:9", weights={"running_mean": "rename _mean", "count": "drop"}),
        "a.Attention": Rule(
            "a.Attention", "nn.yaml:20", weights={"qkv": "split q.weight k.weight v.weight, transpose"}
        ),
    },
)


def tensor(path: str, shape: tuple[int, ...], *classes: str, **more: Any) -> dict[str, Any]:
    owner, _, name = path.rpartition(".")
    info = {"path": path, "owner": owner, "classes": [*classes, "a.Module"], "name": name, "shape": list(shape)}
    return {
        **info,
        "dtype": "float32",
        "kind": "parameter",
        "persistent": True,
        "trainable": True,
        "tied_to": "",
        **more,
    }


SOURCE = [
    tensor("fc.weight", (4, 4), "Mine", "a.Linear"),
    tensor("fc.scale", (4,), "Mine", "a.Linear"),
    tensor("n.running_mean", (4,), "a.Norm"),
    tensor("n.count", (), "a.Norm", dtype="int64"),
    tensor("at.qkv", (6, 2), "a.Attention"),
]
TARGET = [
    tensor("at.k.weight", (2, 2)),
    tensor("at.q.weight", (2, 2)),
    tensor("at.v.weight", (2, 2)),
    tensor("fc.weight", (4, 4)),
    tensor("fc.scale", (4,)),
    tensor("n._mean", (4,)),
]


def values(seed: int = 0) -> dict[str, Tensor]:
    random = np.random.default_rng(seed)
    made = {i["path"]: Tensor("float32", random.normal(size=i["shape"]).astype(np.float32)) for i in SOURCE}
    return {**made, "n.count": Tensor("int64", np.array(37))}


def test_each_tensor_follows_the_rule_of_its_owner() -> None:
    given = values()
    mapped = pair(SOURCE, TARGET, RULES).apply(given)
    assert set(mapped) == {info["path"] for info in TARGET}
    assert np.array_equal(mapped["fc.weight"].array, given["fc.weight"].array.T), "a square matrix too"
    assert np.array_equal(mapped["fc.scale"].array, given["fc.scale"].array)
    assert np.array_equal(mapped["at.k.weight"].array, given["at.qkv"].array[2:4].T)


def test_the_inverse_gives_every_bit_back_even_what_was_dropped() -> None:
    given = values()
    weight_map = pair(SOURCE, TARGET, RULES).recording(given)
    again = weight_map.inverse().apply(weight_map.apply(given))
    assert list(again) == list(given)
    assert all(given[name].same_bits(again[name]) for name in given)


def test_the_map_file_holds_all_of_it(tmp_path: Path) -> None:
    given = values()
    weight_map = pair(SOURCE, TARGET, RULES).recording(given)
    write_map(weight_map, tmp_path / "map.yaml")
    again = read_map(tmp_path / "map.yaml")
    assert again == weight_map
    assert again.inverse().apply(weight_map.apply(given))["n.count"].same_bits(given["n.count"])
    assert "a.Linear (nn.yaml:1)" in (tmp_path / "map.yaml").read_text()


@pytest.mark.parametrize("text", ["", "steps: 3", "steps: [{source: x}]", "a: [", "steps:\n- 1"])
def test_what_is_no_map_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "map.yaml").write_text(text)
    with pytest.raises(ConfigError, match="not a weight map"):
        read_map(tmp_path / "map.yaml")


def without(infos: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
    return [info for info in infos if info["path"] != path]


@pytest.mark.parametrize(
    ("source", "target", "text"),
    [
        pytest.param(
            SOURCE, without(TARGET, "fc.scale"), "fc.scale has no counterpart fc.scale", id="the target lacks one"
        ),
        pytest.param(without(SOURCE, "fc.scale"), TARGET, "fc.scale is filled by nothing", id="the source lacks one"),
        pytest.param(
            SOURCE,
            [*without(TARGET, "fc.scale"), tensor("fc.scale", (5,))],
            r"would be \[4\] .*the target's is \[5\]",
            id="another shape",
        ),
        pytest.param(
            [*SOURCE, tensor("n._mean", (4,), "a.Norm")],
            TARGET,
            "filled from both n.running_mean and n._mean",
            id="filled twice",
        ),
        pytest.param(
            [*SOURCE, tensor("x.weight", (3,), "a.Linear")],
            [*TARGET, tensor("x.weight", (3,))],
            r"cannot transpose .* \(by a.Linear \(nn.yaml:1\)\)",
            id="an operation that does not suit",
        ),
        pytest.param(
            SOURCE,
            [*without(TARGET, "fc.scale"), tensor("fc.scale", (4,), tied_to="n._mean")],
            "one tensor in the target, two in the source",
            id="tied on one side",
        ),
    ],
)
def test_models_that_do_not_fit(source, target, text) -> None:
    with pytest.raises(CheckpointError, match=text):
        pair(source, target, RULES)


def test_tied_tensors_on_both_sides() -> None:
    source = [tensor("a.w", (2,)), tensor("b.w", (2,), tied_to="a.w")]
    assert [step.targets for step in pair(source, source, RULES).steps] == [("a.w",), ("b.w",)]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        pytest.param(lambda v: v.pop("fc.weight"), "fc.weight is missing", id="missing"),
        pytest.param(lambda v: v.update(extra=v["fc.scale"]), "extra is not in the model", id="unused"),
        pytest.param(
            lambda v: v.update({"fc.scale": v["fc.weight"]}), r"fc.scale is \[4, 4\], the model's is \[4\]", id="shape"
        ),
    ],
)
def test_checkpoints_that_do_not_fit(change, text) -> None:
    given = values()
    change(given)
    with pytest.raises(CheckpointError, match=text):
        pair(SOURCE, TARGET, RULES).apply(given)


def test_a_dropped_counter_may_be_missing() -> None:
    given = values()
    del given["n.count"]
    assert "n._mean" in pair(SOURCE, TARGET, RULES).apply(given)
