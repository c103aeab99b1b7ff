# %% forward hook
seen = []
def hook(module, inputs, output):
    seen.append(output.shape[-1])
def pre(module, inputs):
    return (inputs[0] * 2,)
def change(module, inputs, output):
    return output + 1
net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
h = net[0].register_forward_hook(hook)
p = net[0].register_forward_pre_hook(pre)
c = net.register_forward_hook(change)
out = net(torch.ones(1, 3))
h.remove()
c.remove()
p.remove()
out2 = net(torch.ones(1, 3))
# %% state dict hooks
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)
        self._register_load_state_dict_pre_hook(self._hook)
    def _hook(self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs):
        key = prefix + "old.bias"
        if key in state_dict:
            state_dict[prefix + "fc.bias"] = state_dict.pop(key)
    def forward(self, x):
        return self.fc(x)
net = Net()
net.load_state_dict({"old.bias": torch.ones(2)}, strict=False)
out = net.fc.bias
# %% load from state dict
class Net(nn.Module):
    _version = 2
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)
    def _load_from_state_dict(self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs):
        version = local_metadata.get("version", None)
        if version is None or version < 2:
            for key in ["weight", "bias"]:
                old = prefix + key
                if old in state_dict:
                    state_dict[prefix + "fc." + key] = state_dict.pop(old)
        super()._load_from_state_dict(state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
    def forward(self, x):
        return self.fc(x)
net = nn.Sequential(Net())
net.load_state_dict({"0.bias": torch.ones(2)}, strict=False)
out = net[0].fc.bias
# %% train override
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bn = nn.BatchNorm1d(3)
        self.frozen = True
    def train(self, mode=True):
        super().train(mode)
        if self.frozen:
            self.bn.eval()
        return self
    def forward(self, x):
        return self.bn(x)
net = Net()
net.train()
a = net.bn.training
net.eval()
b = net.training
net.train(True)
c = net.training
# %% train override returns
class Net(nn.Module):
    def train(self, mode: bool = True):
        """Override."""
        return super().train(mode)
    def forward(self, x):
        return x
net = Net()
a = net.train(False).training
b = net.train().training
# %% extra repr
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(2))
    def extra_repr(self):
        return f"w={self.w.shape[0]}"
    def forward(self, x):
        return x * self.w
    def _get_name(self):
        return "Netty"
    def __repr__(self):
        return self.__class__.__name__ + "(" + str(self.w.shape[0]) + ")"
r = repr(Net())
# %% getattr
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        for i in range(2):
            setattr(self, f"conv{i}", nn.Linear(2, 2))
            self.add_module(f"fc{i}", nn.Linear(2, 2))
    def forward(self, x):
        for i in range(2):
            x = getattr(self, f"conv{i}")(x)
            x = self._modules[f"fc{i}"](x)
        return x
out = Net()(torch.ones(1, 2))
# %% linear weight data
old = nn.Linear(3, 5)
new = nn.Linear(3, 4)
new.weight.data = old.weight.data[1:]
new.bias.data = old.bias.data[1:]
out = new(torch.ones(1, 3))
# %% linear weight reads
fc = nn.Linear(3, 5)
s = fc.weight.shape
a = fc.weight.size(0)
b = fc.weight.t()
c = F.linear(torch.ones(1, 3), fc.weight, fc.bias)
d = fc.weight[0]
e = torch.ones(1, 3) @ fc.weight.t()
f = fc.weight.sum()
g = fc.weight.norm(dim=1)
h = fc.weight.detach().clone()[1:]
i = torch.cat([fc.weight, fc.weight])
j = F.normalize(fc.weight, dim=1)
k = fc.weight * 2
m, n = fc.weight.shape
o = fc.weight.numel()
p = fc.weight.dtype
q = torch.matmul(torch.ones(1, 3), fc.weight.transpose(0, 1))
r = fc.weight.data.numpy()[0]
fc.weight.sum().backward()
t = fc.weight.grad[0]
u = fc.weight.view(-1)[:4]
v = torch.norm(fc.weight, dim=1)
w = fc.weight.data.size()
x = fc.weight.mean(0)
y = fc.weight.abs().max().item()
z = -fc.weight
# %% linear weight writes
fc = nn.Linear(3, 5)
fc.weight.data.copy_(torch.arange(15.0).view(5, 3))
a = fc(torch.ones(1, 3))
fc.weight = nn.Parameter(torch.arange(15.0).view(5, 3) * 2)
b = fc(torch.ones(1, 3))
fc.weight.data = torch.ones(5, 3)
c = fc(torch.ones(1, 3))
with torch.no_grad():
    fc.weight.copy_(torch.arange(15.0).view(5, 3))
    fc.weight.mul_(0.5)
    fc.weight.data.div_(2)
    fc.weight.add_(1)
