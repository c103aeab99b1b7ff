"""What a worker can be asked to do; one model is open at a time."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from translator.core import CheckpointError, ConfigError, WorkerError
from translator.workers.capture import recording
from translator.workers.checkpoint import read_checkpoint, write_checkpoint
from translator.workers.construction import NOWHERE, Constructions, class_place, forward_place, watching
from translator.workers.entry import load_entry, user_error
from translator.workers.framework import Framework
from translator.workers.hiding import hide
from translator.workers.learning import LEARNING
from translator.workers.naming import class_names, flatten, public_name
from translator.workers.noise import largest_difference, probing
from translator.workers.observation import Observer
from translator.workers.protocol import ModuleInfo, ParameterInfo, PlaceInfo
from translator.workers.resident import forget_peak, resident, return_memory
from translator.workers.tensors import Tensor, TensorFolder, TensorWriter
from translator.workers.tracing import LineTracer, tracing
from translator.workers.variances import biased_variances


class Session:
    """One framework, its device, and the model that is open."""

    def __init__(self, framework: Framework) -> None:
        self.framework = framework
        self.model: Any = None
        self.places = Constructions()
        self.observer: Observer | None = None

    def run(self, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call the method of that name; every public method but this one is an operation."""
        method = getattr(self, operation, None) or getattr(self.framework, f"operation_{operation}", None)
        method = method or LEARNING.get(operation)
        if method is None or operation.startswith("_") or operation == "run":
            raise ConfigError(f"the {self.framework.name} worker cannot `{operation}`")
        result: dict[str, Any] = method(**arguments) if hasattr(type(self), operation) else method(self, **arguments)
        return result

    def start(self, device: str, hidden: Sequence[str] = ()) -> dict[str, Any]:
        """Take the device, and hide packages from imports; what this process is made of."""
        self.framework.use(device)
        hide(hidden)
        return self.versions()

    def versions(self) -> dict[str, Any]:
        """Versions and the devices that the framework sees."""
        python = ".".join(str(part) for part in sys.version_info[:3])
        return {"versions": {**self.framework.versions(), "python": python}, "devices": self.framework.devices()}

    def memory(self, reset: bool = False) -> dict[str, Any]:
        """Bytes of memory that this process holds, and the most since it started, or since the last ``reset``."""
        now, most = resident()
        if reset:
            forget_peak()
        return {"now": now, "most": most}

    def open(self, entry: str) -> dict[str, Any]:
        """Build the model of an ENTRY; the one that was open goes first, so that the memory need not hold both."""
        self.close()
        with watching(self.framework.module_class, self.framework.folder) as places:
            model = load_entry(entry, lambda value: isinstance(value, self.framework.module_class))
        self.model, self.places = self.framework.place(model), places
        file = inspect.getsourcefile(type(model)) or ""
        return {
            "class_name": public_name(type(model)),
            "file": file,
            "modules": len(list(self.framework.modules(model))),
        }

    def close(self) -> dict[str, Any]:
        """Let go of the model, and give its memory back to the system."""
        self.model, self.places = None, Constructions()
        return_memory()
        return {}

    def observe(self, entry: str, inputs: str, roots: list[str]) -> dict[str, Any]:
        """Build the model of an ENTRY and run one evaluation forward.

        Returns:
            The types of values in the files below ``roots``, of every run so far; files imported before are not seen.
        """
        self.observer = self.observer or Observer(self.framework, [Path(root) for root in roots])
        with self.observer.watching():
            self.open(entry)
            with self.framework.evaluating(self.model):
                self.model(*self._inputs(inputs))
        return {"observed": self.observer.facts()}

    def modules(self) -> dict[str, Any]:
        """Every module: classes, where it was constructed, its plain settings."""
        return {"modules": [self._module(path, module) for path, module in self.framework.modules(self._opened())]}

    def _module(self, path: str, module: Any) -> ModuleInfo:
        registered = {name: place for (number, name), place in self.places.buffers.items() if number == id(module)}
        settings = {
            name.lstrip("_"): list(value) if isinstance(value, tuple) else value
            for name, value in sorted(vars(module).items(), key=lambda item: not item[0].startswith("_"))
            if name != "training" and is_plain(value)
        }
        return ModuleInfo(
            path=path,
            classes=class_names(type(module), self.framework.module_class),
            constructed=self._constructed(module),
            registered=registered,
            settings=settings,
            forward=forward_place(module, self.framework.folder),
        )

    def _constructed(self, module: Any) -> PlaceInfo:
        """Where the module was made; for the model that an ENTRY made directly, where its class is defined."""
        place = self.places.modules.get(id(module), NOWHERE)
        return class_place(type(module)) if module is self.model and not place["line"] else place

    def parameters(self) -> dict[str, Any]:
        """Every parameter and buffer, also those that a state dict leaves out."""
        infos: list[ParameterInfo] = []
        seen: dict[object, str] = {}
        for owner, module in self.framework.modules(self._opened(), every_path=True):
            classes = class_names(type(module), self.framework.module_class)
            for owned in self.framework.owned(module):
                path = f"{owner}.{owned.name}" if owner else owned.name
                bits = self.framework.export(owned.tensor)
                first = seen.setdefault(self.framework.identity(owned.tensor), path)
                infos.append(
                    ParameterInfo(
                        path=path,
                        owner=owner,
                        classes=classes,
                        name=owned.name,
                        shape=list(bits.shape),
                        dtype=bits.dtype,
                        kind="parameter" if owned.is_parameter else "buffer",
                        persistent=owned.persistent,
                        trainable=owned.trainable,
                        tied_to=first if first != path else "",
                    )
                )
        return {"parameters": infos}

    def read(self, checkpoint: str, output: str) -> dict[str, Any]:
        """Read a checkpoint file into a tensor folder."""
        tensors, notes = read_checkpoint(self.framework, Path(checkpoint))
        with TensorWriter(Path(output)) as writer:
            for name, tensor in tensors.items():
                writer.add(name, tensor)
        return {"names": list(tensors), "notes": notes}

    def save(self, tensors: str, output: str) -> dict[str, Any]:
        """Write a tensor folder as a checkpoint file."""
        write_checkpoint(self.framework, Path(output), TensorFolder(Path(tensors)))
        return {}

    def load(self, tensors: str) -> dict[str, Any]:
        """Load a tensor folder into the model, strictly: every persistent tensor, nothing else, the same shapes."""
        folder = TensorFolder(Path(tensors))
        own = self._state()
        given = {self.framework.identity(own[name]) for name in own if name in folder}
        problems = [
            f"{name} is missing"
            for name in own
            if name not in folder and self.framework.identity(own[name]) not in given
        ]
        problems += [f"{name} is not in the model" for name in folder if name not in own]
        shapes = {name: self.framework.export(own[name]).shape for name in own if name in folder}
        for name, shape in shapes.items():
            bits = folder[name]
            if bits.shape != shape:
                problems.append(f"{name} is {list(bits.shape)}, the model's is {list(shape)}")
            else:
                self.framework.assign(own[name], bits)
        if problems:
            raise CheckpointError(listed(problems))
        return {}

    def state(self, output: str, all_buffers: bool = False) -> dict[str, Any]:
        """Write the model's tensors; those that a state dict leaves out only with ``all_buffers``."""
        with TensorWriter(Path(output)) as writer:
            for name, tensor in self._state(all_buffers).items():
                writer.add(name, self.framework.export(tensor))
        return {}

    def forward(self, inputs: str, output: str, train: bool = False) -> dict[str, Any]:
        """One forward, in evaluation or training mode; every call of every module is captured into ``output``.

        When the model raises, ``error`` says so, and the calls until then are there.
        """
        before = self._copies() if train else {}
        with TensorWriter(Path(output)) as writer, recording(self.framework, self._opened(), writer) as recorder:
            error = self._attempt(lambda: self.model(*self._inputs(inputs)), self._mode(train))
        self._restore(before)
        return {"calls": recorder.calls, "error": error}

    def attempt(self, inputs: str) -> dict[str, Any]:
        """One evaluation forward, to see whether the model takes these inputs; ``error`` says why not."""
        model = self._opened()
        return {"error": self._attempt(lambda: model(*self._inputs(inputs)), self.framework.evaluating)}

    def _mode(self, train: bool) -> Callable[[Any], Any]:
        return self.framework.training if train else self.framework.evaluating

    def _attempt(self, run: Callable[[], Any], mode: Callable[[Any], Any]) -> dict[str, Any] | None:
        """Run the model in a mode; what it raised, or None."""
        try:
            with mode(self.model):
                run()
        except Exception as error:  # noqa: BLE001 - the user's model may raise anything
            known = user_error(error, "the forward raised")
            return {"message": known.message, "path": known.path, "line": known.line}
        return None

    def train(self, inputs: str, output: str, whole: bool = True) -> dict[str, Any]:
        """One training forward with dropout off; every buffer as it is afterwards goes to ``output``, then is put back.

        The running variances that a biased estimate would have given are added as ``biased:NAME``.

        Args:
            whole: whether all of the model is in training mode, or only the layers that keep buffers.
        """
        before = self._copies()
        with TensorWriter(Path(output)) as writer, biased_variances(self.framework, self._opened()) as biased:
            error = self._attempt(lambda: self.model(*self._inputs(inputs)), partial(self._training, whole))
            for name, tensor in self._buffers().items():
                writer.add(name, self.framework.export(tensor))
            for name, array in biased.items():
                writer.add(f"biased:{name}", Tensor(str(array.dtype), array))
        self._restore(before)
        return {"buffers": list(before), "error": error}

    def noise(self, inputs: str, capture: str, exact: str, train: bool = False) -> dict[str, Any]:
        """Largest float32 error of each captured input and output, against the same forward in float64.

        Args:
            capture: the folder of a ``forward`` of the same inputs; only tensors of that run are measured.
            exact: the folder for what calls select in float64.
        """
        model, reference = self._opened(), TensorFolder(Path(capture))
        with TensorWriter(Path(exact)) as rows, probing(self.framework, model, reference, rows) as probe:
            wide = self._inputs(inputs, self.framework.widened)
            error = self._attempt(lambda: model(*wide), self._mode(train))
        return_memory()
        return {"noise": {} if error else probe.noise, "unsteady": {} if error else probe.unsteady, "error": error}

    @contextmanager
    def _training(self, whole: bool, model: Any) -> Iterator[None]:
        """Training mode; of the layers that keep buffers alone where not the ``whole`` model can train."""
        with self.framework.training(model):
            for _, module in self.framework.modules(model) if not whole else ():
                has_parts = len(list(self.framework.modules(module))) > 1
                has_buffers = any(not owned.is_parameter for owned in self.framework.owned(module))
                module.training = module.training and has_buffers and not has_parts
            yield

    def train_noise(self, inputs: str, capture: str, whole: bool = True) -> dict[str, Any]:
        """Largest float32 error of each buffer after a training forward; ``capture`` is the folder of ``train``."""
        model, reference = self._opened(), TensorFolder(Path(capture))
        noise: dict[str, float] = {}
        with self.framework.in_float64(model):
            wide = self._inputs(inputs, self.framework.widened)
            error = self._attempt(lambda: model(*wide), partial(self._training, whole))
            for name, tensor in self._buffers().items():
                if name in reference and tensor.is_floating_point():
                    found = largest_difference(reference[name], self.framework.export(tensor))
                    noise |= {name: found} if found is not None else {}
        return {"noise": noise, "error": error}

    def _copies(self) -> dict[str, Tensor]:
        bits = {name: self.framework.export(tensor) for name, tensor in self._buffers().items()}
        return {name: one.with_array(one.array.copy()) for name, one in bits.items()}

    def _restore(self, copies: dict[str, Tensor]) -> None:
        for name, tensor in self._buffers().items() if copies else ():
            self.framework.assign(tensor, copies[name])

    def predict(self, inputs: str, output: str) -> dict[str, Any]:
        """Evaluation forward of a ``.npy`` batch; the first output tensor is written as ``.npy``, float32 or wider."""
        batch = np.load(inputs)
        with self.framework.evaluating(self._opened()):
            value = self.model(self.framework.tensor(Tensor(str(batch.dtype), batch)))
        outputs = [tensor for _, tensor in flatten(value, self.framework.is_tensor)]
        if not outputs:
            raise WorkerError(f"the model gave no tensor but {type(value).__name__}")
        array = self.framework.export(outputs[0]).values()
        with Path(output).open("wb") as file:
            np.save(file, array)
        return {"shape": list(array.shape)}

    def trace(self, path: str, index: int, inputs: str, output: str, train: bool = False) -> dict[str, Any]:
        """Follow one call of one module statement by statement."""
        module = dict(self.framework.modules(self._opened()))[path]
        values, before = self._inputs(inputs), self._copies()
        with TensorWriter(Path(output)) as writer:
            tracer = LineTracer(self.framework, module, index, writer)
            with tracing(tracer):
                error = self._attempt(lambda: self.model(*values), self._mode(train))
        self._restore(before)
        return {"frames": tracer.frames, "error": error}

    def _opened(self) -> Any:
        if self.model is None:
            raise ConfigError("no model is open")
        return self.model

    def _inputs(self, folder: str, change: Callable[[list[Any]], list[Any]] = list) -> list[Any]:
        """The arguments of a forward: tensors, and lists of those whose names have the place in the list behind a dot.

        Args:
            change: what the tensors go through.
        """
        tensors = TensorFolder(Path(folder))
        found: dict[str, Any] = {}
        for name, tensor in zip(tensors, change([self.framework.tensor(t) for t in tensors.values()]), strict=True):
            argument, dot, _ = name.partition(".")
            if dot:
                found.setdefault(argument, []).append(tensor)
            else:
                found[argument] = tensor
        return list(found.values())

    def _state(self, all_buffers: bool = False) -> dict[str, Any]:
        return {
            f"{path}.{owned.name}" if path else owned.name: owned.tensor
            for path, module in self.framework.modules(self._opened(), every_path=True)
            for owned in self.framework.owned(module)
            if owned.persistent or all_buffers
        }

    def _buffers(self) -> dict[str, Any]:
        return {
            f"{path}.{owned.name}" if path else owned.name: owned.tensor
            for path, module in self.framework.modules(self._opened())
            for owned in self.framework.owned(module)
            if not owned.trainable
        }


def is_plain(value: object) -> bool:
    """Whether a setting can be compared between frameworks: numbers, text, None, and sequences of numbers."""
    if isinstance(value, (list, tuple)):
        return all(isinstance(item, (int, float)) for item in value)
    return value is None or isinstance(value, (bool, int, float, str))


def listed(problems: list[str], most: int = 5) -> str:
    """The first problems and how many more there are."""
    rest = f", and {len(problems) - most} more" if len(problems) > most else ""
    return ", ".join(problems[:most]) + rest
