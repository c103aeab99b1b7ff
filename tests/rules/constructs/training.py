# %% optimizer groups
w = nn.Parameter(torch.tensor([1.0, -2.0]))
v = nn.Parameter(torch.tensor([1.0, -2.0]))
opt = torch.optim.AdamW([{"params": [w], "weight_decay": 0.0}, {"params": [v], "lr": 0.2}], lr=0.1, weight_decay=0.1)
for _ in range(3):
    opt.zero_grad()
    ((w + v) ** 2).sum().backward()
    opt.step()
out = w.detach()
out2 = v.detach()
# %% add param group
w = nn.Parameter(torch.tensor([1.0, -2.0]))
v = nn.Parameter(torch.tensor([1.0, -2.0]))
opt = torch.optim.SGD([w], lr=0.1)
opt.add_param_group({"params": [v], "lr": 0.2})
for _ in range(3):
    opt.zero_grad()
    ((w + v) ** 2).sum().backward()
    opt.step()
out = w.detach()
out2 = v.detach()
# %% schedulers
w = nn.Parameter(torch.tensor([1.0, -2.0]))
opt = torch.optim.SGD([w], lr=0.1)
sched = torch.optim.lr_scheduler.StepLR(opt, step_size=2, gamma=0.1)
lrs = []
for epoch in range(4):
    lrs.append(sched.get_last_lr()[0])
    opt.zero_grad()
    (w ** 2).sum().backward()
    opt.step()
    sched.step()
out = w.detach()
# %% lambda warmup
w = nn.Parameter(torch.tensor([1.0, -2.0]))
opt = torch.optim.SGD([w], lr=0.1)
def warm(step):
    return min(1.0, (step + 1) / 4)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lr_lambda=warm)
lrs = []
for epoch in range(6):
    lrs.append(sched.get_last_lr()[0])
    opt.step()
    sched.step()
sched2 = torch.optim.lr_scheduler.LambdaLR(opt, lambda e: 0.9 ** e)
# %% sequential
from torch.optim.lr_scheduler import SequentialLR, LinearLR, CosineAnnealingLR
w = nn.Parameter(torch.tensor([1.0, -2.0]))
opt = torch.optim.SGD([w], lr=0.1)
warmup = LinearLR(opt, start_factor=0.1, total_iters=3)
main = CosineAnnealingLR(opt, T_max=5, eta_min=0.001)
sched = SequentialLR(opt, [warmup, main], milestones=[3])
lrs = []
for epoch in range(8):
    lrs.append(sched.get_last_lr()[0])
    opt.step()
    sched.step()
# %% plateau
w = nn.Parameter(torch.tensor([1.0, -2.0]))
opt = torch.optim.SGD([w], lr=0.1)
sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, mode="min", factor=0.5, patience=1)
lrs = []
for loss in [1.0, 1.0, 1.0, 1.0, 0.5]:
    opt.step()
    sched.step(loss)
    lrs.append(opt.param_groups[0]["lr"])
# %% two schedulers
w = nn.Parameter(torch.tensor([1.0, -2.0]))
opt = torch.optim.SGD([w], lr=0.1)
a = torch.optim.lr_scheduler.LinearLR(opt, start_factor=0.1, total_iters=3)
b = torch.optim.lr_scheduler.StepLR(opt, step_size=2, gamma=0.5)
lrs = []
for epoch in range(8):
    lrs.append(opt.param_groups[0]["lr"])
    opt.step()
    a.step()
    b.step()
