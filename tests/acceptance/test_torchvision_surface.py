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
modules = {name: models.get_model_builder(name).__module__ for name in models.list_models()}
everything["builders"] = {name: module.partition(".")[2] for name, module in modules.items()}
everything["found"] = {
    repr(member): repr(models.get_weight(repr(member)))
    for name in models.list_models() for member in models.get_model_weights(name)
}
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


OWN = """
from torchvision.models import ResNet50_Weights, get_model, resnet50
from torchvision.models._api import Weights, WeightsEnum, _get_enum_from_fn, register_model

class Own_Weights(WeightsEnum):
    FIRST = Weights(url="https://example.org/own-12345678.pth", transforms=len, meta={"categories": ["cat", "dog"]})
    DEFAULT = FIRST

@register_model(name="own")
def own(*, weights: Own_Weights | None = None, size: int = 3):
    return [weights, size]

everything["own"] = [
    "own" in models.list_models(),
    models.get_model("own", size=4),
    str(models.get_model_weights("own").DEFAULT),
    models.get_model_weights(own)["FIRST"].url,
    Own_Weights.verify("FIRST").meta,
    _get_enum_from_fn(resnet50) is ResNet50_Weights,
    models.get_model_builder("resnet50") is resnet50 is models.resnet.resnet50,
    models.video.r3d_18 is models.get_model_builder("r3d_18"),
]
everything["twice"] = message(lambda: register_model(name="own")(own))
names = ["resnet18", "shufflenet_v2_x0_5", "lraspp_mobilenet_v3_large", "quantized_shufflenet_v2_x0_5"]
built = [get_model(name, weights=None, weights_backbone=None, num_classes=10) if name.startswith("lraspp")
         else get_model(name, weights=None, num_classes=10) for name in names]
everything["built"] = [type(model).__name__ for model in built]
everything["classes"] = [list(value.shape) for model in built for name, value in model.state_dict().items()
                         if name.endswith("fc.bias")]
"""


def test_registry_and_weights_are_those_of_the_source(torchvision_models: Path) -> None:
    program = NAMES + ERRORS + WEIGHTS + OWN + "print(json.dumps(everything))"
    found = json.loads(run_alone(program.replace("torchvision", "paddlevision"), torchvision_models))
    expected = json.loads(run_source(program))
    assert len(expected["all"]) == 121
    assert len(expected["found"]) > 100
    for part in expected:
        assert found[part] == expected[part], part
