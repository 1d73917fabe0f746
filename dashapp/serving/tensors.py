"""Tensors of the Open Inference Protocol: the values of one column, as JSON or as bytes."""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from dashapp.datasets.dataset import ColumnKind
from dashapp.errors import InvalidRequest, InvalidRow, TooLarge
from dashapp.serving.rows import numbered
from dashapp.training.run import InputColumn

BYTES = "BYTES"
# Little-endian, as `struct` names them.
_FORMATS = {
    "BOOL": "?",
    "INT8": "b",
    "INT16": "h",
    "INT32": "i",
    "INT64": "q",
    "UINT8": "B",
    "UINT16": "H",
    "UINT32": "I",
    "UINT64": "Q",
    "FP16": "e",
    "FP32": "f",
    "FP64": "d",
}
_ONE = {datatype: struct.Struct(f"<{code}") for datatype, code in _FORMATS.items()}
_LENGTH = struct.Struct("<I")


def datatype_of(column: InputColumn) -> str:
    """The datatype that the column is described with; others are taken where nothing is lost."""
    if column.kind.is_numeric:
        return "FP64"
    return "BOOL" if column.kind is ColumnKind.BOOLEAN else BYTES


@dataclass(frozen=True, slots=True)
class Columns:
    """What a request's tensors hold of the model's columns, all of `rows` values; `ignored` names those that the model does not have."""

    rows: int
    values: Mapping[str, Sequence[Any]]
    ignored: tuple[str, ...]


class _Head(NamedTuple):
    """A tuple, as many are made for each request."""

    name: str
    datatype: str
    rows: int


def read_tensors(described: Sequence[Any], binary: bytes, known: Collection[str], most_rows: int) -> Columns:
    """`described` are the request's inputs, `binary` the bytes that follow its JSON, in their order.

    A missing number is NaN or null. Raises `InvalidRequest`, `InvalidRow` or `TooLarge`; each names the input.
    """
    heads: dict[str, _Head] = {}
    values: dict[str, Sequence[Any]] = {}
    at = 0
    for number, tensor in enumerate(described):
        head = _head(tensor, number, most_rows)
        if head.name in heads:
            raise InvalidRequest(f"{head.name} was sent twice; send each input once.")
        heads[head.name] = head
        size = _binary_size(tensor, head.name)
        if size is not None and at + size > len(binary):
            raise InvalidRequest(f"{head.name} announces {size:,} bytes, but {len(binary) - at:,} are left in the body.")
        if head.name in known:
            values[head.name] = _from_json(head, tensor) if size is None else _from_bytes(head, binary[at : at + size])
        at += size or 0
    if at != len(binary):
        raise InvalidRequest(f"The body holds {len(binary) - at:,} bytes more than its inputs announce with binary_data_size.")
    return Columns(_same_rows(heads), values, tuple(name for name in heads if name not in known))


def _head(tensor: Any, number: int, most_rows: int) -> _Head:
    if not isinstance(tensor, dict) or not isinstance(tensor.get("name"), str) or not tensor["name"]:
        raise InvalidRequest(f"Input {number} is not an object with a name, a shape, a datatype and data.")
    name, datatype, shape = tensor["name"], tensor.get("datatype"), tensor.get("shape")
    if not isinstance(datatype, str) or (datatype not in _FORMATS and datatype != BYTES):
        raise InvalidRequest(f"{name} has the datatype {_short(datatype)}; send one of {', '.join([*_FORMATS, BYTES])}.")
    if not isinstance(shape, list) or shape[1:] not in ([], [1]) or not shape or type(shape[0]) is not int or shape[0] < 0:
        raise InvalidRequest(f"{name} has the shape {_short(shape)}, but [rows, 1] or [rows] is expected.")
    if shape[0] > most_rows:
        raise TooLarge(f"{shape[0]:,} rows are more than the {most_rows:,} of one request; send several requests.")
    return _Head(name, datatype, shape[0])


def _binary_size(tensor: Mapping[str, Any], name: str) -> int | None:
    """None where the values stand in the JSON."""
    parameters = tensor.get("parameters")
    if not parameters:
        return None
    if not isinstance(parameters, dict):
        raise InvalidRequest(f"The parameters of {name} are not an object.")
    if "shared_memory_region" in parameters:
        raise InvalidRequest(f"{name} lies in shared memory, which this server does not read; send its data in the body.")
    size = parameters.get("binary_data_size")
    if size is not None and (type(size) is not int or size < 0):
        raise InvalidRequest(f"The binary_data_size of {name} is {_short(size)}, but a number of bytes is expected.")
    return size


def _from_json(head: _Head, tensor: Mapping[str, Any]) -> list[Any]:
    values = tensor.get("data")
    if not isinstance(values, list):
        raise InvalidRequest(f"{head.name} has no data: send a list of {head.rows:,} values, or bytes and their binary_data_size.")
    if values and isinstance(values[0], list):
        if not all(isinstance(each, list) and len(each) == 1 for each in values):
            raise InvalidRequest(f"The data of {head.name} is nested, but not as a list of one value for each row.")
        values = [each[0] for each in values]
    if len(values) != head.rows:
        raise InvalidRequest(f"{head.name} has {len(values):,} values, but its shape says {head.rows:,}.")
    if head.datatype == "BOOL":
        return [bool(value) if type(value) is int and value in (0, 1) else value for value in values]
    return values


def _from_bytes(head: _Head, chunk: bytes) -> Sequence[Any]:
    if head.datatype == BYTES:
        return _texts(head, chunk)
    size = _ONE[head.datatype].size * head.rows
    if len(chunk) != size:
        raise InvalidRequest(f"{head.name} has {len(chunk):,} bytes, but {head.rows:,} values of {head.datatype} take {size:,}.")
    values = _ONE[head.datatype].unpack(chunk) if head.rows == 1 else struct.unpack(f"<{head.rows}{_FORMATS[head.datatype]}", chunk)
    return [None if value != value else value for value in values] if head.datatype.startswith("FP") else values


def _texts(head: _Head, chunk: bytes) -> list[str]:
    """Each text has its length in four bytes before it."""
    texts: list[str] = []
    at = 0
    while len(texts) < head.rows and at + 4 <= len(chunk):
        end = at + 4 + _LENGTH.unpack_from(chunk, at)[0]
        if end > len(chunk):
            break
        try:
            texts.append(chunk[at + 4 : end].decode())
        except UnicodeDecodeError as error:
            row = len(texts)
            raise InvalidRow(f"{numbered(row)}: {head.name} is not UTF-8.", column=head.name, row=row, expected="UTF-8") from error
        at = end
    if len(texts) != head.rows or at != len(chunk):
        raise InvalidRequest(f"The bytes of {head.name} are not {head.rows:,} texts, each with its length in four bytes before it.")
    return texts


def _same_rows(heads: Mapping[str, _Head]) -> int:
    rows = {head.rows: head.name for head in heads.values()}
    if len(rows) > 1:
        (some, first), (others, second) = list(rows.items())[:2]
        raise InvalidRequest(f"{first} has {some:,} rows, but {second} has {others:,}; send as many for each input.")
    return next(iter(rows), 0)


def to_bytes(datatype: str, values: Sequence[Any]) -> bytes:
    """`values` are texts for BYTES, else numbers."""
    if datatype != BYTES:
        return np.array(values, dtype=f"<{_FORMATS[datatype]}").tobytes()
    texts = [text.encode() for text in values]
    return b"".join(part for text in texts for part in (_LENGTH.pack(len(text)), text))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
