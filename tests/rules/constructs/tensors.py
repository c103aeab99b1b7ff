# %% indexing
x = torch.arange(60.0).reshape(3, 4, 5)
a = x[:, None]
b = x[..., 0]
c = x[:, ::2, 1:4:2]
d = x[-1]
e = x[0, :, -2:]
f = x[..., None, :]
g = x[torch.tensor([0, 2])]
h = x[:, torch.tensor([[0, 1], [2, 3]])]
i = x[torch.tensor([0, 1]), torch.tensor([1, 2])]
j = x[torch.tensor([0, 1]), :, torch.tensor([1, 2])]
k = x[x > 5]
l = x[:, [0, 2]]
m = x[[0, 1], [1, 2], [2, 3]]
n = x[0][x[0] > 3]
o = x[:, torch.tensor([True, False, True, False])]
p = x[1, torch.tensor([0, 2]), 2:4]
q = x[None]
r = x[..., [0, 1], :]
s = x[(0, 1)]
t = x[..., torch.tensor([1, 2])]
u = x[True]
v = x[:, :, torch.arange(2)]
w = x[0:2, 1]
idx = [0, 2]
y = x[idx]
z = x[slice(0, 2)]
# %% index put
x = torch.zeros(3, 4)
x.index_put_((torch.tensor([0, 1]),), torch.tensor(5.0))
x.index_put_([torch.tensor([0, 1]), torch.tensor([2, 3])], torch.tensor([1.0, 2.0]), accumulate=True)
y = torch.zeros(3, 4).scatter_(1, torch.tensor([[0], [1], [2]]), 1)
z = torch.zeros(3, 4).scatter(1, torch.tensor([[0], [1], [2]]), 1.0)
w = torch.zeros(3, 4).masked_fill_(torch.tensor([[True, False, True, False]]), float("-inf"))
v = torch.zeros(3, 4)
v.masked_fill_(v == 0, 2)
u = torch.zeros(3, 4).scatter_(dim=1, index=torch.tensor([[0], [1], [2]]), value=1)
t = torch.zeros(3, 5).scatter_(1, torch.tensor([1, 0, 2]).unsqueeze(1), 1.0)
s = torch.ones(3, 4).masked_fill(torch.ones(3, 4).bool(), 3)
r = torch.ones(3, 4, dtype=torch.long).masked_fill(torch.eye(3, 4).bool(), 3)
# %% fstring tensors
x = torch.tensor(3.5)
a = f"{x:.2f}"
b = "%.3f" % x
c = "{:.1f}".format(x)
d = f"{x.item()}"
e = f"loss {float(x):>8.3f}"
# %% devices
x = torch.zeros(2)
dev = torch.device("cpu")
a = x.to(dev)
b = x.to("cpu")
c = x.device == dev
d = dev.type
e = x.device.type == "cpu"
f = x.is_cuda
g = torch.device("cuda" if torch.cuda.is_available() else "cpu")
h = x.to(g)
i = str(dev)
j = torch.zeros(2, device=x.device)
k = torch.zeros(2, device=dev, dtype=torch.float64)
l = x.cpu()
m = torch.arange(3, device=x.device)
n = x.device
o = torch.device(type="cpu")
p = isinstance(dev, torch.device)
q = dev.index
r = torch.device("cuda:0").index
s = torch.ones_like(x, device=dev)
t = torch.cuda.is_available()
u = torch.cuda.device_count()
v = f"{dev}"
w = x.get_device()
y = "cuda" in str(dev)
z = x.device.type != "mps"
aa = torch.device("cuda", 1)
bb = torch.tensor([1.0], device="cpu")
cc = next(nn.Linear(1, 1).parameters()).device.type
dd = torch.device(dev)
ee = torch.backends.mps.is_available()
ff = x.device in (torch.device("cpu"),)
# %% op int scalar
i = torch.tensor([5, -5, 7])
o11 = i | 3
o12 = i ^ 1
o10 = i & 3
o13 = i << 1
o14 = i >> 1
o15 = 1 << i.abs()
o16 = 3 & i
# %% op bool scalar
m = torch.tensor([True, False])
a = m | True
b = m & False
c = m ^ True
d = True & m
e = ~m
# %% op int tensors
i = torch.tensor([5, -5, 7])
j = torch.tensor([3, 3, -2])
o1 = i // j
o2 = i % j
o3 = i // 2
o4 = -i % 3
o5 = 3 // i
o6 = 3 % i
o7 = i ** 2
o8 = ~i
o9 = i & j
# %% op true division
i = torch.tensor([5, -5, 7])
j = torch.tensor([3, 3, -2])
o1 = i / j
o2 = i / 2
o3 = 2 / i
# %% op bool mul
m = torch.tensor([True, False])
a = m * 1
b = m + m
c = m.float() * 2
d = m.sum()
e = (m * torch.tensor([1.5, 2.5]))
f = m.long() + 1
g = 1 - m.int()
# %% chained compare
x = torch.tensor(2.0)
a = 1 < x < 3
b = bool(0 <= x <= 1)
y = torch.tensor([1.0, 2.0])
c = (y >= 1).logical_and(y <= 1.5)
d = x == 2.0 and y.sum() > 1
# %% in and contains
v = torch.arange(6).reshape(2, 3)
a = 2 in v
b = 9 in v
c = torch.tensor(3) in v
# %% python builtins
x = torch.tensor(3.5)
v = torch.arange(6).reshape(2, 3)
d = len(v)
rows = [r.sum() for r in v]
h = int(v.max())
l = [float(t) for t in torch.ones(2)]
n = sum(torch.ones(3))
o = max(torch.tensor(1.0), torch.tensor(2.0))
p = not x
q = 1 if v.any() else 0
r = sorted([torch.tensor(2.0), torch.tensor(1.0)])
u = [1, 2, 3][torch.tensor(1)]
y = math.sqrt(x)
z = list(enumerate(v))[1][0]
aa = [a * b for a, b in zip(torch.ones(2), torch.ones(2))]
bb = list(map(lambda t: t * 2, v))
cc = reversed([1, 2])
dd = v[0].tolist()
ee = any(v.flatten() > 4)
ff = all(t > -1 for t in v.flatten())
gg = dict(a=v)["a"]
hh = isinstance(v, torch.Tensor)
ii = range(v.size(0))[-1]
jj = min(v.shape)
kk = pow(x, 2)
x1, x2 = torch.ones(2, 3)
first, *others = torch.arange(3.0)
# %% in place chains
x = torch.ones(2, 3)
x.add_(1).mul_(2)
x.clamp_(min=0, max=3)
x.fill_(2).sub_(1)
v = torch.ones(3)
v.relu_()
v.sqrt_()
v.exp_()
v.neg_().abs_()
w = torch.ones(3)
w += 1
w -= 0.5
w *= 2
w /= 4
w **= 2
w //= 1
z = torch.zeros(3)
z[1:] += 1
z[z > 0] *= 3
z.unsqueeze_(0).squeeze_(0)
t = torch.ones(3).addcmul_(torch.ones(3), torch.ones(3), value=2)
s = torch.ones(3).addcdiv_(torch.ones(3), torch.ones(3), value=2)
r = torch.ones(3).lerp_(torch.zeros(3), 0.1)
q = torch.ones(3).div_(2).pow_(2)
o = torch.ones(2, 2)
o.fill_diagonal_(0)
m = torch.zeros(3)
m.copy_(torch.tensor([1, 2, 3]))
k = torch.zeros(2, 2).normal_().shape
# %% data and detach
x = torch.ones(2, 3)
a = x.clone().detach()
b = x.detach().clone()
c = x.clone(memory_format=torch.contiguous_format)
d = x.contiguous().view(-1)
y = torch.ones(2, requires_grad=True)
y.data = torch.zeros(2)
y.data.add_(1)
with torch.no_grad():
    y.copy_(torch.tensor([5.0, 6.0]))
    y += 1
