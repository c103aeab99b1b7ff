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
