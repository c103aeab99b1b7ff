# %% no_grad decorators
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)
    @torch.no_grad()
    def init(self):
        self.fc.bias.fill_(1.0)
    @torch.no_grad
    def predict(self, x: torch.Tensor):
        return self.fc(x)
    @torch.inference_mode()
    def infer(self, x: torch.Tensor):
        return self.fc(x)
    @torch.inference_mode
    def infer2(self, x: torch.Tensor):
        return self.fc(x)
    @torch.enable_grad()
    def enabled(self, x: torch.Tensor):
        return self.fc(x)
net = Net()
net.init()
x = torch.ones(1, 3)
a = net.predict(x).requires_grad
b = net.infer(x).requires_grad
d = net.infer2(x).requires_grad
with torch.no_grad():
    c = net.enabled(x).requires_grad
out = net.predict(x)
# %% set_grad_enabled
w = torch.ones(2, requires_grad=True)
torch.set_grad_enabled(False)
a = (w * 2).requires_grad
torch.set_grad_enabled(True)
b = (w * 2).requires_grad
@torch.set_grad_enabled(False)
def f(x: torch.Tensor):
    return x * 2
c = f(w).requires_grad
prev = torch.is_grad_enabled()
with torch.set_grad_enabled(not prev):
    d = (w * 2).requires_grad
no_grad = torch.no_grad
with no_grad():
    e = (w * 2).requires_grad
with torch.inference_mode(False):
    h = (w * 2).requires_grad
with torch.autograd.no_grad(), torch.enable_grad():
    i = (w * 2).requires_grad
import contextlib
ctx = torch.no_grad() if prev else contextlib.nullcontext()
with ctx:
    j = (w * 2).requires_grad
# %% function save
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale=2.0):
        ctx.save_for_backward(x)
        ctx.scale = scale
        return x * x * scale
    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        return grad_output * 2 * x * ctx.scale, None
