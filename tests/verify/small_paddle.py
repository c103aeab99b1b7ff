"""The same network as small_torch.py, by hand."""

import paddle
import paddle.nn as nn
import paddle.nn.functional as F


class Stats(nn.Layer):
    def __init__(self, channels):
        super().__init__()
        self.register_buffer("center", paddle.full((1, channels, 1, 1), 0.25), persistable=False)
        self.register_buffer("seen", paddle.zeros([channels]))

    def forward(self, x):
        if self.training:
            self.seen = self.seen * 0.5 + x.mean((0, 2, 3)) * 0.5
        return x - self.center


class Block(nn.Layer):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2D(channels, channels, 3, padding=1)
        self.norm = nn.BatchNorm2D(
            channels,
            epsilon=1e-3,
            momentum=0.8,
        )
        self.act = nn.ReLU()

    def forward(self, x):
        identity = x
        x = self.conv(x)
        x = self.norm(x)
        x = x + identity
        return self.act(x)


class Net(nn.Layer):
    def __init__(self, num_classes=10):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2D(3, 8, 3, stride=2),
            nn.BatchNorm2D(8),
            nn.ReLU(),
            nn.MaxPool2D(3, stride=2, ceil_mode=True),
        )
        self.stats = Stats(8)
        self.block = Block(8)
        self.pool = nn.AvgPool2D(3, stride=1, padding=1, exclusive=False)
        self.drop = nn.Dropout(0.5)
        self.square = nn.Linear(16, 16)
        self.fc = nn.Linear(16, num_classes)

    def forward(self, x):
        x = self.stem(x)
        x = self.stats(x)
        x = self.block(x)
        y = self.pool(x)
        y = F.relu(y - 0.1)
        x = paddle.concat([x, y], 1)
        x = F.avg_pool2d(x, 2, 1)
        x = x.mean((2, 3))
        x = self.square(x)
        x = F.softmax(x, 1) + x
        x = self.drop(x)
        return self.fc(x)
