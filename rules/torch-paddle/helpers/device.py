"""Choosing a device."""

import paddle


def set_gpu(device):
    """Make a GPU the current device.

    Args:
        device: number of the GPU, or a device such as ``"gpu:1"``.
    """
    paddle.device.set_device(f"gpu:{device}" if isinstance(device, int) else str(device).replace("cuda", "gpu"))
