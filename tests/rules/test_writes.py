"""Writes into tensors, executed in both frameworks: what is left in parameters, buffers and arguments is the same."""

from __future__ import annotations

import pytest

from translator.ruleset.model import Rule
from translator.verify.examples import ExampleRunner

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("paddle", reason="paddle is not installed")

MODELS = {
    "gradient descent by hand": (
        "m = nn.Conv2d(1, 2, 1)\n"
        "x = torch.randn(2, 1, 3, 3)\n"
        "m(x).pow(2).sum().backward()\n"
        "with torch.no_grad():\n"
        "    for p in m.parameters():\n"
        "        p -= 0.1 * p.grad\n"
        "out = [p.detach() for p in m.parameters()]\n"
    ),
    "gradient descent in a function": (
        "m = nn.Conv2d(1, 2, 1)\n"
        "x = torch.randn(2, 1, 3, 3)\n"
        "def step(model, lr):\n"
        "    for p in model.parameters():\n"
        "        p.data -= lr * p.grad.data\n"
        "        p.grad.zero_()\n"
        "m(x).pow(2).sum().backward()\n"
        "step(m, 0.1)\n"
        "out = [p.detach() for p in m.parameters()]\n"
    ),
    "a moving average by methods": (
        "m = nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2))\n"
        "x = torch.randn(2, 1, 3, 3)\n"
        "avg = nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2))\n"
        "with torch.no_grad():\n"
        "    for a, b in zip(avg.parameters(), m.parameters()):\n"
        "        a.mul_(0.9).add_(b, alpha=0.1)\n"
        "out = [p.detach() for p in avg.parameters()]\n"
    ),
    "a moving average by operators": (
        "m = nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2))\n"
        "x = torch.randn(2, 1, 3, 3)\n"
        "avg = nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2))\n"
        "with torch.no_grad():\n"
        "    for a, b in zip(avg.parameters(), m.parameters()):\n"
        "        a *= 0.9\n"
        "        a += 0.1 * b\n"
        "out = [p.detach() for p in avg.parameters()]\n"
    ),
    "freeze": (
        "m = nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2))\n"
        "x = torch.randn(2, 1, 3, 3)\n"
        "for p in m.parameters():\n"
        "    p.requires_grad = False\n"
        "out = [p.requires_grad for p in m.parameters()]\n"
    ),
    "unfreeze": (
        "m = nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2))\n"
        "x = torch.randn(2, 1, 3, 3)\n"
        "for n, p in m.named_parameters():\n"
        "    p.requires_grad = True\n"
        "y = m(x)\n"
        "out = y.detach()\n"
    ),
    "count": (
        "m = nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2))\n"
        "x = torch.randn(2, 1, 3, 3)\n"
        "out = sum(p.numel() for p in m.parameters() if p.requires_grad), sum(p.numel() for p in m.parameters())\n"
    ),
    "decay": (
        "m = nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2))\n"
        "x = torch.randn(2, 1, 3, 3)\n"
        "decay, rest = [], []\n"
        "for n, p in m.named_parameters():\n"
        "    (rest if p.ndim == 1 else decay).append(p)\n"
        "out = len(decay), len(rest)\n"
        "opt = torch.optim.SGD([{'params': decay, 'weight_decay': 0.1}, {'params': rest}], lr=0.1)\n"
    ),
    "clip": (
        "m = nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2))\n"
        "x = torch.randn(2, 1, 3, 3)\n"
        "m(x).pow(2).sum().backward()\n"
        "norm = torch.nn.utils.clip_grad_norm_(m.parameters(), 1.0)\n"
        "out = norm\n"
    ),
    "a parameter of a layer": (
        "class A(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.w = nn.Parameter(torch.ones(2))\n"
        "    def step(self):\n"
        "        with torch.no_grad():\n"
        "            self.w += 1\n"
        "        return self.w\n"
        "out = A().step().detach()\n"
    ),
    "a buffer of a layer": (
        "class A(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.register_buffer('c', torch.zeros(2))\n"
        "    def forward(self, x):\n"
        "        self.c += x\n"
        "        return self.c * 2\n"
        "a = A()\n"
        "b = a.c\n"
        "a(torch.ones(2))\n"
        "out = a.c, list(a.state_dict())\n"
    ),
    "a buffer by another name": (
        "class A(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.register_buffer('c', torch.zeros(2))\n"
        "    def forward(self, x):\n"
        "        c = self.c\n"
        "        c *= 0.9\n"
        "        c += 0.1 * x\n"
        "        return x - c\n"
        "a = A()\n"
        "y = a(torch.ones(2))\n"
        "out = a.c\n"
    ),
    "an activation in place before a shortcut": (
        "class B(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.act = nn.ReLU(inplace=True)\n"
        "        self.conv = nn.Conv2d(1, 1, 1)\n"
        "    def forward(self, x):\n"
        "        out = self.act(x)\n"
        "        out = self.conv(out)\n"
        "        return out + x\n"
        "x = torch.randn(1, 1, 2, 2)\n"
        "out = B()(x)\n"
    ),
    "the gradient of an activation in place": (
        "class B(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.act = nn.SiLU(inplace=True)\n"
        "        self.conv = nn.Conv2d(1, 1, 1)\n"
        "    def forward(self, x):\n"
        "        out = self.act(x)\n"
        "        out = self.conv(out)\n"
        "        return out + x\n"
        "x = torch.randn(1, 1, 2, 2, requires_grad=True)\n"
        "y = x * 2\n"
        "out = B()(y)\n"
        "out.sum().backward()\n"
    ),
    "densenet": (
        "x = torch.randn(1, 2, 2, 2)\n"
        "feats = [x]\n"
        "for i in range(2):\n"
        "    y = F.relu(torch.cat(feats, 1), inplace=True)\n"
        "    feats.append(y)\n"
        "out = torch.cat(feats, 1)\n"
    ),
    "mask": (
        "s = torch.randn(2, 3)\n"
        "m = torch.tensor([[1, 0, 1], [1, 1, 0]])\n"
        "out = s.masked_fill(m == 0, -1e9), s * m, (1 - m) * s, s + m * 2\n"
    ),
    "positions": (
        "p = torch.arange(4).unsqueeze(1)\n"
        "d = torch.exp(torch.arange(0, 4, 2) * (-1.0 / 4))\n"
        "pe = torch.zeros(4, 4)\n"
        "pe[:, 0::2] = torch.sin(p * d)\n"
        "pe[:, 1::2] = torch.cos(p * d)\n"
        "out = pe\n"
    ),
    "onehot": (
        "y = torch.tensor([0, 2])\n"
        "h = F.one_hot(y, 3)\n"
        "p = torch.rand(2, 3)\n"
        "out = (h * p).sum(), (h * torch.log(p)).sum(1), -(h * F.log_softmax(p, 1)).mean()\n"
    ),
    "dice": (
        "p = torch.rand(2, 3)\n"
        "t = torch.tensor([[1, 0, 1], [0, 1, 1]])\n"
        "inter = (p * t).sum()\n"
        "out = 1 - (2 * inter + 1) / (p.sum() + t.sum() + 1)\n"
    ),
    "boxes": (
        "b = torch.tensor([[0, 0, 2, 2], [1, 1, 3, 3]])\n"
        "f = b.float()\n"
        "area = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])\n"
        "wh = torch.min(f[:, None, 2:], f[:, 2:]) - torch.max(f[:, None, :2], f[:, :2])\n"
        "inter = wh.clamp(min=0).prod(2)\n"
        "out = inter / (area[:, None] + area - inter)\n"
    ),
    "acc": (
        "o = torch.randn(4, 5)\n"
        "t = torch.tensor([0, 1, 2, 3])\n"
        "_, pred = o.topk(2, 1, True, True)\n"
        "pred = pred.t()\n"
        "ok = pred.eq(t.view(1, -1).expand_as(pred))\n"
        "out = [ok[:k].reshape(-1).float().sum(0) * (100.0 / 4) for k in (1, 2)], (pred == t).sum().item()\n"
    ),
    "a grid": (
        "y, x = torch.meshgrid(torch.arange(2), torch.arange(3), indexing='ij')\n"
        "g = torch.stack((x, y), 2)\n"
        "f = torch.rand(2, 3, 2)\n"
        "out = f + g, (f.sigmoid() * 2 - 0.5 + g) * 8\n"
    ),
    "roll": (
        "h = torch.zeros(3, dtype=torch.long)\n"
        "h += torch.ones(3, dtype=torch.long)\n"
        "h[0] += 5\n"
        "out = h.float() / h.sum()\n"
    ),
    "inplace loss": (
        "total = torch.zeros(())\nlosses = torch.rand(3)\nfor l in losses:\n    total += l\nout = total, losses\n"
    ),
    "an argument": (
        "def acc(total, x: torch.Tensor):\n"
        "    total += x.sum()\n"
        "    return total\n"
        "t = torch.zeros(1)\n"
        "acc(t, torch.ones(3))\n"
        "out = t\n"
    ),
    "two halves": ("x = torch.arange(4.0)\na, b = x[:2], x[2:]\na += 10\nb *= 2\nout = x\n"),
    "flip": ("x = torch.arange(6.0).view(2, 3)\nx[:, [0, 2]] = x[:, [2, 0]]\nx[x > 3] -= 1\nout = x\n"),
    "a slice of an argument": (
        "b = torch.tensor([[0.0, 0.0, 2.0, 4.0]])\n"
        "def to_xyxy(b: torch.Tensor):\n"
        "    b[:, 2:] += b[:, :2]\n"
        "    return b\n"
        "c = to_xyxy(b)\n"
        "out = b, c\n"
    ),
    "two slices": (
        "b = torch.tensor([[0.0, 0.0, 2.0, 4.0]])\nxy, wh = b[:, :2], b[:, 2:]\nxy += 1\nwh /= 2\nout = b\n"
    ),
}
PARAMETER = {
    "zero_": "m.weight.data.zero_()",
    "fill_": "m.weight.data.fill_(0.5)",
    "copy_": "m.weight.data.copy_(t)",
    "add_": "m.weight.data.add_(t)",
    "add_ alpha": "m.weight.data.add_(t, alpha=0.5)",
    "sub_": "p.data.sub_(t)",
    "mul_": "p.data.mul_(t)",
    "mul_ s": "p.data.mul_(0.5)",
    "div_": "p.data.div_(t)",
    "clamp_": "p.data.clamp_(-0.1, 0.1)",
    "normal_": "p.data.normal_(0, 0.01)",
    "uniform_": "p.data.uniform_(-1, 1)",
    "data aug": "p.data -= t",
    "data aug2": "p.data -= 0.1 * t",
    "data set": "p.data = p.data - t",
    "lerp_": "p.data.lerp_(t, 0.5)",
    "masked_fill_": "p.data.masked_fill_(t > 0, 1.0)",
    "index set": "p.data[0] = 1.0",
    "index aug": "p.data[0] += t[0]",
    "ng aug": ("with torch.no_grad():\n    p -= t\n"),
    "ng mul": ("with torch.no_grad():\n    p.mul_(t)\n"),
    "ng copy": ("with torch.no_grad():\n    p.copy_(t)\n"),
    "ng idx": ("with torch.no_grad():\n    p[0] = 1.0\n"),
    "grad zero": ("(m(torch.ones(1, 1, 2, 2)) ** 2).sum().backward()\np.grad.zero_()\n"),
    "grad data zero": ("(m(torch.ones(1, 1, 2, 2)) ** 2).sum().backward()\np.grad.data.zero_()\n"),
    "grad clip": ("(m(torch.ones(1, 1, 2, 2)) ** 2).sum().backward()\np.grad.data.clamp_(-1, 1)\np.grad *= 2\n"),
    "det": "p.detach().add_(t)",
    "det2": ("w = p.detach()\nw += t\n"),
    "erase": "p.data.abs_()",
    "sqrt": "p.data.pow_(2)",
    "round": "p.data.round_()",
}
ACTIVATION = {
    "a list that grows": (
        "    def forward(self, x):\n"
        "        feats = []\n"
        "        for i in range(2):\n"
        "            x = self.conv(x)\n"
        "            feats.append(x)\n"
        "            x = self.act(x)\n"
        "        return feats\n"
    ),
    "a dict": (
        "    def forward(self, x):\n"
        "        d = {}\n"
        "        x = self.conv(x)\n"
        "        d['a'] = x\n"
        "        x = self.act(x)\n"
        "        d['b'] = x\n"
        "        return d\n"
    ),
    "a list": (
        "    def forward(self, x):\n"
        "        x = self.conv(x)\n"
        "        skips = [x]\n"
        "        x = F.relu(x, inplace=True)\n"
        "        return skips[0] + x\n"
    ),
    "two results": (
        "    def forward(self, x):\n        x = self.conv(x)\n        y = self.act(x)\n        return x, y\n"
    ),
    "a view": (
        "    def forward(self, x):\n"
        "        x = self.conv(x)\n"
        "        y = x.flatten(1)\n"
        "        z = self.act(y)\n"
        "        return x + z.view_as(x)\n"
    ),
    "in a branch": (
        "    def forward(self, x):\n"
        "        x = self.conv(x)\n"
        "        s = x\n"
        "        if x.ndim == 4:\n"
        "            x = self.act(x)\n"
        "        return x + s\n"
    ),
    "in a condition": (
        "    def forward(self, x):\n"
        "        x = self.conv(x)\n"
        "        if (y := self.act(x)).ndim == 4:\n"
        "            return x * 2 + y\n"
        "        return y\n"
    ),
    "inside an expression": (
        "    def forward(self, x):\n        x = self.conv(x)\n        return self.conv(self.act(x)) + x\n"
    ),
    "before in a list": (
        "    def forward(self, x):\n        h = self.conv(x)\n        return torch.cat([self.act(h), h], 1)\n"
    ),
    "before in a sum": ("    def forward(self, x):\n        h = self.conv(x)\n        return h + self.act(h)\n"),
    "through a method": (
        "    def pre(self, x):\n"
        "        return self.act(x)\n"
        "    def forward(self, x):\n"
        "        h = self.conv(x)\n"
        "        y = self.pre(h)\n"
        "        return h + y\n"
    ),
    "by position": (
        "    def forward(self, x):\n"
        "        h = self.conv(x)\n"
        "        y = F.dropout(h, 0.0, True, True)\n"
        "        return h + y\n"
    ),
}
LAYER = "m = nn.Conv2d(1, 2, 1)\nt = torch.ones(2, 1, 1, 1) * 0.5\np = m.weight\n{}\nout = m.weight.detach()\n"


@pytest.mark.parametrize("name", MODELS)
def test_models(runner: ExampleRunner, name: str) -> None:
    result = runner.run(Rule(name, "model:1", example=MODELS[name]))
    assert (result.status, result.reason) == ("passed", "")


@pytest.mark.parametrize("name", PARAMETER)
def test_into_a_parameter(runner: ExampleRunner, name: str) -> None:
    result = runner.run(Rule(name, "parameter:1", example=LAYER.format(PARAMETER[name])))
    assert (result.status, result.reason) == ("passed", "")


@pytest.mark.parametrize("name", ACTIVATION)
def test_an_activation_in_place(runner: ExampleRunner, name: str) -> None:
    source = (
        "class N(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.act = nn.ReLU(inplace=True)\n        self.conv = nn.Conv2d(1, 1, 1)\n"
        f"{ACTIVATION[name]}x = torch.randn(1, 1, 2, 2)\nout = N()(x)\n"
    )
    result = runner.run(Rule(name, "activation:1", example=source))
    assert (result.status, result.reason) == ("passed", "")