x = torch.tensor([1.0, 2.0], requires_grad=True)
y: torch.Tensor = Square.apply(x, 3.0)
y.sum().backward()
out = x.grad
# %% function names
from torch.autograd import Function
import torch.autograd as ag
class Two(Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        ctx.set_materialize_grads(False)
        return a * b, a + b
    @staticmethod
    def backward(ctx, g1, g2):
        a, b = ctx.saved_tensors
        ga = gb = None
        if ctx.needs_input_grad[0]:
            ga = g1 * b + (g2 if g2 is not None else 0)
        if ctx.needs_input_grad[1]:
            gb = g1 * a
        return ga, gb
a = torch.tensor([1.0, 2.0], requires_grad=True)
b = torch.tensor([3.0, 4.0])
two = Two.apply
p, q = two(a, b)
p.sum().backward()
out = a.grad
# %% swish jit
@torch.jit.script
def swish_fwd(x: torch.Tensor) -> torch.Tensor:
    return x * torch.sigmoid(x)
class Swish(torch.autograd.Function):
    @staticmethod
    def symbolic(g, x):
        return g.op("Mul", x, g.op("Sigmoid", x))
    @staticmethod
    def forward(ctx, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)
    @staticmethod
    def backward(ctx, grad_output: torch.Tensor):
        x = ctx.saved_tensors[0]
        s = torch.sigmoid(x)
        return grad_output * (s * (1 + x * (1 - s)))
x = torch.tensor([1.0, 2.0], requires_grad=True)
def swish(x: torch.Tensor, inplace: bool = False) -> torch.Tensor:
    return Swish.apply(x)
class Module(nn.Module):
    def forward(self, x):
        return Swish.apply(x)
y = Module()(x)
y.sum().backward()
out = x.grad
z = swish(x)
# %% dirty and non differentiable
class Inc(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        mask = x > 1
        ctx.mark_non_differentiable(mask)
        return x * 2, mask
    @staticmethod
    def backward(ctx, g, gm):
        return g * 2
x = torch.tensor([1.0, 2.0], requires_grad=True)
y, m = Inc.apply(x)
y.sum().backward()
out = x.grad
flag = m
# %% once differentiable
from torch.autograd.function import once_differentiable, Function, FunctionCtx
class D(Function):
    @staticmethod
    def forward(ctx: FunctionCtx, x):
        ctx.shape = x.shape
        return x.sum()
    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        return g.expand(ctx.shape)
x = torch.tensor([1.0, 2.0], requires_grad=True)
y: torch.Tensor = D.apply(x)
y.backward()
out = x.grad
# %% setup context
class D(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return x * 2
    @staticmethod
    def setup_context(ctx, inputs, output):
        x, = inputs
        ctx.save_for_backward(x)
    @staticmethod
    def backward(ctx, g):
        return g * 2
x = torch.tensor([1.0, 2.0], requires_grad=True)
y: torch.Tensor = D.apply(x)
y.sum().backward()
out = x.grad
# %% inplace dirty
class D(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x
    @staticmethod
    def backward(ctx, g):
        return g * 2
w = torch.tensor([1.0, 2.0], requires_grad=True)
x = w * 1
y: torch.Tensor = D.apply(x)
y.sum().backward()
out = w.grad
# %% tensor hook
x = torch.tensor([1.0, 2.0], requires_grad=True)
grads = []
def save(g):
    grads.append(g)
y = x * 3
h = y.register_hook(save)
h2 = x.register_hook(lambda g: g * 2)
y.sum().backward()
h.remove()
out = x.grad
# %% aug no grad
w = torch.ones(2, requires_grad=True)
lr = 0.1
for _ in range(3):
    (w ** 2).sum().backward()
    with torch.no_grad():
        w -= lr * w.grad
        w.grad.zero_()
out = w.detach()
h = w.requires_grad
# %% aug params
net = nn.Linear(2, 1)
for _ in range(3):
    net(torch.ones(1, 2)).sum().backward()
    with torch.no_grad():
        for p in net.parameters():
            p -= 0.1 * p.grad
    net.zero_grad()
out = net(torch.ones(1, 2))
# %% aug attr
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(2))
    def bump(self):
        with torch.no_grad():
            self.w += 1
            self.w *= 2
    def forward(self, x):
        return x * self.w
net = Net()
net.bump()
out = net(torch.ones(2))
k = [n for n, _ in net.named_parameters()]
# %% aug data
w = torch.ones(2, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for _ in range(3):
    loss = ((w * 2 + b) ** 2).sum()
    loss.backward()
    w.data -= 0.01 * w.grad.data
    b.data = b.data - 0.01 * b.grad
    w.grad.data.zero_()
    b.grad = None
out = w.detach()
out2 = b.detach()
# %% manual regression
x = torch.arange(6.0).reshape(3, 2)
y = torch.tensor([[1.0], [2.0], [3.0]])
w = torch.zeros(2, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
losses = []
for epoch in range(4):
    pred = x @ w + b
    loss = ((pred - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
        b -= 0.01 * b.grad
        w.grad.zero_()
        b.grad.zero_()
    losses.append(loss.item())
out = w.detach(), b.detach()
# %% math and grad
x = torch.tensor([2.0], requires_grad=True)
y = x ** 3
g1 = torch.autograd.grad(y, x, create_graph=True)[0]
g2 = torch.autograd.grad(g1, x)[0]
z = torch.autograd.grad((x * 2).sum(), [x], allow_unused=True)
# %% penalty
d = nn.Linear(3, 1)
real, fake = torch.ones(2, 3), torch.zeros(2, 3)
alpha = torch.full((2, 1), 0.5)
inter = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
score = d(inter)
grads = torch.autograd.grad(outputs=score, inputs=inter, grad_outputs=torch.ones_like(score), create_graph=True, retain_graph=True, only_inputs=True)[0]
gp = ((grads.view(2, -1).norm(2, dim=1) - 1) ** 2).mean()
gp.backward()
out = gp.item()
# %% gradients of parts of parts
x = torch.arange(24.0).reshape(2, 3, 4).requires_grad_()
v = torch.tensor([2.0, 3.0], requires_grad=True)
y = x * 1
y[0][1][2:] = v
y[1][0][:2] += v
y[1][-1] = 7
y[0][torch.tensor([True, False, False])] = 5.0
y[0][2][None, 1:3], z = v * v, 3
(y * y).sum().backward()
out = (y, x.grad, v.grad)
