"""Code that looks the same in both frameworks and is not: translated right, flagged, or a difference that is known.

Each snippet runs in the source framework, its translation in the target, and every assigned name is compared.
"""

from __future__ import annotations

import pytest

from translator.engine.translate import translate_source
from translator.ruleset.load import load_rules
from translator.ruleset.model import Rule
from translator.verify.examples import ExampleRunner, with_imports

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("paddle", reason="paddle is not installed")
RULES = load_rules()

EQUAL = {
    "smoothed labels with weights": (
        "x, w = torch.tensor([[1.0, 2.0]]), torch.tensor([1.0, 3.0])\n"
        "out = F.cross_entropy(x, torch.tensor([0]), weight=w, label_smoothing=0.1)\n"
    ),
    "linear weight attr": "m = nn.Linear(2, 2)\nout = m.weight[0]\n",
    "types: int plus float": ("a = torch.tensor([1, 2])\nb = torch.tensor([0.5, 0.5])\nout = a + b\n"),
    "types: bool times float": ("mask = torch.tensor([1.5, -1.0]) > 0\nout = mask * torch.tensor([2.5, 3.0])\n"),
    "types: bool times float names": (
        "a, f = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])\n"
        "m = f > 1\n"
        "lin = nn.Linear(2, 2)\n"
        "out = m * f\n"
        "out2 = f * (f > 1)\n"
        "out3 = a * f * m\n"
    ),
    "types: iadd": (
        "a, f = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])\n"
        "m = f > 1\n"
        "lin = nn.Linear(2, 2)\n"
        "f += a\n"
        "f *= m\n"
        "f += (f > 0)\n"
    ),
    "types: iadd64": (
        "a, f = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])\n"
        "m = f > 1\n"
        "lin = nn.Linear(2, 2)\n"
        "g = torch.ones(2, dtype=torch.float64)\n"
        "h = torch.ones(2, dtype=torch.float32)\n"
        "h += g\n"
        "out = h.dtype\n"
    ),
    "types: iadd alias": (
        "a, f = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])\nm = f > 1\nlin = nn.Linear(2, 2)\ng = f\ng += a\n"
    ),
    "types: methods": (
        "a, f = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])\n"
        "m = f > 1\n"
        "lin = nn.Linear(2, 2)\n"
        "out = f.add(a), a.mul(f), torch.add(a, f), torch.maximum(a, f), f.eq(a), torch.where(m, a, f)\n"
    ),
    "types: inplace": (
        "a, f = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])\n"
        "m = f > 1\n"
        "lin = nn.Linear(2, 2)\n"
        "f.add_(a)\n"
        "f.mul_(m)\n"
    ),
    "types: cat": (
        "a, f = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])\n"
        "m = f > 1\n"
        "lin = nn.Linear(2, 2)\n"
        "out = torch.cat([a, f, m]), torch.stack([f, a])\n"
    ),
    "types: compare": (
        "a, f = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])\n"
        "m = f > 1\n"
        "lin = nn.Linear(2, 2)\n"
        "out = a == f, a < f, f >= m\n"
    ),
    "types: where": (
        "a, f = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])\n"
        "m = f > 1\n"
        "lin = nn.Linear(2, 2)\n"
        "out = torch.where(f > 1, f, a)\n"
    ),
    "types: mse": (
        "a, f = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])\n"
        "m = f > 1\n"
        "lin = nn.Linear(2, 2)\n"
        "out = F.mse_loss(f, a), F.l1_loss(f, a)\n"
    ),
    "types: layer": (
        "a, f = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])\n"
        "m = f > 1\n"
        "lin = nn.Linear(2, 2)\n"
        "y = lin(f)\n"
        "out = y * m, ~m * y, y + a\n"
    ),
    "types: chain": (
        "a, f = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])\nm = f > 1\nlin = nn.Linear(2, 2)\nout = (f * 2) * m\n"
    ),
    "types: unary": (
        "a, f = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])\nm = f > 1\nlin = nn.Linear(2, 2)\nout = -a * f\n"
    ),
    "types: multi": (
        "a, f = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])\n"
        "m = f > 1\n"
        "lin = nn.Linear(2, 2)\n"
        "out = (f\n"
        "       * m  # why\n"
        "       + a)\n"
    ),
    "types: bool sum": (
        "a, f = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])\n"
        "m = f > 1\n"
        "lin = nn.Linear(2, 2)\n"
        "out = m.sum() * f, m.float().mean() * f\n"
    ),
    "types: arange": ("x = torch.randn(3)\nout = x * torch.arange(3)\n"),
    "types: pos": (
        "pos = torch.arange(3).unsqueeze(1)\n"
        "div = torch.exp(torch.arange(0, 4, 2).float() * -0.5)\n"
        "out = torch.sin(pos * div)\n"
    ),
    "types: accuracy": (
        "p = torch.randn(4, 3)\n"
        "y = torch.tensor([0, 1, 2, 0])\n"
        "ok = p.argmax(1) == y\n"
        "out = ok.sum() / 4, ok.float().mean(), (ok * 1.0)\n"
    ),
    "types: int scal": (
        "a, f = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])\n"
        "m = f > 1\n"
        "lin = nn.Linear(2, 2)\n"
        "out = a * 0.5, a / 2, a + 1, m * 1.5, 2 * m, a ** 2, a // 2, a % 2\n"
    ),
    "types: cumsum": "out = (torch.ones(2) > 0).cumsum(0)",
    "split": "out = [tuple(q.shape) for q in torch.arange(8.0).split(2)]",
    "max dim": "out = torch.tensor([[1.0, 5.0], [7.0, 2.0]]).max(1)[0]",
    "sort": "out = torch.tensor([[3.0, 1.0], [9.0, 2.0]]).sort(1)[0]",
    "flip": "out = torch.arange(4).view(2, 2).flip(0, 1)",
    "median": "out = torch.tensor([1.0, 2.0, 3.0, 4.0]).median()",
    "equal": "out = torch.equal(torch.ones(2), torch.ones(2))",
    "numel": "out = torch.ones(2).numel()",
    "bn momentum": ("m = nn.BatchNorm1d(1)\ny = m(torch.tensor([[1.0], [3.0]]))\nout = m.running_mean\n"),
    "bn parameters": "out = len(list(nn.BatchNorm1d(3).parameters()))",
    "bn named parameters": "out = [n for n, _ in nn.BatchNorm1d(3).named_parameters()]",
    "bn one value": ("m = nn.BatchNorm1d(1)\nm.eval()\ny = m(torch.ones(1, 1))\nout = list(y.shape)\n"),
    "avg pool": "out = F.avg_pool2d(torch.ones(1, 1, 2, 2), 2, 2, 1)",
    "linear weight": ("w = torch.tensor([[1.0, 2.0], [3.0, 4.0]])\nout = F.linear(torch.tensor([1.0, 0.0]), w)\n"),
    "embedding layer padding": (
        "m = nn.Embedding(3, 2, padding_idx=0)\n"
        "with torch.no_grad():\n"
        "    m.weight.fill_(1.0)\n"
        "out = m(torch.tensor([0, 1]))\n"
    ),
    "grid sample": ("x = torch.arange(4.0).view(1, 1, 2, 2)\nout = F.grid_sample(x, torch.full((1, 1, 1, 2), 0.5))\n"),
    "sdpa": ("q = torch.arange(8.0).view(1, 2, 2, 2) / 8\nout = F.scaled_dot_product_attention(q, q, q)\n"),
    "sdpa mask": (
        "q = torch.ones(1, 1, 1, 2)\n"
        "v = torch.tensor([[[[1.0, 1.0], [5.0, 5.0]]]])\n"
        "out = F.scaled_dot_product_attention(q, torch.ones(1, 1, 2, 2), v, attn_mask=torch.tensor([[True, False]]))\n"
    ),
    "pad full rank": "out = F.pad(torch.ones(2, 3), (1, 0, 0, 2))",
    "softmax no dim": "out = F.softmax(torch.zeros(2, 1, 3))",
    "dropout": "out = F.dropout(torch.ones(4), 0.5, False)",
    "smooth l1": "out = F.smooth_l1_loss(torch.zeros(1), torch.ones(1), beta=0.5)",
    "one hot": "out = F.one_hot(torch.tensor([1]), 2)",
    "full int": "out = torch.full((1,), 2)",
    "unfold gradient": ("x = torch.ones(4, requires_grad=True)\nx.unfold(0, 3, 1).sum().backward()\nout = x.grad\n"),
    "group norm gradient": (
        "x = torch.arange(8.0).view(1, 4, 2).requires_grad_()\n"
        "(F.group_norm(x, 2) ** 3).sum().backward()\n"
        "out = x.grad\n"
    ),
    "group norm layer gradient": (
        "x = torch.arange(8.0).view(1, 4, 2).requires_grad_()\n"
        "(nn.GroupNorm(2, 4, affine=False)(x) ** 3).sum().backward()\n"
        "out = x.grad\n"
    ),
    "diag embed": ("v = torch.ones(2, requires_grad=True)\nout = torch.diag_embed(v).requires_grad\n"),
    "diag embed gradient": (
        "v = torch.ones(2, requires_grad=True)\ntorch.diag_embed(v).sum().backward()\nout = v.grad\n"
    ),
    "kl div target": (
        "t = torch.tensor([0.5, 0.5], requires_grad=True)\n"
        "F.kl_div(torch.zeros(2), t, reduction='sum').backward()\n"
        "out = t.grad\n"
    ),
    "gaussian nll var": (
        "v = torch.ones(2, requires_grad=True)\n"
        "F.gaussian_nll_loss(torch.ones(2), torch.zeros(2), v).backward()\n"
        "out = v.grad\n"
    ),
    "parameters iterator": "out = next(nn.Linear(2, 3).parameters()).dtype",
    "parameters iterator shape": "out = next(nn.Conv2d(2, 3, 1).parameters()).shape[0]",
    "parameters name": ("m = nn.Linear(2, 3)\np = m.parameters()\nout = len(list(p)), len(list(p))\n"),
    "sequential slice": "out = list(nn.Sequential(nn.ReLU(), nn.Linear(1, 1))[1:].state_dict())",
    "load missing": (
        "m = nn.Linear(1, 1)\n"
        "try:\n"
        "    m.load_state_dict({'weight': torch.ones(1, 1)})\n"
        "    out = 'silent'\n"
        "except RuntimeError:\n"
        "    out = 'raises'\n"
    ),
    "load unexpected": (
        "m = nn.Linear(1, 1)\n"
        "try:\n"
        "    m.load_state_dict({'weight': torch.ones(1, 1), 'bias': torch.ones(1), 'other': torch.ones(1)})\n"
        "    out = 'silent'\n"
        "except RuntimeError:\n"
        "    out = 'raises'\n"
    ),
    "load lax": (
        "m = nn.Linear(1, 1)\n"
        "found = m.load_state_dict({'weight': torch.ones(1, 1), 'other': torch.ones(1)}, strict=False)\n"
        "out = found.missing_keys, found.unexpected_keys\n"
    ),
    "load shape": (
        "m = nn.Linear(1, 1)\n"
        "try:\n"
        "    m.load_state_dict({'weight': torch.ones(2, 2), 'bias': torch.ones(1)})\n"
        "    out = 'silent'\n"
        "except RuntimeError:\n"
        "    out = 'raises'\n"
    ),
    "load shape lax": (
        "m = nn.Linear(1, 1)\n"
        "try:\n"
        "    m.load_state_dict({'weight': torch.ones(2, 2), 'bias': torch.ones(1)}, strict=False)\n"
        "    out = 'silent'\n"
        "except RuntimeError:\n"
        "    out = 'raises'\n"
    ),
    "shape equal": "out = torch.ones(2, 3).shape == (2, 3)",
    "round": "out = torch.tensor([0.5, 1.5, 2.5]).round()",
    "where scalars": "out = torch.where(torch.tensor([True]), 1.0, 0.0)",
    "nonzero tuple": "out = torch.ones(3).nonzero(as_tuple=True)[0]",
    "cumsum": "out = torch.ones(2, dtype=torch.int32).cumsum(0)",
    "bce pos weight": (
        "x, y, w = torch.tensor([2.0, -2.0]), torch.tensor([1.0, 0.0]), torch.tensor([3.0])\n"
        "out = F.binary_cross_entropy_with_logits(x, y, pos_weight=w, reduction='none')\n"
    ),
    "transpose": "out = torch.ones(2, 3, 4).transpose(1, 2)",
    "block diag": "out = torch.block_diag(torch.ones(2, 2), torch.ones(3))",
    "matrix norm": "out = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).norm(dim=(0, 1))",
    "unique inverse": "out = torch.unique(torch.ones(2, 2), return_inverse=True)[1]",
    "masked fill grad": (
        "s = torch.tensor(2.0, requires_grad=True)\n"
        "torch.zeros(4).masked_fill(torch.tensor([True, True, False, True]), s).sum().backward()\n"
        "out = s.grad\n"
    ),
    "masked fill grad w": (
        "s = torch.tensor(2.0, requires_grad=True)\n"
        "mask, w = torch.tensor([True, True, False]), torch.tensor([1.0, 10.0, 100.0])\n"
        "(torch.zeros(3).masked_fill(mask, s) * w).sum().backward()\n"
        "out = s.grad\n"
    ),
    "max ties": ("x = torch.ones(2, requires_grad=True)\nx.max(0)[0].backward()\nout = x.grad\n"),
    "max ties values": (
        "x = torch.ones(2, 3, requires_grad=True)\n"
        "values, indices = torch.max(x, dim=1)\n"
        "values.sum().backward()\n"
        "out = x.grad\n"
    ),
    "amax ties": ("x = torch.ones(2, requires_grad=True)\nx.amax(0).backward()\nout = x.grad\n"),
    "max all ties": ("x = torch.ones(2, requires_grad=True)\nx.max().backward()\nout = x.grad\n"),
    "new tensors": "out = (torch.ones(1) * nn.Parameter(torch.ones(1))).requires_grad",
    "new tensors 2": ("x = torch.ones(1)\nout = x.requires_grad\n"),
    "copy broadcasts": ("x = torch.zeros(2, 2)\nx.copy_(torch.ones(2))\nout = x\n"),
    "T": "out = torch.ones(2, 3).T",
    "T nd": "out = torch.ones(2, 3, 4).mT",
    "floor mod": "out = (torch.tensor([-7.0]) // 2.0, torch.tensor([-7]) % 3)",
    "0-d weak": "out = (torch.ones(1) + torch.tensor(2.0, dtype=torch.float64))",
    "np scalar dtype": "out = torch.tensor(1.5).dtype, torch.tensor(np.float64(1.5)).dtype",
    "np scalar times": "out = torch.ones(1) * np.float64(2)",
    "int div": "out = torch.tensor([1]) / torch.tensor([2])",
    "arange": "out = len(torch.arange(0, 1, 0.1))",
    "conv transpose": "out = tuple(nn.ConvTranspose2d(2, 2, 3, 1, 0, 0, 2).weight.shape)",
    "conv bias": "out = nn.Conv2d(1, 1, 1, 1, 0, 1, 1, False).bias is None",
    "linear bias": "out = nn.Linear(2, 2, False).bias is None",
    "layer norm value": "out = nn.LayerNorm((2, 3))(torch.arange(12.0).view(2, 2, 3))",
    "mha": "out = len(nn.MultiheadAttention(4, 2)(*[torch.ones(1, 2, 4)] * 3))",
    "mha value": ("m = nn.MultiheadAttention(4, 2)\nx = torch.randn(3, 2, 4)\ny, w = m(x, x, x)\n"),
    "gru cell": "out = nn.GRUCell(2, 2)(torch.ones(1, 2))",
    "view write": ("z = torch.zeros(2, 3)\nv = z[0]\nv += 1\nout = z\n"),
    "view write 2": ("z = torch.zeros(2, 3)\nv = z.view(6)\nv += 1\nout = z\n"),
    "element write": ("z = torch.zeros(2, 3)\nz[0] += 1\nout = z\n"),
    "alias": ("x = torch.ones(2)\ny = x\ny += 1\nout = x\n"),
    "function argument": ("def f(q):\n    q += 1\n    return q\nx = torch.ones(2)\nf(x)\nout = x\n"),
    "fresh": ("def f(x):\n    out = x * 2\n    out += 1\n    return out\ny = f(torch.ones(2))\n"),
    "relu statement": ("x = torch.tensor([-1.0, 1.0])\nF.relu(x, inplace=True)\nout = x\n"),
    "relu layer": (
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.relu = nn.ReLU(inplace=True)\n"
        "    def forward(self, x):\n"
        "        y = self.relu(x)\n"
        "        return y + x\n"
        "out = Net()(torch.tensor([-1.0, 1.0]))\n"
    ),
    "mask write": ("x = torch.zeros(3)\nx[torch.tensor([True, False, True])] += 2\nout = x\n"),
    "data write": ("x = torch.zeros(3)\nx.data.add_(1)\nout = x\n"),
    "detach write": ("x = torch.zeros(3)\ny = x.detach()\ny.add_(1)\nout = x\n"),
    "detach aug": ("x = torch.zeros(3)\ny = x.detach()\ny += 1\nout = x\n"),
    "param data": ("m = nn.Conv2d(1, 1, 1)\nm.weight.data = torch.ones(1, 1, 1, 1)\nout = m.weight\n"),
    "param data add": ("m = nn.Conv2d(1, 1, 1)\nm.weight.data.add_(1.0)\nout = m.weight\n"),
    "param data aug": ("m = nn.Conv2d(1, 1, 1)\nm.weight.data += 1.0\nout = m.weight\n"),
}
FLAGGED = {
    "a tensor as an attribute from outside": (
        "T403",
        "class K(nn.Module):\n    pass\nk = K()\nk.t = torch.ones(1)\n",
    ),
    "a tensor as an attribute": (
        "T403",
        "class K(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.t = torch.ones(1)\n",
    ),
    "embedding padding": ("T303", "out = F.embedding(torch.tensor([0, 1]), torch.ones(2, 2), 0)"),
    "from numpy shares": ("T401", ("a = np.ones(2, 'float32')\nt = torch.from_numpy(a)\na[0] = 7.0\nout = t\n")),
    "numpy shares": ("T401", ("t = torch.ones(2)\nt.numpy()[0] = 7.0\nout = t\n")),
    "numpy shares name": ("T401", ("t = torch.ones(2)\na = t.numpy()\na[0] = 7.0\nout = t\n")),
    "numpy shares read": ("T401", ("t = torch.ones(2)\na = t.numpy()\nt.add_(1)\nout = a\n")),
    "as_tensor shares": ("T401", ("a = np.ones(2, 'float32')\nt = torch.as_tensor(a)\na[0] = 7.0\nout = t\n")),
    "expand write": ("T401", ("x = torch.zeros(1, 3)\ny = x.expand(2, 3)\nx += 1\nout = y\n")),
    "instance norm": (
        "T303",
        ("m = nn.InstanceNorm1d(1, track_running_stats=True).eval()\nout = m(torch.tensor([[[1.0, 3.0]]]))\n"),
    ),
    "layer norm": ("T309", "out = tuple(nn.LayerNorm((2, 3)).weight.shape)"),
    "set_": ("T305", ("x = torch.zeros(3)\nx.set_(torch.ones(2))\nout = x\n")),
}
DIFFERENT = {  # what the rule's `differs` says, and verification applies
    "the inputs of a matrix that is no layer's": (
        "torch.nn.init.kaiming_normal_",
        "matrix",
        "def f(w):\n    nn.init.kaiming_normal_(w)\n    return w.std().item() < 0.06\nout = f(torch.empty(10, 1000))\n",
    ),
    "the variance that batch norms keep": (
        "torch.nn.BatchNorm1d",
        "running_var",
        "m = nn.BatchNorm1d(1)\ny = m(torch.tensor([[1.0], [3.0]]))\nout = m.running_var\n",
    ),
    "a batch of one value": (
        "torch.nn.BatchNorm1d",
        "a batch of one value",
        "try:\n    nn.BatchNorm1d(1)(torch.ones(1, 1))\n    out = 'silent'\nexcept ValueError:\n    out = 'raises'\n",
    ),
    "backward of several values": (
        "torch.Tensor.backward",
        "a result of several values",
        (
            "out, w = 'raises', torch.ones(2).requires_grad_()\n"
            "try:\n    w.backward()\n    out = 'silent'\nexcept RuntimeError:\n    pass\n"
        ),
    ),
}


def run(runner: ExampleRunner, name: str, code: str) -> tuple[str, str]:
    result = runner.run(Rule(name, "trap:1", example=code))
    return result.status, result.reason


@pytest.mark.parametrize("name", EQUAL)
def test_equal(runner: ExampleRunner, name: str) -> None:
    assert run(runner, name, EQUAL[name]) == ("passed", "")


@pytest.mark.parametrize("name", FLAGGED)
def test_flagged(name: str) -> None:
    code, source = FLAGGED[name]
    assert code in translate_source(with_imports(source), rules=RULES).codes


@pytest.mark.parametrize("name", DIFFERENT)
def test_known_to_differ(runner: ExampleRunner, name: str) -> None:
    api, tensor, source = DIFFERENT[name]
    assert run(runner, name, source)[0] == "failed"
    rule = RULES.get(api)
    assert rule is not None
    assert tensor in [difference.tensor for difference in rule.differs]
