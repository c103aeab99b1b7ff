# %% gradcam
class GradCam:
    def __init__(self, model: nn.Module, layer: nn.Module):
        self.model = model
        self.activations = None
        self.gradients = None
        self.handles = [layer.register_forward_hook(self.keep), layer.register_full_backward_hook(self.grad)]
    def keep(self, module, inputs, output):
        self.activations = output.detach()
    def grad(self, module, grad_input, grad_output):
        self.gradients = grad_output[0].detach()
    def __call__(self, x: torch.Tensor, index: int):
        score = self.model(x)[:, index].sum()
        self.model.zero_grad()
        score.backward()
        weights = self.gradients.mean(dim=(2, 3), keepdim=True)
        return F.relu((weights * self.activations).sum(dim=1))
    def close(self):
        for handle in self.handles:
            handle.remove()
net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Conv2d(2, 3, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 4))
cam = GradCam(net, net[2])
out = cam(torch.randn(1, 1, 8, 8), 1)
cam.close()
# %% vae
class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(4, 6)
        self.dec = nn.Linear(3, 4)
    def reparameterize(self, mu: torch.Tensor, logvar: torch.Tensor):
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return mu + eps * std
    def forward(self, x):
        mu, logvar = self.enc(x).chunk(2, dim=-1)
        z = self.reparameterize(mu, logvar)
        return torch.sigmoid(self.dec(z)), mu, logvar
