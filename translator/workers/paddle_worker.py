"""The worker that runs PaddlePaddle."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import paddle
from paddle.base.framework import EagerParamBase

from translator.core import CheckpointError, ConfigError
from translator.workers import paddle_example
from translator.workers.example import Stream
from translator.workers.framework import SETTINGS, Owned
from translator.workers.inventory import inventory
from translator.workers.naming import flatten, replaced
from translator.workers.serve import serve
from translator.workers.session import Session
from translator.workers.tensors import Replacing, Tensor, carrier
from translator.workers.undropped import undropped

OWN_ATTRIBUTES = frozenset(vars(paddle.nn.Layer()))  # of every layer; others are what a model keeps for itself


class Paddle:
    """PaddlePaddle as the shared operations see it."""

    name = "paddle"
    module_class = paddle.nn.Layer
    unobserved: Sequence[type[Any]] = ()

    def __init__(self) -> None:
        self.folder = str(Path(paddle.__file__).resolve().parent)

    def versions(self) -> dict[str, str]:
        found = {"paddle": paddle.__version__}
        if paddle.is_compiled_with_cuda() and paddle.device.cuda.device_count():
            found |= {"cuda": paddle.version.cuda(), "gpu": paddle.device.cuda.get_device_name()}
        return found

    def devices(self) -> list[str]:
        count = paddle.device.cuda.device_count() if paddle.is_compiled_with_cuda() else 0
        return ["cpu", *(f"gpu:{number}" for number in range(count))]

    def use(self, device: str) -> None:
        wanted = f"{device}:0" if device == "gpu" else device
        if wanted not in self.devices():
            raise ConfigError(f"paddle does not see `{device}`; it sees {', '.join(self.devices())}")
        paddle.device.set_device(wanted)

    def place(self, model: Any) -> Any:
        model.eval()
        return model

    def is_tensor(self, value: object) -> bool:
        return isinstance(value, paddle.Tensor)

    def dtype(self, tensor: Any) -> str:
        return str(tensor.dtype).removeprefix("paddle.")

    def export(self, tensor: Any) -> Tensor:
        dtype = self.dtype(tensor)
        plain = tensor.detach()
        if dtype.startswith("float8"):
            plain = plain.view("uint8")
        return Tensor(dtype, plain.numpy().view(carrier(dtype)))

    def tensor(self, bits: Tensor) -> Any:
        array = np.ascontiguousarray(bits.array).reshape(bits.shape)
        if bits.dtype == "bfloat16":
            return paddle.to_tensor(array.view(np.int16)).view("bfloat16")
        if bits.dtype.startswith("float8"):
            return paddle.to_tensor(array.view(np.uint8)).view(bits.dtype)
        return paddle.to_tensor(array)

    def assign(self, tensor: Any, bits: Tensor) -> None:
        value = self.tensor(bits)
        with paddle.no_grad():
            paddle.assign(value if value.dtype == tensor.dtype else value.astype(tensor.dtype), tensor)

    def identity(self, tensor: Any) -> object:
        return (tensor.data_ptr(), tuple(tensor.shape)) if tensor.size else id(tensor)

    def modules(self, model: Any, every_path: bool = False) -> Iterator[tuple[str, Any]]:
        yield from model.named_sublayers(include_self=True, remove_duplicate=not every_path)

    def owned(self, module: Any) -> Iterator[Owned]:
        for name, tensor in module._parameters.items():
            if tensor is not None:
                yield Owned(name, tensor, not tensor.stop_gradient, True, not tensor.stop_gradient)
        for name, tensor in module._buffers.items():
            if tensor is not None and tensor._is_initialized():  # recurrent layers keep an empty one for dropout
                yield Owned(name, tensor, False, name not in module._non_persistable_buffer_names_set, False)

    def before(self, module: Any, hook: Callable[[Any, Any, Any], Any]) -> Callable[[], None]:
        end: Callable[[], None] = module.register_forward_pre_hook(hook, with_kwargs=True).remove
        return end

    def after(self, module: Any, hook: Callable[[Any, Any], None]) -> Callable[[], None]:
        end: Callable[[], None] = module.register_forward_post_hook(lambda m, _, output: hook(m, output)).remove
        return end

    def is_differentiable(self, tensor: Any) -> bool:
        return not tensor.stop_gradient

    def leaf(self, tensor: Any) -> Any:
        found = tensor.detach()
        found.stop_gradient = False
        return found

    def on_gradient(self, leaf: Any, hook: Callable[[Any], None]) -> Callable[[], None]:
        held = [leaf]  # emptied in the end: the framework would keep the hook, and the hook the tensor

        def ready(*_: Any) -> None:
            for tensor in held:
                hook(tensor.grad)
                tensor.clear_gradient(False)

        leaf._register_backward_hook(ready)
        return held.clear

    def on_flow(self, tensor: Any, hook: Callable[[Any], None]) -> None:
        tensor.register_hook(hook)

    def cross_entropy(self, logits: Any, labels: Any) -> Any:
        return paddle.nn.functional.cross_entropy(logits, labels)

    def optimizer(self, name: str, parameters: list[Any], rate: float) -> Any:
        s, plain = SETTINGS, {"learning_rate": rate, "parameters": parameters}
        if name == "sgd":
            return paddle.optimizer.Momentum(momentum=s["momentum"], weight_decay=s["decay"], **plain)
        return paddle.optimizer.AdamW(
            beta1=s["beta1"], beta2=s["beta2"], epsilon=s["eps"], weight_decay=s["decoupled"], **plain
        )

    def update(self, optimizer: Any) -> None:
        optimizer.step()
        optimizer.clear_grad(set_to_zero=False)

    def forget_gradients(self, parameters: list[Any]) -> None:
        for tensor in parameters:
            tensor.clear_gradient(False)

    @contextmanager
    def evaluating(self, model: Any, gradients: bool = False) -> Iterator[None]:
        model.eval()
        with nullcontext() if gradients else paddle.no_grad(), paddle_example.seeded(Stream()):
            yield

    @contextmanager
    def training(self, model: Any, gradients: bool = False) -> Iterator[None]:
        model.train()
        with ExitStack() as stack:
            stack.enter_context(undropped(model.sublayers(include_self=True), depth=gradients))
            stack.enter_context(nullcontext() if gradients else paddle.no_grad())
            stack.enter_context(paddle_example.seeded(Stream()))
            yield
        model.eval()

    def widened(self, values: list[Any]) -> list[Any]:
        return [value.astype("float64") if value.is_floating_point() else value for value in values]

    @contextmanager
    def in_float64(self, model: Any) -> Iterator[None]:
        kept: list[tuple[dict[str, Any], str, Any]] = []
        wide: dict[int, Any] = {}  # a tied tensor stays one
        for module in model.sublayers(include_self=True):
            for holder in (module._parameters, module._buffers):
                for name, tensor in holder.items():
                    if tensor is not None and tensor._is_initialized() and tensor.is_floating_point():
                        kept.append((holder, name, tensor))
                        if id(tensor) not in wide:
                            wide[id(tensor)] = doubled(tensor)
                        holder[name] = wide[id(tensor)]
            for name, value in [(n, v) for n, v in vars(module).items() if n not in OWN_ATTRIBUTES]:
                if any(tensor.is_floating_point() for _, tensor in flatten(value, self.is_tensor)):
                    kept.append((vars(module), name, value))
                    vars(module)[name] = replaced(value, self.is_tensor, lambda t: self.widened([t])[0])
        wide.clear()
        default = paddle.get_default_dtype()
        paddle.set_default_dtype("float64")
        try:
            with wide_casts():
                yield
        finally:
            paddle.set_default_dtype(default)
            for holder, name, tensor in kept:
                holder[name] = tensor

    def read_checkpoint(self, path: Path) -> Any:
        refuse_code(path)
        try:
            return paddle.load(str(path), keep_name_table=False)
        except (RuntimeError, EOFError, OSError, ValueError, KeyError, pickle.UnpicklingError) as error:
            reason = " ".join(str(error).split())[:200]
            raise CheckpointError(f"truncated or not a checkpoint: {reason}", path=str(path)) from error

    def write_checkpoint(self, path: Path, tensors: Mapping[str, Tensor]) -> None:
        device = paddle.device.get_device()
        paddle.device.set_device("cpu")
        try:
            with Replacing(path) as temporary:
                paddle.save({name: self.tensor(tensors[name]) for name in tensors}, str(temporary))
        finally:
            paddle.device.set_device(device)

    def operation_example(self, session: Session, **arguments: Any) -> dict[str, Any]:
        """Run a rule's translated example; see ``paddle_example``."""
        return paddle_example.example(self, **arguments)

    def operation_inventory(self, session: Session, modules: list[str], names: list[str]) -> dict[str, Any]:
        """Names and signatures of this release; see ``inventory``."""
        return {"release": paddle.__version__, **inventory(modules, names)}


