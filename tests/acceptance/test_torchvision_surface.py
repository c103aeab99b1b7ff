"""The public face of translated torchvision: what a user imports, without the source framework."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.alone import run_alone, run_source

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("paddle", reason="paddle is not installed")
pytestmark = pytest.mark.slow

NAMES = """
import json
import torchvision.models as models

everything = {
    "all": models.list_models(),
    "detection": models.list_models(module=models.detection),
    "quantized": models.list_models(module=models.quantization),
    "video": models.list_models(module=models.video),
    "include": models.list_models(include="resnet*"),
    "several": models.list_models(include=["resnet*", "vgg*"], exclude="*_bn"),
    "exclude": models.list_models(module=models, exclude=["*net*"]),
    "none": models.list_models(include="no such*"),
}
"""

WEIGHTS = """
def told(enum):
    return [
        [str(member), member.name, member.url, sorted(member.meta), repr(member.meta), repr(member.transforms())]
        for member in enum.__members__.values()
    ] + [[name, str(member)] for name, member in enum.__members__.items()]

everything["weights"] = {name: told(models.get_model_weights(name)) for name in models.list_models()}
everything["builders"] = {name: models.get_model_builder(name).__module__ for name in models.list_models()}
everything["found"] = {
    repr(member): repr(models.get_weight(repr(member)))
    for name in models.list_models() for member in models.get_model_weights(name)
}
print(json.dumps(everything))
"""

ERRORS = """
def message(call):
    try:
        call()
    except Exception as error:
        return [type(error).__name__, str(error)]

everything["errors"] = [
    message(lambda: models.get_model("resnet17")),
    message(lambda: models.get_weight("ResNet50_Weights.NONE")),
    message(lambda: models.get_weight("ResNet50")),
    message(lambda: models.resnet18(weights="NONE")),
    message(lambda: models.resnet18(weights=models.ResNet50_Weights.DEFAULT)),
    message(lambda: models.resnet18(weights=models.ResNet18_Weights.DEFAULT, num_classes=10)),
]
"""


def test_registry_and_weights_are_those_of_the_source(torchvision_models: Path) -> None:
    program = NAMES + ERRORS + WEIGHTS
    found = json.loads(run_alone(program, torchvision_models))
    expected = json.loads(run_source(program))
    assert len(expected["all"]) == 121
    assert len(expected["found"]) > 100
    for part in expected:
        assert found[part] == expected[part], part
