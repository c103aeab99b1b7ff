"""Compares two learned views of an image, pixel by pixel."""

import torch
from torch import nn


class TwoViews(nn.Module):
    def __init__(self, channels: int = 8):
        super().__init__()
        self.left = nn.Conv2d(3, channels, 3, padding=1)
        self.right = nn.Conv2d(3, channels, 3, padding=1)
        self.similarity = nn.CosineSimilarity(dim=1)  # over the channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        left = torch.clamp_min(self.left(x), 0.1)
        right = torch.clamp_min(self.right(x), 0.1)
        return self.similarity(left, right)
