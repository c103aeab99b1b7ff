"""The worker that runs PyTorch."""

from __future__ import annotations

import pickle
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch
import torch.fx

from translator.core import CheckpointError, ConfigError
from translator.workers import signatures, torch_example, torch_size
from translator.workers.builders import find_builders
from translator.workers.example import Stream
from translator.workers.framework import SETTINGS, Owned
from translator.workers.serve import serve
from translator.workers.session import Session
from translator.workers.tensors import Replacing, Tensor, carrier
from translator.workers.torch_calibration import randomise
from translator.workers.torch_checkpoint import Offer, write_current
from translator.workers.torch_operators import define_operators
from translator.workers.undropped import undropped


class Torch:
    """PyTorch as the shared operations see it."""

    name = "torch"
    module_class = torch.nn.Module
    unobserved: Sequence[type[Any]] = (
        torch.nn.Parameter,
        torch.fx.Proxy,
    )  # the first may be laid out otherwise, the second is anything

    def __init__(self) -> None:
        self.folder = str(Path(torch.__file__).resolve().parent)
        self.device = torch.device("cpu")
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.deterministic = True
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.utils.deterministic.fill_uninitialized_memory = False  # every fresh tensor would be written twice
        self._operators = define_operators()
        self.offer: Offer | None = None

    def versions(self) -> dict[str, str]:
        found = {"torch": torch.__version__}
        if torch.version.cuda and torch.cuda.is_available():
            found |= {"cuda": torch.version.cuda, "gpu": torch.cuda.get_device_name(self.device.index or 0)}
        return found

    def devices(self) -> list[str]:
        return ["cpu", *(f"gpu:{number}" for number in range(torch.cuda.device_count()))]

    def use(self, device: str) -> None:
        wanted = f"{device}:0" if device == "gpu" else device
        if wanted not in self.devices():
            raise ConfigError(f"torch does not see `{device}`; it sees {', '.join(self.devices())}")
        self.device = torch.device(wanted.replace("gpu", "cuda"))

    def place(self, model: Any) -> Any:
        return model.to(self.device).eval()

    def is_tensor(self, value: object) -> bool:
        return isinstance(value, torch.Tensor)

    def dtype(self, tensor: Any) -> str:
        return str(tensor.dtype).removeprefix("torch.")

    def export(self, tensor: Any) -> Tensor:
        dtype = self.dtype(tensor)
        plain = tensor.detach().cpu().contiguous().resolve_conj().resolve_neg()
        if str(carrier(dtype)) != dtype:
            plain = plain.view({1: torch.uint8, 2: torch.int16}[plain.element_size()])
        return Tensor(dtype, plain.numpy().view(carrier(dtype)))

    def tensor(self, bits: Tensor) -> Any:
        array = np.array(bits.array, copy=True)
        wanted = getattr(torch, bits.dtype)
        if str(carrier(bits.dtype)) != bits.dtype:
            return torch.from_numpy(array.view({1: np.uint8, 2: np.int16}[array.itemsize])).view(wanted).to(self.device)
        return torch.from_numpy(array).to(self.device)

    def assign(self, tensor: Any, bits: Tensor) -> None:
        with torch.no_grad():
            tensor.copy_(self.tensor(bits))

    def identity(self, tensor: Any) -> object:
        return (tensor.data_ptr(), tensor.shape, tensor.stride()) if tensor.numel() else id(tensor)

    def modules(self, model: Any, every_path: bool = False) -> Iterator[tuple[str, Any]]:
        yield from model.named_modules(remove_duplicate=not every_path)

    def owned(self, module: Any) -> Iterator[Owned]:
        for name, tensor in module._parameters.items():
            if tensor is not None:
                yield Owned(name, tensor, True, True, tensor.requires_grad)
        for name, tensor in module._buffers.items():
            if tensor is not None:
                yield Owned(name, tensor, False, name not in module._non_persistent_buffers_set, False)

    def before(self, module: Any, hook: Callable[[Any, Any, Any], Any]) -> Callable[[], None]:
        end: Callable[[], None] = module.register_forward_pre_hook(hook, with_kwargs=True).remove
        return end

    def after(self, module: Any, hook: Callable[[Any, Any], None]) -> Callable[[], None]:
        end: Callable[[], None] = module.register_forward_hook(lambda m, _, output: hook(m, output)).remove
        return end

    def is_differentiable(self, tensor: Any) -> bool:
        return bool(tensor.requires_grad)

    def leaf(self, tensor: Any) -> Any:
        return tensor.detach().requires_grad_()

    def on_gradient(self, leaf: Any, hook: Callable[[Any], None]) -> Callable[[], None]:
        def ready(tensor: Any) -> None:
            gradient, tensor.grad = tensor.grad, None
            hook(gradient.to_dense() if gradient.is_sparse else gradient)

        end: Callable[[], None] = leaf.register_post_accumulate_grad_hook(ready).remove
        return end

    def on_flow(self, tensor: Any, hook: Callable[[Any], None]) -> None:
        tensor.register_hook(hook)

    def cross_entropy(self, logits: Any, labels: Any) -> Any:
        return torch.nn.functional.cross_entropy(logits, labels)

    def optimizer(self, name: str, parameters: list[Any], rate: float) -> Any:
        s, plain = SETTINGS, {"lr": rate, "foreach": False}
        if name == "sgd":
            return torch.optim.SGD(parameters, momentum=s["momentum"], weight_decay=s["decay"], **plain)
        betas = (s["beta1"], s["beta2"])
        return torch.optim.AdamW(parameters, betas=betas, eps=s["eps"], weight_decay=s["decoupled"], **plain)

    def update(self, optimizer: Any) -> None:
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    def forget_gradients(self, parameters: list[Any]) -> None:
        for tensor in parameters:
            tensor.grad = None

    @contextmanager
    def evaluating(self, model: Any, gradients: bool = False) -> Iterator[None]:
        model.eval()
        with torch.set_grad_enabled(gradients), torch_example.seeded(Stream()):
            yield

    @contextmanager
    def training(self, model: Any, gradients: bool = False) -> Iterator[None]:
        model.train()
        with ExitStack() as stack:
            stack.enter_context(undropped(model.modules(), depth=gradients))
            stack.enter_context(torch.set_grad_enabled(gradients))
            stack.enter_context(torch_example.seeded(Stream()))
            yield
        model.eval()

    def widened(self, values: list[Any]) -> list[Any]:
        return [value.double() if value.is_floating_point() else value for value in values]

    @contextmanager
    def in_float64(self, model: Any) -> Iterator[None]:
        kept: list[tuple[dict[str, Any], str, Any]] = []
        wide: dict[int, Any] = {}  # a tied tensor stays one
        for module in model.modules():
            for holder in (module._parameters, module._buffers):
                for name, tensor in holder.items():
                    if tensor is not None and tensor.is_floating_point():
                        kept.append((holder, name, tensor))
                        if id(tensor) not in wide:
                            wide[id(tensor)] = doubled(tensor)
                        holder[name] = wide[id(tensor)]
        wide.clear()
        link_weights(model)
        whole = [(b, b.clone()) for b in model.buffers() if not b.is_floating_point()]
        default = torch.get_default_dtype()
        torch.set_default_dtype(torch.float64)
        try:
            with wide_casts(), epsilons_of_float32(model):
                yield
        finally:
            torch.set_default_dtype(default)
            for holder, name, tensor in kept:
                holder[name] = tensor
            link_weights(model)
            for buffer, value in whole:
                buffer.copy_(value)

    def read_checkpoint(self, path: Path) -> Any:
        try:
            return torch.load(path, map_location="cpu", weights_only=True)
        except pickle.UnpicklingError as error:
            text = str(error)
            if "weights_only" in text.lower() or "unsupported" in text.lower():
                name = next((word for word in text.replace("`", " ").split() if "." in word and "GLOBAL" in text), "")
                raise CheckpointError(
                    "needs more than tensors to be unpickled" + (f" ({first_sentence(text)})" if name else ""),
                    path=str(path),
                    hint="save the state dict: torch.save(model.state_dict(), path)",
                ) from error
            raise CheckpointError(f"truncated or not a checkpoint: {first_sentence(text)}", path=str(path)) from error
        except (RuntimeError, EOFError, OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            reason = first_sentence(str(error))
            raise CheckpointError(f"truncated or not a checkpoint: {reason}", path=str(path)) from error

    def write_checkpoint(self, path: Path, tensors: Mapping[str, Tensor]) -> None:
        device, self.device = self.device, torch.device("cpu")
        try:
            with Replacing(path) as temporary:
                torch.save({name: self.tensor(tensors[name]) for name in tensors}, temporary)
        finally:
            self.device = device

    def operation_example(self, session: Session, **arguments: Any) -> dict[str, Any]:
        """Run a rule's example; see ``torch_example``."""
        return torch_example.example(self, **arguments)

    def operation_builders(self, session: Session, package: str, folder: str) -> dict[str, Any]:
        """The functions of a package that give models; see ``builders``."""
        return find_builders(package, folder, self.module_class)

    def operation_signatures(self, session: Session, apis: list[str]) -> dict[str, Any]:
        """The parameters of torch's own functions; see ``signatures``."""
        return {
            "signatures": {api: {**signatures.overloads(api), "schemas": torch_example.schemas(api)} for api in apis}
        }

    def operation_offer(self, session: Session, checkpoint: str) -> dict[str, Any]:
        """Let builders that fetch a file of the checkpoint's name get the checkpoint."""
        self.offer = Offer(Path(checkpoint).resolve())
        return {}

    def operation_read_current(self, session: Session, checkpoint: str, output: str) -> dict[str, Any]:
        """Read a checkpoint into a tensor folder, by the open model's own names; see ``torch_checkpoint``."""
        return {"notes": write_current(session, Path(checkpoint), self.offer, Path(output))}

    def operation_size(self, session: Session, **arguments: Any) -> dict[str, Any]:
        """How large a model is; see ``torch_size``."""
        return torch_size.size(session, **arguments)

    def operation_randomise(self, session: Session, seed: int, inputs: str, output: str) -> dict[str, Any]:
        """Draw every parameter, then fit scales and running statistics to one forward; the state goes to ``output``."""
        model = session._opened()
        with self.evaluating(model):
            randomise(model, seed, lambda: model(*session._inputs(inputs)))
        return session.state(output)


def doubled(tensor: Any) -> Any:
    """A parameter or buffer in float64."""
    wide = tensor.detach().double()
    return torch.nn.Parameter(wide, tensor.requires_grad) if isinstance(tensor, torch.nn.Parameter) else wide


def link_weights(model: Any) -> None:
    """Recurrent layers keep a list of their own weights beside the table of parameters."""
    for module in model.modules():
        if isinstance(module, torch.nn.RNNBase):
            module._flat_weights = [getattr(module, name, None) for name in module._flat_weights_names]


@contextmanager
def wide_casts() -> Iterator[None]:
    """What asks for float32 gets float64, so that a model which does so in its forward runs in float64."""
    tensor = torch.Tensor
    to, float64 = tensor.to, torch.float64

    def converted(self: Any, *arguments: Any, **keywords: Any) -> Any:
        wide = [float64 if value is torch.float32 else value for value in arguments]
        return to(self, *wide, **{k: float64 if v is torch.float32 else v for k, v in keywords.items()})

    with mock.patch.object(tensor, "to", converted), mock.patch.object(tensor, "float", tensor.double):
        yield


@contextmanager
def epsilons_of_float32(model: Any) -> Iterator[None]:
    """Within it, what norms add to variances is the nearest float32, as the target's kernels have it in every type.

    1e-5 is 3e-8 of itself away from that: more than float64 computes, and trained for a few steps more than it shows.
    """
    kept = [(module, module.eps) for module in model.modules() if isinstance(getattr(module, "eps", None), float)]
    for module, eps in kept:
        module.eps = float(np.float32(eps))
    try:
        yield
    finally:
        for module, eps in kept:
            module.eps = eps


def first_sentence(text: str) -> str:
    """The first line of an error, at most 200 characters."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "no reason given")[:200]


def main() -> int:
    """Serve until the caller closes the pipe."""
    warnings.filterwarnings("ignore")
    return serve(Torch)