# %% poly in place
def adjust(optimizer, epoch, base):
    lr = base * (0.1 ** (epoch // 2))
    for param_group in optimizer.param_groups:
        param_group["lr"] = lr
    return lr
w = nn.Parameter(torch.tensor([1.0, -2.0]))
opt = torch.optim.SGD([w], lr=0.1)
lrs = [adjust(opt, e, 0.1) for e in range(4)]
out = opt.param_groups[0]["lr"]
# %% typed optimizer
def adjust(optimizer: torch.optim.Optimizer, lr: float):
    for g in optimizer.param_groups:
        g["lr"] = lr
w = nn.Parameter(torch.tensor([1.0, -2.0]))
opt = torch.optim.Adam([w], lr=0.1)
adjust(opt, 0.5)
out = opt.param_groups[0]["lr"]
# %% untyped optimizer in class
class Trainer:
    def __init__(self, model, optimizer, scheduler=None):
        self.model = model
        self.optimizer = optimizer
        self.scheduler = scheduler
    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = F.mse_loss(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        if self.scheduler is not None:
            self.scheduler.step()
        return loss.item()
net = nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
t = Trainer(net, opt, torch.optim.lr_scheduler.StepLR(opt, 1))
losses = [t.step(torch.ones(3, 2), torch.zeros(3, 1)) for _ in range(3)]
# %% accumulation
net = nn.Linear(3, 2)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
total = 0.0
for i in range(4):
    loss = F.mse_loss(net(torch.ones(2, 3) * i), torch.zeros(2, 2)) / 2
    loss.backward()
    if (i + 1) % 2 == 0:
        norm = nn.utils.clip_grad_norm_(net.parameters(), max_norm=1.0)
        opt.step()
        opt.zero_grad()
    total += loss.item()
out = net(torch.ones(1, 3))
# %% metrics
def accuracy(output: torch.Tensor, target: torch.Tensor, topk=(1,)):
    with torch.no_grad():
        maxk = max(topk)
        batch_size = target.size(0)
        _, pred = output.topk(maxk, 1, True, True)
        pred = pred.t()
        correct = pred.eq(target.view(1, -1).expand_as(pred))
        res = []
        for k in topk:
            correct_k = correct[:k].reshape(-1).float().sum(0, keepdim=True)
            res.append(correct_k.mul_(100.0 / batch_size))
        return res
x = torch.tensor([[0.1, 0.5, 0.2, 0.9, 0.7, 0.3], [0.9, 0.5, 0.2, 0.1, 0.7, 0.3]])
t = torch.tensor([4, 0])
a, b = accuracy(x, t, topk=(1, 5))
c = a[0].item()
pred = x.argmax(dim=1)
n = (pred == t).sum().item()
d = pred.eq(t).float().mean()
e = (x.max(1)[1] == t).float().mean().item()
_, f = torch.max(x, 1)
g = f.eq(t).cpu().sum().item()
h = (x.argmax(-1, keepdim=True) == t.view(-1, 1)).sum()
i = x.data.max(1, keepdim=True)[1]
j = pred.eq(t.view_as(pred)).sum().item()
# %% ema
import copy
class EMA:
    def __init__(self, model: nn.Module, decay: float = 0.9):
        self.module = copy.deepcopy(model)
        self.module.eval()
        self.decay = decay
        for p in self.module.parameters():
            p.requires_grad_(False)
    @torch.no_grad()
    def update(self, model: nn.Module):
        for e, m in zip(self.module.state_dict().values(), model.state_dict().values()):
            e.copy_(self.decay * e + (1.0 - self.decay) * m)
net = nn.Linear(3, 2)
ema = EMA(net)
with torch.no_grad():
    net.weight.fill_(1.0)
ema.update(net)
out = ema.module(torch.ones(1, 3))
# %% ema params
import copy
net = nn.Linear(3, 2)
avg = copy.deepcopy(net)
with torch.no_grad():
    net.weight.fill_(1.0)
    for p, q in zip(avg.parameters(), net.parameters()):
        p.mul_(0.9).add_(q, alpha=0.1)
    for p, q in zip(avg.parameters(), net.parameters()):
        p.data = p.data * 0.9 + q.data * 0.1
    for p, q in zip(avg.parameters(), net.parameters()):
        p.data.mul_(0.9).add_(q.data, alpha=1 - 0.9)
    for p, q in zip(avg.parameters(), net.parameters()):
        p.copy_(p.lerp(q, 0.1))
out = avg(torch.ones(1, 3))
# %% custom scheduler
from torch.optim.lr_scheduler import _LRScheduler, LRScheduler
class Warmup(_LRScheduler):
    def __init__(self, optimizer, steps, last_epoch=-1):
        self.steps = steps
        super().__init__(optimizer, last_epoch)
    def get_lr(self):
        return [base * min(1.0, (self.last_epoch + 1) / self.steps) for base in self.base_lrs]
w = nn.Parameter(torch.tensor([1.0, -2.0]))
opt = torch.optim.SGD([w], lr=0.1)
s = Warmup(opt, 4)
lrs = []
for epoch in range(6):
    lrs.append(opt.param_groups[0]["lr"])
    opt.step()
    s.step()
last = s.get_last_lr()
# %% custom optimizer
class MySGD(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, dict(lr=lr))
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.add_(p.grad, alpha=-group["lr"])
w = nn.Parameter(torch.tensor([1.0, -2.0]))
opt = MySGD([w], lr=0.1)
(w ** 2).sum().backward()
opt.step()
out = w.detach()
# %% loader none
from torch.utils.data import DataLoader, TensorDataset
ds = TensorDataset(torch.arange(6.0).reshape(6, 1))
sampler = None
a = [x for x, in DataLoader(ds, batch_size=4, shuffle=(sampler is not None), sampler=sampler, num_workers=0)]
# %% loader keyword
from torch.utils.data import DataLoader, TensorDataset
def make(ds, sampler=None, **kw):
    return DataLoader(dataset=ds, batch_size=4, sampler=sampler, drop_last=True)
ds = TensorDataset(torch.arange(6.0).reshape(6, 1))
a = [x for x, in make(ds)]
# %% worker collate
from torch.utils.data import DataLoader, Dataset
class D(Dataset):
    def __len__(self):
        return 4
    def __getitem__(self, i):
        return {"a": torch.tensor([float(i)]), "b": i, "c": float(i), "d": [i, i + 1], "e": f"n{i}", "f": np.ones(2, dtype=np.float32) * i, "g": True}
for batch in DataLoader(D(), batch_size=2):
    a = batch["a"]
    b = batch["b"]
    e = batch["e"]
    f = batch["f"]
# %% float
from torch.utils.data import DataLoader, Dataset
class D(Dataset):
    def __len__(self):
        return 4
    def __getitem__(self, i):
        return float(i), i
for c, i in DataLoader(D(), batch_size=2):
    pass
# %% list
from torch.utils.data import DataLoader, Dataset
class D(Dataset):
    def __len__(self):
        return 4
    def __getitem__(self, i):
        return [i, i + 1], True
for d, g in DataLoader(D(), batch_size=2):
    pass
# %% early stop class
class EarlyStopping:
    def __init__(self, patience=2):
        self.patience, self.best, self.count, self.state = patience, float("inf"), 0, None
    def __call__(self, loss, model: nn.Module):
        if loss < self.best:
            self.best, self.count = loss, 0
            self.state = {k: v.detach().clone() for k, v in model.state_dict().items()}
            return False
        self.count += 1
        return self.count >= self.patience
net = nn.Linear(2, 1)
stop = EarlyStopping()
flags = [stop(v, net) for v in (1.0, 0.5, 0.7, 0.8)]
net.load_state_dict(stop.state)
out = net(torch.ones(1, 2))
# %% clip and norms
net = nn.Linear(3, 2)
(net(torch.ones(4, 3)) ** 2).sum().backward()
total = torch.norm(torch.stack([torch.norm(p.grad.detach(), 2) for p in net.parameters()]), 2)
n = nn.utils.clip_grad_norm_(net.parameters(), 0.5)
nn.utils.clip_grad_value_(net.parameters(), clip_value=0.1)
count = sum(p.numel() for p in net.parameters())
# %% freeze layers by name
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
        self.head = nn.Linear(4, 2)
    def forward(self, x):
        return self.head(self.backbone(x))
net = Net()
for name, param in net.named_parameters():
    param.requires_grad = name.startswith("head")
opt = torch.optim.SGD(filter(lambda p: p.requires_grad, net.parameters()), lr=0.1)
opt2 = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.1)
loss = net(torch.ones(2, 3)).sum()
loss.backward()
opt.step()
flags = [p.requires_grad for p in net.parameters()]
gr = [p.grad is not None for p in net.parameters()]
out = net(torch.ones(1, 3))
# %% cosine warmup function
class WarmupCosine:
    def __init__(self, optimizer: torch.optim.Optimizer, warmup: int, total: int):
        self.optimizer, self.warmup, self.total, self.step_num = optimizer, warmup, total, 0
        self.base = [g["lr"] for g in optimizer.param_groups]
    def step(self):
        self.step_num += 1
        if self.step_num < self.warmup:
            scale = self.step_num / self.warmup
        else:
            scale = 0.5 * (1 + math.cos(math.pi * (self.step_num - self.warmup) / (self.total - self.warmup)))
        for base, group in zip(self.base, self.optimizer.param_groups):
            group["lr"] = base * scale
        return [g["lr"] for g in self.optimizer.param_groups]
w = nn.Parameter(torch.ones(2))
opt = torch.optim.SGD([{"params": [w]}, {"params": [nn.Parameter(torch.ones(1))], "lr": 0.5}], lr=0.1)
s = WarmupCosine(opt, 3, 8)
rates = [s.step() for _ in range(7)]
# %% amp disabled loop
use_amp = False
net = nn.Linear(3, 2)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cuda", enabled=use_amp)
losses = []
for _ in range(3):
    with torch.amp.autocast(device_type="cpu", dtype=torch.bfloat16, enabled=use_amp):
        loss = F.mse_loss(net(torch.ones(2, 3)), torch.zeros(2, 2))
    opt.zero_grad(set_to_none=True)
    scaler.scale(loss).backward()
    scaler.unscale_(opt)
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    scaler.step(opt)
    scaler.update()
    losses.append(loss.item())