z = y.data.numpy()
w = y.detach().cpu().numpy()
e = y.detach().requires_grad_()
(e * 2).sum().backward()
f = e.grad.clone()
e.grad.zero_()
e.grad = None
g = e.is_leaf
h = y.requires_grad
# %% slices
x = torch.arange(24.0).reshape(2, 3, 4)
a = x[:, ::2]
b = x[..., ::3]
c = x[:, 1:3, -2:]
d = x[-1, :, 0]
e = x.flip(-1)[..., ::2]
f = x[:, :-1]
g = x[0, 1, 2]
h = x[:1][0]
x[..., 1::2] = 0
x[0, :, ::2] = torch.tensor([1.0, 2.0])
i = x[x.sum(-1) > 5]
j = x[:, [True, False, True]]
k = x[torch.tensor([1, 0]), ..., 2]
l = x[:, None, :, None].shape
m = x[..., None][..., 0]
n = x.select(1, 0)
o = x.narrow(2, 1, 2)
idx = torch.tensor([[0, 1], [1, 0]])
p = x[idx].shape
q = x[:, idx].shape
r = x[0][idx]
s = x[(slice(None), 1)]
t = x[tuple([0, 1])]
u = x[[0, 1], [1, 2]]
v = x[:, :, torch.tensor([0, 2])].shape
w = x[0][:, None] * x[0][None, :, :]
y = x[1:2, ..., -1:].squeeze()
# %% to forms
x = torch.zeros(2, 3)
y = torch.ones(1, dtype=torch.float64)
w = x.type(torch.FloatTensor)
z = x.type(torch.LongTensor)
cc = x.type("torch.DoubleTensor")
gg = torch.LongTensor([1, 2])
hh = torch.FloatTensor(2, 3).shape
a = torch.FloatTensor([1, 2])
b = torch.BoolTensor([True])
c = torch.IntTensor([1]).dtype
j = x.to(dtype=torch.float64, copy=True)
k = x.to(torch.float64, copy=True)
p = x.to("cpu", torch.float64, True)