def loss_fn(recon: torch.Tensor, x: torch.Tensor, mu: torch.Tensor, logvar: torch.Tensor):
    bce = F.binary_cross_entropy(recon, x, reduction="sum")
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return bce + kld
net = VAE()
x = torch.rand(5, 4)
recon, mu, logvar = net(x)
loss = loss_fn(recon, x, mu, logvar)
loss.backward()
out = loss.item()
# %% gan step
class G(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(nn.ConvTranspose2d(4, 8, 4, 1, 0, bias=False), nn.BatchNorm2d(8), nn.ReLU(True), nn.ConvTranspose2d(8, 1, 4, 2, 1), nn.Tanh())
    def forward(self, x):
        return self.main(x)
class D(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(nn.Conv2d(1, 8, 4, 2, 1), nn.LeakyReLU(0.2, inplace=True), nn.Conv2d(8, 1, 4), nn.Sigmoid())
    def forward(self, x):
        return self.main(x).view(-1, 1).squeeze(1)
g, d = G(), D()
criterion = nn.BCELoss()
opt_d = torch.optim.Adam(d.parameters(), lr=2e-4, betas=(0.5, 0.999))
opt_g = torch.optim.Adam(g.parameters(), lr=2e-4, betas=(0.5, 0.999))
real = torch.rand(3, 1, 8, 8)
label = torch.full((3,), 1.0)
d.zero_grad()
err_real = criterion(d(real), label)
err_real.backward()
fake = g(torch.randn(3, 4, 1, 1))
label.fill_(0.0)
err_fake = criterion(d(fake.detach()), label)
err_fake.backward()
opt_d.step()
g.zero_grad()
label.fill_(1.0)
err_g = criterion(d(fake), label)
err_g.backward()
opt_g.step()
out = (err_real + err_fake).item(), err_g.item()
# %% attention
class Attention(nn.Module):
    def __init__(self, dim: int, heads: int = 2, drop: float = 0.0):
        super().__init__()
        self.heads = heads
        self.scale = (dim // heads) ** -0.5
        self.qkv = nn.Linear(dim, dim * 3, bias=False)
        self.proj = nn.Linear(dim, dim)
        self.drop = nn.Dropout(drop)
        self.register_buffer("mask", torch.tril(torch.ones(16, 16)).view(1, 1, 16, 16))
    def forward(self, x):
        B, N, C = x.shape
        q, k, v = self.qkv(x).reshape(B, N, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        attn = (q @ k.transpose(-2, -1)) * self.scale
        attn = attn.masked_fill(self.mask[:, :, :N, :N] == 0, float("-inf"))
        attn = self.drop(attn.softmax(dim=-1))
        return self.proj((attn @ v).transpose(1, 2).reshape(B, N, C))
net = Attention(8)
x = torch.randn(2, 5, 8, requires_grad=True)
out = net(x)
out.sum().backward()
g = x.grad
# %% lstm language model
class LM(nn.Module):
    def __init__(self, vocab: int, dim: int):
        super().__init__()
        self.emb = nn.Embedding(vocab, dim)
        self.rnn = nn.LSTM(dim, dim, num_layers=2, batch_first=True)
        self.head = nn.Linear(dim, vocab)
    def init_hidden(self, batch: int):
        weight = next(self.parameters())
        return weight.new_zeros(2, batch, self.rnn.hidden_size), weight.new_zeros(2, batch, self.rnn.hidden_size)
    def forward(self, x, hidden=None):
        y, hidden = self.rnn(self.emb(x), hidden)
        return self.head(y), hidden
def repackage(h):
    if isinstance(h, torch.Tensor):
        return h.detach()
    return tuple(repackage(v) for v in h)
net = LM(7, 6)
opt = torch.optim.SGD(net.parameters(), lr=0.5)
hidden = net.init_hidden(2)
losses = []
for step in range(3):
    x = torch.arange(8).view(2, 4) % 7
    hidden = repackage(hidden)
    logits, hidden = net(x, hidden)
    loss = F.cross_entropy(logits.view(-1, 7), ((x + 1) % 7).reshape(-1))
    opt.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 0.25)
    opt.step()
    losses.append(loss.item())
# %% detection ops
def box_iou(a: torch.Tensor, b: torch.Tensor):
    area = lambda x: (x[:, 2] - x[:, 0]) * (x[:, 3] - x[:, 1])
    lt = torch.max(a[:, None, :2], b[:, :2])
    rb = torch.min(a[:, None, 2:], b[:, 2:])
    wh = (rb - lt).clamp(min=0)
    inter = wh[..., 0] * wh[..., 1]
    return inter / (area(a)[:, None] + area(b) - inter)
a = torch.tensor([[0.0, 0.0, 2.0, 2.0], [1.0, 1.0, 3.0, 3.0]])
iou = box_iou(a, a)
best, idx = iou.max(dim=1)
keep = torch.where(best > 0.5)[0]
labels = torch.zeros(2, dtype=torch.int64)
labels[keep] = 1
labels[best < 0.3] = -1
onehot = torch.zeros(2, 3).scatter_(1, labels.unsqueeze(1), 1.0)
order = best.argsort(descending=True)
top = a[order][:1]
# %% pos encoding
class PE(nn.Module):
    def __init__(self, d: int, n: int = 10):
        super().__init__()
        pe = torch.zeros(n, d)
        position = torch.arange(0, n, dtype=torch.float).unsqueeze(1)
        div = torch.exp(torch.arange(0, d, 2).float() * (-math.log(10000.0) / d))
        pe[:, 0::2] = torch.sin(position * div)
        pe[:, 1::2] = torch.cos(position * div)
        self.register_buffer("pe", pe.unsqueeze(0))
    def forward(self, x):
        return x + self.pe[:, : x.size(1)].requires_grad_(False)
out = PE(6)(torch.zeros(1, 4, 6))
# %% distill
student, teacher = nn.Linear(4, 3), nn.Linear(4, 3)
teacher.eval()
for p in teacher.parameters():
    p.requires_grad = False
opt = torch.optim.AdamW([{"params": student.weight, "weight_decay": 0.01}, {"params": [student.bias], "weight_decay": 0.0}], lr=1e-2)
x = torch.randn(5, 4)
y = torch.tensor([0, 1, 2, 0, 1])
for _ in range(3):
    with torch.no_grad():
        t = teacher(x)
    s = student(x)
    kd = F.kl_div(F.log_softmax(s / 2.0, dim=1), F.softmax(t / 2.0, dim=1), reduction="batchmean") * 4.0
    loss = 0.5 * kd + 0.5 * F.cross_entropy(s, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
out = loss.item()
# %% custom loss module
class Focal(nn.Module):
    def __init__(self, gamma=2.0, weight=None, reduction="mean"):
        super().__init__()
        self.gamma, self.reduction = gamma, reduction
        self.register_buffer("weight", weight)
    def forward(self, logits: torch.Tensor, target: torch.Tensor):
        ce = F.cross_entropy(logits, target, weight=self.weight, reduction="none")
        pt = torch.exp(-ce)
        loss = (1 - pt) ** self.gamma * ce
        return loss.mean() if self.reduction == "mean" else loss.sum()
x = torch.randn(4, 3, requires_grad=True)
y = torch.tensor([0, 2, 1, 1])
a = Focal()(x, y)
b = Focal(weight=torch.tensor([1.0, 2.0, 0.5]), reduction="sum")(x, y)
(a + b).backward()
g = x.grad
# %% mixup
def mixup(x: torch.Tensor, y: torch.Tensor, lam: float):
    index = torch.arange(x.size(0) - 1, -1, -1, device=x.device)
    return lam * x + (1 - lam) * x[index], y, y[index]
x, y = torch.arange(12.0).view(4, 3), torch.tensor([0, 1, 2, 0])
mixed, ya, yb = mixup(x, y, 0.3)
onehot = F.one_hot(y, 3).float() * 0.9 + 0.1 / 3
soft = torch.sum(-onehot * F.log_softmax(mixed, dim=-1), dim=-1).mean()
# %% knn and cdist
x = torch.randn(5, 3)
d = torch.cdist(x, x)
v, i = d.topk(2, largest=False)
near = x[i]
dist = ((x[:, None] - x[None]) ** 2).sum(-1)
c = torch.einsum("ij,kj->ik", x, x)
conf = torch.zeros(3, 3, dtype=torch.long)
t, p = torch.tensor([0, 1, 2, 1]), torch.tensor([0, 2, 2, 1])
for a, b in zip(t.view(-1), p.view(-1)):
    conf[a.long(), b.long()] += 1
acc = conf.diag().sum().item() / conf.sum().item()
hist = torch.bincount(3 * t + p, minlength=9).reshape(3, 3)
# %% layers_cut_out_of_what_is_not_known
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2))
class Parts(nn.Module):
    def __init__(self, backbone: nn.Module):
        super().__init__()
        self.first = nn.Sequential(backbone[0].block[0])
        self.rest = nn.Sequential(backbone[0].block[1:])
    def forward(self, x):
        return self.rest(self.first(x))
parts = Parts([Block()])
names = list(parts.state_dict())
out = parts(torch.ones(1, 2)).shape
parts = None
