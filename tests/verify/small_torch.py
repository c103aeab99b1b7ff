"""A small network with what faults like to hide in: batch norm, pools, a square Linear, functional calls, buffers."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Stats(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.register_buffer("center", torch.full((1, channels, 1, 1), 0.25), persistent=False)
        self.register_buffer("seen", torch.zeros(channels))

    def forward(self, x):
        if self.training:
            self.seen = self.seen * 0.5 + x.mean((0, 2, 3)) * 0.5
        return x - self.center


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm = nn.BatchNorm2d(
            channels,
            eps=1e-3,
            momentum=0.2,
        )
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        identity = x
        x = self.conv(x)
        x = self.norm(x)
        x = x + identity
        return self.act(x)


class Net(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2, ceil_mode=True),
        )
        self.stats = Stats(8)
        self.block = Block(8)
        self.pool = nn.AvgPool2d(3, stride=1, padding=1)
        self.drop = nn.Dropout(0.5)
        self.square = nn.Linear(16, 16)
        self.fc = nn.Linear(16, num_classes)

    def forward(self, x):
        x = self.stem(x)
        x = self.stats(x)
        x = self.block(x)
        y = self.pool(x)
        y = F.relu(y - 0.1)
        x = torch.cat([x, y], 1)
        x = F.avg_pool2d(x, 2, 1)
        x = x.mean((2, 3))
        x = self.square(x)
        x = F.softmax(x, 1) + x
        x = self.drop(x)
        return self.fc(x)
