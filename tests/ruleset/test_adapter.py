"""Adapters as text, and what they are made with."""

from __future__ import annotations

import pytest

from translator.core import ConfigError
from translator.ruleset.adapter import adapter_name, adapter_of
from translator.ruleset.adapting import Adapting, given, refuse
from translator.ruleset.branches import targets
from translator.ruleset.helper_module import helper_module
from translator.ruleset.model import RuleSet


class Norm:
    def __init__(self, size: int, *, epsilon: float = 1e-5) -> None:
        self.size, self.epsilon = size, epsilon


class NormAdapter(Norm, metaclass=Adapting):
    adapted = (Norm,)

    def __init__(self, size: int, eps: float = 1e-5) -> None:
        super().__init__(size, epsilon=eps)


class Wide(NormAdapter):
    pass


def test_instances_of_the_class_count_as_the_adapters() -> None:
    assert isinstance(Norm(3), NormAdapter)
    assert isinstance(NormAdapter(3, eps=1.0), Norm)
    assert not isinstance("norm", NormAdapter)
    assert issubclass(Norm, NormAdapter)


def test_a_class_that_extends_an_adapter_is_its_own() -> None:
    assert isinstance(Wide(3, eps=2.0), Norm)
    assert not isinstance(Norm(3), Wide)
    assert Wide != Norm


def test_an_adapter_equals_its_class_in_comparisons_and_as_a_key() -> None:
    assert NormAdapter == Norm
    assert type(Norm(3)) == NormAdapter  # noqa: E721 - this is what the source's code asks
    assert {NormAdapter: 1}[Norm] == {Norm: 1}[NormAdapter] == 1
    assert Wide not in {NormAdapter: 1}


@pytest.mark.parametrize(("value", "default"), [(None, None), (1, 1), ((1, 1), 1), ([1, 1], 1), ("zeros", "zeros")])
def test_defaults_are_taken(value: object, default: object) -> None:
    refuse("api", dilation=(value, default, "leave it out"))


@pytest.mark.parametrize(("value", "default"), [("cpu", None), (2, 1), ((1, 2), 1), (False, True)])
def test_other_values_are_refused_with_what_to_do(value: object, default: object) -> None:
    with pytest.raises(NotImplementedError, match=r"api: `dilation=.* has no counterpart: leave it out"):
        refuse("api", dilation=(value, default, "leave it out"))


def test_what_is_none_is_left_out() -> None:
    assert given(a=None, b=0) == {"b": 0}


def test_text_of_an_adapter(rules: RuleSet) -> None:
    adapter = adapter_of(rules.by_api["torch.nn.BatchNorm2d"], rules)
    assert adapter is not None
    assert adapter.text == (
        "class BatchNorm2d(paddle.nn.BatchNorm2D, metaclass=Adapting):\n"
        '    """`paddle.nn.BatchNorm2D` with the arguments and attributes of `torch.nn.BatchNorm2d`."""\n'
        "\n"
        "    adapted = (paddle.nn.BatchNorm2D,)\n"
        "\n"
        "    def __init__(self, num_features, eps=1e-05, momentum=0.1, affine=True):\n"
        "        super().__init__(num_features, "
        "epsilon=eps, momentum=1 - momentum, weight_attr=affine, bias_attr=affine)\n"
        "\n"
        "    @property\n"
        "    def running_mean(self):\n"
        "        return self._mean\n"
        "\n"
        "    @running_mean.setter\n"
        "    def running_mean(self, value):\n"
        "        self._mean = value\n"
        "\n"
        "    @property\n"
        "    def running_var(self):\n"
        "        return self._variance\n"
        "\n"
        "    @running_var.setter\n"
        "    def running_var(self, value):\n"
        "        self._variance = value\n"
    )


@pytest.mark.parametrize(("api", "name"), [
    ("torch.nn.Conv2d", "Conv2d"), ("torch.cat", "cat"), ("torch.nn.functional.relu", "nn_functional_relu"),
])  # fmt: skip
def test_names(api: str, name: str, rules: RuleSet) -> None:
    assert adapter_name(rules.by_api[api]) == name


@pytest.mark.parametrize("api", ["torch.ones", "torch.pi", "torch.nn.Module.modules"])
def test_what_an_adapter_cannot_say(api: str, rules: RuleSet) -> None:
    assert adapter_of(rules.by_api[api], rules) is None


def test_the_general_target_stands_last(rules: RuleSet) -> None:
    assert targets(rules.by_api["torch.nn.Conv2d"]) == ["paddle.nn.Conv2D"]


def test_the_helper_module_holds_support_and_adapters(rules: RuleSet) -> None:
    text = helper_module(["Conv2d", "split"], rules)
    compile(text, "helpers.py", "exec")
    assert text.index("class Adapting") < text.index("class Conv2d(")
    assert "def split(" in text
    assert text == helper_module(["split", "Conv2d", "Adapting", "given", "refuse"], rules)


def test_an_unknown_helper_is_an_error(rules: RuleSet) -> None:
    with pytest.raises(ConfigError, match="no helper is called `juggle`"):
        helper_module(["juggle"], rules)
