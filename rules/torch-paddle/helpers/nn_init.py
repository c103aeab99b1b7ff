"""Initialisers as expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import paddle


def initialized(
    initialize: Callable[..., None], tensor: paddle.Tensor, *arguments: Any, **keywords: Any
) -> paddle.Tensor:
    """Run one of ``paddle.nn.init``'s functions, which give nothing back, and give the tensor back."""
    initialize(tensor, *arguments, **keywords)
    return tensor