d = fc(torch.ones(1, 3))
fc2 = nn.Linear(3, 5)
fc2.weight = fc.weight
e = fc2(torch.ones(1, 3))
fc2.weight.data = fc.weight.data
f = fc2(torch.ones(1, 3))
fc2.weight.data = fc.weight.data.clone()
fc2.weight = nn.Parameter(fc.weight[[1, 0, 2, 3, 4]])
g = fc2(torch.ones(1, 3))
fc2.weight.data = torch.eye(5)[:, :3]
h = fc2(torch.ones(1, 3))
# %% mha
m = nn.MultiheadAttention(8, 2)
x = torch.randn(3, 2, 8)
out, w = m(x, x, x)
o2 = m(x, x, x, need_weights=False)[0]
o3, w3 = m(x, x, x, average_attn_weights=False)
mask = torch.triu(torch.ones(3, 3), 1).bool()
o4 = m(x, x, x, attn_mask=mask)[0]
kp = torch.tensor([[False, False, True], [False, True, True]])
o5 = m(x, x, x, key_padding_mask=kp)[0]
# %% full backward hook
grads = []
def hook(module, grad_input, grad_output):
    grads.append(grad_output[0])
net = nn.Linear(3, 2)
net.register_full_backward_hook(hook)
net(torch.ones(1, 3)).sum().backward()
out = 1
# %% containers
m = nn.ModuleList([nn.Linear(2, 2) for _ in range(3)])
a = len(m)
m.append(nn.Linear(2, 3))
m.extend([nn.Linear(3, 2)])
m.insert(0, nn.Linear(2, 2))
x = torch.ones(1, 2)
for layer in m:
    x = layer(x)
n = len(m[1:])
d = nn.ModuleDict({"a": nn.Linear(2, 2)})
d["b"] = nn.ReLU()
k = list(d.keys())
v = "a" in d
for name, mod in d.items():
    x = mod(x)
d.update({"c": nn.Tanh()})
s = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
s.append(nn.Linear(2, 4))
y = s(x)
z = s[:2](x)
from collections import OrderedDict
t = nn.Sequential(OrderedDict([("a", nn.Linear(2, 2)), ("b", nn.ReLU())]))
u = t.a(x)
w = [n for n, _ in t.named_children()]
p = nn.ParameterList([nn.Parameter(torch.ones(2)) for _ in range(2)])
q = p[0] * 2
r = len(p)
e = nn.ParameterDict({"a": nn.Parameter(torch.ones(2))})
f = e["a"] + 1
g = list(e.keys())
h = sum(x.sum() for x in p)
s[1] = nn.Tanh()
j = s(x)
l = len(s)
class Seq(nn.Sequential):
    def forward(self, x, k):
        for m in self:
            x = m(x) * k
        return x
aa = Seq(nn.Linear(2, 2), nn.ReLU())(x, 2)
class Seq2(nn.Sequential):
    def __init__(self, a, b):
        super().__init__(nn.Linear(a, b), nn.ReLU(inplace=True))
        self.add_module("last", nn.Linear(b, a))
        self.out = b
bb = Seq2(2, 3)(x)
class Lst(nn.ModuleList):
    def __init__(self):
        super().__init__([nn.Linear(2, 2)])
    def forward(self, x):
        return self[0](x)
cc = Lst()(x)
dd = isinstance(s, nn.Sequential)
ff = nn.Sequential(*[nn.Linear(2, 2) for _ in range(2)])(x)
gg = nn.Identity()(x)
hh = nn.Identity(54, unused=1)(x)
# %% a class that is asked for by identity
class Mine(nn.Conv2d):
    pass
def kinds(made):
    return [type(each) is nn.Conv2d or nn.ReLU6 is type(each) for each in made]
layers = [nn.Conv2d(3, 4, 1), nn.Conv2d(*[3, 4, 1]), Mine(3, 4, 1), nn.ReLU(), nn.ReLU6(inplace=True), nn.Identity()]
found = kinds(layers)
norms = [type(each) is not nn.GroupNorm for each in (nn.GroupNorm(1, 2), nn.GroupNorm(1, 2, affine=False), nn.Identity())]
act = nn.ReLU6
out = [isinstance(act(), nn.ReLU6), type(act(inplace=True)) is nn.ReLU6]
# %% layers that could be quantized, in floats
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.norm = nn.BatchNorm2d(3)
        self.relu = nn.ReLU()
        self.quant, self.dequant = torch.quantization.QuantStub(), torch.quantization.DeQuantStub()
        self.ops = nn.quantized.FloatFunctional()
    def forward(self, x):
        x = self.quant(x)
        return self.dequant(self.ops.add_relu(x, self.relu(self.norm(self.conv(x)))))
    def fuse(self):
        fuse = torch.ao.quantization.fuse_modules_qat if self.training else torch.ao.quantization.fuse_modules
        fuse(self, ["conv", "norm", "relu"], inplace=True)
net = Block().eval()
names = [name for name, _ in net.named_modules()]
x = torch.randn(2, 3, 5, 5)
before = net(x)
net.fuse()
after = net(x)

# %% the rest of a block of unknown class among layers
class Body(nn.Module):
    def __init__(self, parts: nn.Module):
        super().__init__()
        self.features = nn.Sequential(parts[0].block[0], nn.Sequential(parts[0].block[1:], *parts[1:]))

    def forward(self, x):
        return self.features(x)

class Part(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 4), nn.ReLU())

body = Body(nn.Sequential(Part(), nn.Linear(4, 2)))
names = list(body.state_dict())
out = body(torch.ones(2, 3))
body = None
