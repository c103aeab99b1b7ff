"""Tensors in files: bit-exact, without a framework, written in shards and read one by one.

A tensor folder holds safetensors shards and ``index.json``. Types that numpy lacks (bfloat16, float8) travel as
unsigned integers of the same width with the true type in the index; equal contents are stored once.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import safetensors
from numpy.typing import NDArray
from safetensors import SafetensorError, deserialize, safe_open, serialize_file
from safetensors.numpy import save_file

from translator.core import CheckpointError, ConfigError

if TYPE_CHECKING:
    from typing import Self

SHARD_BYTES = 128 * 1024 * 1024
SHARDS_OPEN = 2  # at most: what was read of an open one counts as memory of the process
CARRIERS = {
    "bfloat16": "uint16",
    "float8_e4m3fn": "uint8",
    "float8_e5m2": "uint8",
}
SAFETENSORS_TYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "I64": "int64",
    "U64": "uint64",
    "I32": "int32",
    "U32": "uint32",
    "I16": "int16",
    "U16": "uint16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
    "C64": "complex64",
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """The bits of a tensor: ``array`` holds them in a numpy type of the same width as ``dtype``."""

    dtype: str
    array: NDArray[Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of the axes."""
        return tuple(self.array.shape)

    def with_array(self, array: NDArray[Any]) -> Tensor:
        """The same type with other contents."""
        return Tensor(self.dtype, array)

    def same_bits(self, other: Tensor) -> bool:
        """Whether type, shape and every bit agree; a NaN equals the same NaN."""
        same_kind = self.dtype == other.dtype and self.shape == other.shape
        return same_kind and np.ascontiguousarray(self.array).tobytes() == np.ascontiguousarray(other.array).tobytes()

    def values(self) -> NDArray[Any]:
        """The numbers, for comparing: bfloat16 widened to float32, all else as it is."""
        if self.dtype == "bfloat16":
            return (self.array.astype(np.uint32) << 16).view(np.float32)
        return self.array


def carrier(dtype: str) -> np.dtype[Any]:
    """The numpy type whose arrays hold the bits of ``dtype``."""
    return np.dtype(CARRIERS.get(dtype, dtype))


class TensorWriter:
    """Writes named tensors into a folder, shard by shard; the folder is readable after the ``with`` block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index: dict[str, dict[str, str]] = {}
        self._pending: dict[str, NDArray[Any]] = {}
        self._bytes = 0
        self._shards = 0
        self._contents: dict[bytes, dict[str, str]] = {}

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *exception: object) -> None:
        self._flush()
        (self.folder / "index.json").write_text(json.dumps(self.index))

    def add(self, name: str, tensor: Tensor) -> None:
        """Store one tensor; contents that are there already are not written again."""
        array = np.ascontiguousarray(tensor.array).reshape(tensor.shape)
        digest = hashlib.blake2b(f"{tensor.dtype}{tensor.shape}".encode() + b"\0", digest_size=16)
        digest.update(array.data if array.size else b"")
        entry = self._contents.get(digest.digest())
        if entry is None:
            entry = {"shard": f"{self._shards}.safetensors", "key": str(len(self._contents)), "dtype": tensor.dtype}
            self._contents[digest.digest()] = entry
            self._pending[entry["key"]] = array.copy()
            self._bytes += array.nbytes
        self.index[name] = entry
        if self._bytes >= SHARD_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._pending:
            save_file(self._pending, str(self.folder / f"{self._shards}.safetensors"))
        self._pending, self._bytes, self._shards = {}, 0, self._shards + 1


class TensorFolder(Mapping[str, Tensor]):
    """Reads a tensor folder lazily: a tensor is in memory only while its user holds it.

    The shards that were read last stay open: opening one reads the list of all that it holds.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self._index: dict[str, dict[str, str]] = json.loads((folder / "index.json").read_text())
        except OSError as error:
            raise ConfigError("no tensors there", path=str(folder)) from error
        self._open: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Tensor:
        entry = self._index[name]
        return Tensor(entry["dtype"], self._shard(entry["shard"]).get_tensor(entry["key"]))

    def _shard(self, name: str) -> Any:
        shard = self._open.pop(name, None)
        if shard is None:
            opened: Any = safe_open(str(self.folder / name), framework="np")
            shard = opened.__enter__()
            for oldest in list(self._open)[: 1 - SHARDS_OPEN]:
                self._open.pop(oldest).__exit__(None, None, None)
        self._open[name] = shard
        return shard

    def content(self, name: str) -> str:
        """Equal for names whose tensors have the same bits."""
        return self._index[name]["key"]

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)


def write_tensors(folder: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write all of ``tensors`` into ``folder``."""
    with TensorWriter(folder) as writer:
        for name, tensor in tensors.items():
            writer.add(name, tensor)


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """Every tensor of a ``.safetensors`` checkpoint.

    Raises:
        CheckpointError: the file is truncated, not safetensors, or holds a type that is not known.
    """
    try:
        entries: Any = deserialize(path.read_bytes())  # type: ignore[no-untyped-call, unused-ignore]
    except SafetensorError as error:
        raise CheckpointError(f"not a whole safetensors file: {error}", path=str(path)) from error
    tensors = {}
    for name, entry in entries:
        dtype = SAFETENSORS_TYPES.get(entry["dtype"])
        if dtype is None:
            raise CheckpointError(f"{name} has the unknown type {entry['dtype']}", path=str(path))
        bits = np.frombuffer(entry["data"], dtype=carrier(dtype))
        tensors[name] = Tensor(dtype, bits.reshape(entry["shape"]))
    return tensors


def write_safetensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write a ``.safetensors`` checkpoint in one step."""
    arrays = {name: np.ascontiguousarray(tensors[name].array) for name in tensors}
    entries: Any = {name: safetensors_entry(tensors[name], arrays[name]) for name in tensors}
    with Replacing(path) as temporary:
        serialize_file(entries, str(temporary), metadata={"format": "pt"})


def safetensors_entry(tensor: Tensor, array: NDArray[Any]) -> Any:
    """What safetensors wants to know of a tensor whose bits ``array`` holds: an object since 0.8, a mapping before."""
    spec = getattr(safetensors, "TensorSpec", None)
    if spec is None:
        return {"dtype": tensor.dtype, "shape": list(tensor.shape), "data": array.tobytes()}
    return spec(dtype=tensor.dtype, shape=tensor.shape, data_ptr=array.ctypes.data, data_len=array.nbytes)


class Replacing:
    """Gives a temporary path beside ``path`` and moves it into place when the block ends without an exception."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.temporary = path.with_name(f".{path.name}.{os.getpid()}")

    def __enter__(self) -> Path:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.temporary.touch()
        except OSError as error:
            raise ConfigError(f"cannot write: {error.strerror}", path=str(self.path)) from error
        return self.temporary

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            os.replace(self.temporary, self.path)
        else:
            self.temporary.unlink(missing_ok=True)