def doubled(tensor: Any) -> Any:
    """A parameter or buffer in float64."""
    wide = tensor.detach().astype("float64")
    if isinstance(tensor, EagerParamBase):
        return EagerParamBase.from_tensor(wide, trainable=not tensor.stop_gradient)
    wide.stop_gradient = tensor.stop_gradient
    return wide


@contextmanager
def wide_casts() -> Iterator[None]:
    """What asks for float32 gets float64, so that a model which does so in its forward runs in float64."""
    with ExitStack() as stack:
        for name in ("astype", "cast"):
            stack.enter_context(mock.patch.object(paddle.Tensor, name, widening(getattr(paddle.Tensor, name))))
        yield


def widening(convert: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A conversion of a tensor that makes float64 where float32 is asked for."""
    return lambda tensor, dtype: convert(tensor, "float64" if dtype in ("float32", paddle.float32) else dtype)


SAFE_NAMES = {
    "numpy": {"ndarray", "dtype"},
    "numpy.core.multiarray": {"_reconstruct", "scalar"},
    "numpy._core.multiarray": {"_reconstruct", "scalar"},
    "numpy._core.numeric": {"_frombuffer"},
    "numpy.core.numeric": {"_frombuffer"},
    "collections": {"OrderedDict"},
    "_codecs": {"encode"},
    "builtins": {"tuple"},
    "__builtin__": {"tuple"},
}


class ArraysOnly(pickle.Unpickler):
    """Unpickles arrays and containers, and refuses every other name, so that no code in a checkpoint runs."""

    def find_class(self, module: str, name: str) -> Any:
        """The class or function of that name, from the short list only."""
        if name not in SAFE_NAMES.get(module, ()):
            raise CheckpointError(
                f"needs more than tensors to be unpickled ({module}.{name})",
                hint="save the state dict: paddle.save(model.state_dict(), path)",
            )
        return super().find_class(module, name)


def refuse_code(path: Path) -> None:
    """Raise CheckpointError when unpickling would need anything but arrays; ``paddle.load`` itself does not ask."""
    try:
        with path.open("rb") as file:
            ArraysOnly(file).load()
    except CheckpointError as error:
        raise CheckpointError(error.message, path=str(path), hint=error.hint) from error
    except (pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError, AttributeError, OSError) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise CheckpointError(f"truncated or not a checkpoint: {reason}", path=str(path)) from error


def main() -> int:
    """Serve until the caller closes the pipe."""
    return serve(Paddle)
