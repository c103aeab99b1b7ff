# %% jit scripting
import torch
from torch import jit
def f(x: torch.Tensor):
    if not torch.jit.is_scripting() and not torch.jit.is_tracing():
        return x + 1
    return x
out = f(torch.ones(2))
# %% jit script function
@torch.jit.script
def f(x: torch.Tensor, k: int) -> torch.Tensor:
    return x * k
out = f(torch.ones(2), 3)
# %% jit script call
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)
    def forward(self, x):
        return self.fc(x)
net = torch.jit.script(Net())
out = net(torch.ones(1, 3))
# %% jit unused
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)
    @torch.jit.unused
    def extra(self, x: torch.Tensor) -> torch.Tensor:
        return x * 2
    @torch.jit.ignore(drop=True)
    def other(self, x: torch.Tensor) -> torch.Tensor:
        return x * 3
    def forward(self, x):
        return self.extra(self.fc(x)) + self.other(self.fc(x))
out = Net()(torch.ones(1, 3))
# %% jit overload
from typing import List
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)
    @torch.jit._overload_method  # noqa: F811
    def forward(self, x: List[torch.Tensor]) -> torch.Tensor:
        pass
    @torch.jit._overload_method  # noqa: F811
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pass
    def forward(self, x):
        if isinstance(x, torch.Tensor):
            x = [x]
        return self.fc(torch.cat(x, 1))
out = Net()([torch.ones(1, 1), torch.ones(1, 2)])
# %% jit Final
from torch.jit import Final
class Net(nn.Module):
    depth: Final[int]
    fused: torch.jit.Final[bool]
    def __init__(self):
        super().__init__()
        self.depth = 3
        self.fused = True
    def forward(self, x):
        return x * self.depth if self.fused else x
out = Net()(torch.ones(2))
# %% jit annotate
from typing import List
xs = torch.jit.annotate(List[torch.Tensor], [])
xs.append(torch.ones(2))
out = torch.stack(xs)
# %% jit isinstance
from typing import List
xs = [torch.ones(2)]
flag = torch.jit.isinstance(xs, List[torch.Tensor])
other = torch.jit.isinstance(3, int)
# %% fx wrap string
import torch.fx
def f(x: torch.Tensor):
    return x + 1
torch.fx.wrap("f")
out = f(torch.ones(2))
# %% fx wrap from
from torch import fx
from torch.fx import wrap
def f(x: torch.Tensor):
    return x + 1
fx.wrap(f)
wrap("len")
out = f(torch.ones(2))
# %% compile call
def f(x: torch.Tensor):
    return x + 1
g = torch.compile(f) if False else f
h = torch.compile(f, mode="reduce-overhead") if False else f
out = h(g(torch.ones(2)))
# %% dynamo disable
import torch._dynamo
@torch._dynamo.disable
def f(x: torch.Tensor):
    return x + 1
@torch._dynamo.disable()
def g(x: torch.Tensor):
    return x + 1
@torch.compiler.disable(recursive=False)
def h(x: torch.Tensor):
    return x + 1
out = h(g(f(torch.ones(2))))
# %% log api
from torchvision.utils import _log_api_usage_once
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        _log_api_usage_once(self)
        torch._C._log_api_usage_once("python.nn_module")
def f(x: torch.Tensor):
    if not torch.jit.is_scripting() and not torch.jit.is_tracing():
        _log_api_usage_once(f)
    return x
out = f(torch.ones(2))
net = Net()
# %% checkpoint
from torch.utils.checkpoint import checkpoint, checkpoint_sequential
import torch.utils.checkpoint as cp
import torch.utils.checkpoint
fc = nn.Linear(3, 3)
def block(x, y):
    return fc(x) * y
x = torch.ones(2, 3, requires_grad=True)
out = checkpoint(block, x, torch.ones(3), use_reentrant=False)
out.sum().backward()
g = x.grad
out2 = torch.utils.checkpoint.checkpoint(block, x, torch.ones(3), use_reentrant=True, preserve_rng_state=False)
out3 = cp.checkpoint(block, x, y=torch.ones(3), use_reentrant=False)
# %% checkpoint sequential
from torch.utils.checkpoint import checkpoint_sequential
net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2), nn.Tanh())
x = torch.ones(2, 3, requires_grad=True)
out = checkpoint_sequential(net, 2, x, use_reentrant=False)
out.sum().backward()
g = x.grad
out2 = checkpoint_sequential([net[0], net[1], net[2]], segments=2, input=x, use_reentrant=False)
