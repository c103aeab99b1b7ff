"""Choosing a device."""

import paddle


def set_gpu(device):
    """Make a GPU the current device.

    Args:
        device: number of the GPU, or a device such as ``"gpu:1"``.
    """
    paddle.device.set_device(f"gpu:{device}" if isinstance(device, int) else str(device).replace("cuda", "gpu"))


def use_deterministic(mode):
    """Take only GPU routines that give the same result every time, or any; without a GPU there is nothing to choose."""
    if paddle.is_compiled_with_cuda():
        paddle.set_flags({"FLAGS_cudnn_deterministic": bool(mode)})


def is_deterministic():
    """Whether only GPU routines are taken that give the same result every time."""
    name = "FLAGS_cudnn_deterministic"
    return paddle.is_compiled_with_cuda() and bool(paddle.get_flags(name)[name])


def search_fastest(mode):
    """Try several GPU routines for a convolution and take the fastest; without a GPU there is nothing to choose."""
    if paddle.is_compiled_with_cuda():
        paddle.set_flags({"FLAGS_cudnn_exhaustive_search": bool(mode)})


def is_searching_fastest():
    """Whether several GPU routines are tried for a convolution."""
    name = "FLAGS_cudnn_exhaustive_search"
    return paddle.is_compiled_with_cuda() and bool(paddle.get_flags(name)[name])


def cuda_version():
    """The CUDA that the framework was built with, such as ``"12.3"``; None without one."""
    found = paddle.version.cuda()
    return None if found == "False" else found
