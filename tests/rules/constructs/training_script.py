# %% digits
"""Train a small convolutional network on handwritten digits, save it, and go on from the checkpoint."""
import argparse
import copy
import math
import os
import random
import tempfile
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset, Subset


class Digits(Dataset):
    """Images of 8 x 8 pixels with their labels."""

    def __init__(self, transform=None):
        data = load_digits()
        self.images = data.images.astype("float32") / 16.0
        self.labels = data.target
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = torch.from_numpy(self.images[index]).unsqueeze(0)
        if self.transform is not None:
            image = self.transform(image)
        return image, int(self.labels[index])


class ConvNet(nn.Module):
    def __init__(self, num_classes: int = 10, width: int = 8):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, width, 3, padding=1, bias=False),
            nn.GroupNorm(2, width),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(width, 2 * width, 3, padding=1),
            nn.ReLU(inplace=True),
        )
        self.pool = nn.AdaptiveAvgPool2d((1, 1))
        self.classifier = nn.Linear(2 * width, num_classes)
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.training:
            self.seen += x.size(0)
        x = self.pool(self.features(x))
        return self.classifier(torch.flatten(x, 1))


class AverageMeter:
    """The mean of what it is told."""

    def __init__(self):
        self.sum, self.count = 0.0, 0

    def update(self, value, n=1):
        self.sum += value * n
        self.count += n

    @property
    def avg(self):
        return self.sum / max(self.count, 1)


def accuracy(output: torch.Tensor, target: torch.Tensor, topk=(1,)):
    """Top-k accuracies in percent."""
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


def set_seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
    torch.backends.cudnn.benchmark = False


def parameter_groups(model: nn.Module, weight_decay: float):
    decay, no_decay = [], []
    for name, param in model.named_parameters():
        if not param.requires_grad:
            continue
        if param.ndim <= 1 or name.endswith(".bias"):
            no_decay.append(param)
        else:
            decay.append(param)
    return [{"params": no_decay, "weight_decay": 0.0}, {"params": decay, "weight_decay": weight_decay}]


def train_one_epoch(model: nn.Module, loader, optimizer, scheduler, scaler, device, accumulate=2):
    model.train()
    meter = AverageMeter()
    losses = []
    optimizer.zero_grad()
    for step, (images, target) in enumerate(loader):
        images: torch.Tensor = images.to(device, non_blocking=True)
        target: torch.Tensor = target.to(device, non_blocking=True)
        with torch.autocast(device_type="cuda", enabled=False):
            output = model(images)
            loss = F.cross_entropy(output, target, label_smoothing=0.1) / accumulate
        scaler.scale(loss).backward()
        if (step + 1) % accumulate == 0:
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad(set_to_none=True)
            scheduler.step()
        meter.update(loss.item() * accumulate, images.size(0))
        losses.append(loss.item() * accumulate)
    return losses, meter.avg


@torch.no_grad()
def evaluate(model: nn.Module, loader, device):
    model.eval()
    criterion = nn.CrossEntropyLoss().to(device)
    loss_meter, top1, top5 = AverageMeter(), AverageMeter(), AverageMeter()
    for images, target in loader:
        images: torch.Tensor = images.to(device)
        target: torch.Tensor = target.to(device)
        output = model(images)
        acc1, acc5 = accuracy(output, target, topk=(1, 5))
        loss_meter.update(criterion(output, target).item(), images.size(0))
        top1.update(acc1.item(), images.size(0))
        top5.update(acc5.item(), images.size(0))
    return loss_meter.avg, top1.avg, top5.avg


@torch.no_grad()
def update_average(average: nn.Module, model: nn.Module, decay: float):
    for kept, new in zip(average.parameters(), model.parameters()):
        kept.mul_(decay).add_(new, alpha=1 - decay)


def main(args):
    set_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() and not args.cpu else "cpu")
    data = Digits(transform=lambda image: (image - 0.5) / 0.5)
    order = np.random.default_rng(0).permutation(len(data)).tolist()
    train, test = Subset(data, order[:256]), Subset(data, order[256:384])
    train_loader = DataLoader(train, batch_size=args.batch_size, shuffle=False, num_workers=0, drop_last=True)
    test_loader = DataLoader(test, batch_size=64, pin_memory=False)
    model = ConvNet().to(device)
    average = copy.deepcopy(model)
    for param in average.parameters():
        param.requires_grad_(False)
    optimizer = torch.optim.AdamW(parameter_groups(model, 0.05), lr=args.lr, betas=(0.9, 0.98))
    steps = args.epochs * len(train_loader) // 2

    def schedule(step):
        if step < 3:
            return (step + 1) / 3
        return 0.5 * (1 + math.cos(math.pi * (step - 3) / max(1, steps - 3)))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lr_lambda=schedule)
    scaler = torch.cuda.amp.GradScaler(enabled=False)
    history, rates, best = [], [], 0.0
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "checkpoint.pth")
    start_epoch = 0
    for epoch in range(start_epoch, args.epochs):
        began = time.time()
        losses, mean = train_one_epoch(model, train_loader, optimizer, scheduler, scaler, device)
        update_average(average, model, 0.5)
        test_loss, acc1, acc5 = evaluate(model, test_loader, device)
        history += losses
        rates.append(optimizer.param_groups[0]["lr"])
        print(f"epoch {epoch}: loss {mean:.4f} test {test_loss:.4f} top1 {acc1:6.2f} in {time.time() - began:.1f} s")
        if acc1 >= best:
            best = acc1
        torch.save(
            {
                "epoch": epoch,
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "scheduler": scheduler.state_dict(),
            },
            path,
        )
    checkpoint = torch.load(path, map_location="cpu", weights_only=False)
    restored = ConvNet()
    restored.load_state_dict(checkpoint["model"])
    again = evaluate(restored, test_loader, "cpu")
    averaged = evaluate(average, test_loader, device)
    return history, rates, best, again, averaged, checkpoint["epoch"], float(model.seen)


arguments = argparse.Namespace(seed=0, cpu=True, batch_size=32, lr=3e-3, epochs=3)
history, rates, best, again, averaged, last, seen = main(arguments)
