"""Tensors of the Open Inference Protocol give the values that were sent, or say what is wrong with them."""

from __future__ import annotations

import json
import math
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashapp.datasets.dataset import ColumnKind
from dashapp.errors import InvalidRequest, InvalidRow, TooLarge
from dashapp.serving.loose_json import parse_loosely
from dashapp.serving.tensors import datatype_of, read_tensors, to_bytes
from dashapp.training.run import InputColumn


def tensor(datatype: str = "FP64", shape: Any = (1, 1), **rest: Any) -> dict[str, Any]:
    return {"name": "x", "datatype": datatype, "shape": list(shape), **rest}


def values(described: dict[str, Any], binary: bytes = b"") -> list[Any]:
    return list(read_tensors([described], binary, {"x"}, 100).values["x"])


def sized(binary: bytes) -> dict[str, Any]:
    return {"parameters": {"binary_data_size": len(binary)}}


def framed(*texts: bytes) -> bytes:
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


@pytest.mark.parametrize(
    ("kind", "datatype"),
    [
        (ColumnKind.NUMBER, "FP64"),
        (ColumnKind.INTEGER, "FP64"),
        (ColumnKind.BOOLEAN, "BOOL"),
        (ColumnKind.CATEGORY, "BYTES"),
        (ColumnKind.DATETIME, "BYTES"),
        (ColumnKind.TEXT, "BYTES"),
    ],
)
def test_each_kind_of_column_has_its_datatype(kind: ColumnKind, datatype: str) -> None:
    assert datatype_of(InputColumn("x", kind)) == datatype


@pytest.mark.parametrize(
    ("datatype", "shape", "data", "found"),
    [
        ("FP64", [2, 1], [1.5, 2], [1.5, 2]),
        ("FP64", [2, 1], [[1.5], [None]], [1.5, None]),
        ("FP32", [2], [1.5, 2], [1.5, 2]),
        ("BYTES", [2], ["a", "é"], ["a", "é"]),
        ("BYTES", [2], ["4.5", 7], ["4.5", 7]),
        ("INT64", [1], [2**63], [2**63]),
        ("BOOL", [4], [True, 0, 1, None], [True, False, True, None]),
        ("BOOL", [1], ["yes"], ["yes"]),
        ("FP64", [0], [], []),
    ],
)
def test_json_data_is_taken_as_it_is(datatype: str, shape: list[int], data: list[Any], found: list[Any]) -> None:
    read = values(tensor(datatype, shape, data=data))
    assert read == found and list(map(type, read)) == list(map(type, found))


@pytest.mark.parametrize(
    ("datatype", "numpy_type"),
    [
        ("FP64", "<f8"), ("FP32", "<f4"), ("FP16", "<f2"), ("INT8", "<i1"), ("INT16", "<i2"), ("INT32", "<i4"), ("INT64", "<i8"),
        ("UINT8", "<u1"), ("UINT16", "<u2"), ("UINT32", "<u4"), ("UINT64", "<u8"), ("BOOL", "?"),
    ],
)  # fmt: skip
def test_bytes_are_the_numbers_that_numpy_wrote(datatype: str, numpy_type: str) -> None:
    sent = np.array([0, 1, 100], dtype=numpy_type)
    assert values(tensor(datatype, [3, 1], **sized(sent.tobytes())), sent.tobytes()) == sent.tolist()


def test_nan_is_a_missing_value_and_infinity_is_left_for_the_row_to_refuse() -> None:
    sent = np.array([math.nan, math.inf, 1.0])
    assert values(tensor("FP64", [3], **sized(sent.tobytes())), sent.tobytes()) == [None, math.inf, 1.0]


def test_bytes_follow_each_other_and_what_the_model_does_not_have_is_stepped_over() -> None:
    first, other, last = framed(b"red", b""), b"\x00\x01", np.array([1.0, 2.0]).tobytes()
    described = [
        {"name": "colour", "datatype": "BYTES", "shape": [2, 1], **sized(first)},
        {"name": "other", "datatype": "BOOL", "shape": [2], **sized(other)},
        {"name": "x", "datatype": "FP64", "shape": [2], **sized(last)},
        {"name": "y", "datatype": "FP64", "shape": [2], "data": [3, 4]},
    ]
    found = read_tensors(described, first + other + last, {"colour", "x", "y"}, 100)
    assert (found.rows, found.ignored) == (2, ("other",))
    assert {name: list(each) for name, each in found.values.items()} == {"colour": ["red", ""], "x": [1, 2], "y": [3, 4]}


@pytest.mark.parametrize(
    ("described", "binary", "words"),
    [
        (3, b"", "Input 0 is not an object"),
        ({"datatype": "FP64", "shape": [1], "data": [1]}, b"", "Input 0 is not an object with a name"),
        (tensor("FLOAT", data=[1]), b"", "x has the datatype 'FLOAT'; send one of BOOL"),
        (tensor(None, data=[1]), b"", "x has the datatype None"),
        (tensor(shape=[1, 2], data=[1, 2]), b"", r"x has the shape \[1, 2\], but \[rows, 1\]"),
        (tensor(shape=[], data=[1]), b"", "x has the shape"),
        (tensor(shape=[-1], data=[1]), b"", "x has the shape"),
        (tensor(shape=[True], data=[1]), b"", "x has the shape"),
        (tensor(shape=[1.0], data=[1]), b"", "x has the shape"),
        (tensor(), b"", "x has no data"),
        (tensor(data=5), b"", "x has no data"),
        (tensor(data=[1, 2]), b"", "x has 2 values, but its shape says 1"),
        (tensor(shape=[2], data=[[1, 2]]), b"", "data of x is nested"),
        (tensor(shape=[2], data=[[1], 2]), b"", "data of x is nested"),
        (tensor(parameters=5), b"", "parameters of x are not an object"),
        (tensor(parameters={"binary_data_size": "8"}), b"", "binary_data_size of x is '8'"),
        (tensor(parameters={"binary_data_size": -8}), b"", "binary_data_size of x is -8"),
        (tensor(parameters={"shared_memory_region": "r"}), b"", "shared memory"),
        (tensor(**sized(b"12345678")), b"1234", "x announces 8 bytes, but 4 are left"),
        (tensor(**sized(b"1234")), b"1234", "x has 4 bytes, but 1 values of FP64 take 8"),
        (tensor(data=[1]), b"1234", "4 bytes more than its inputs announce"),
        (tensor("BYTES", **sized(b"123")), b"123", "bytes of x are not 1 texts"),
        (tensor("BYTES", **sized(framed(b"a", b"b"))), framed(b"a", b"b"), "bytes of x are not 1 texts"),
        (tensor("BYTES", [2], **sized(framed(b"a"))), framed(b"a"), "bytes of x are not 2 texts"),
        (tensor("BYTES", **sized(b"\xff\xff\xff\xffa")), b"\xff\xff\xff\xffa", "bytes of x are not 1 texts"),
    ],
)
def test_what_does_not_fit_names_the_input(described: Any, binary: bytes, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        read_tensors([described], binary, {"x"}, 100)


def test_a_text_that_is_not_utf_8_is_told_with_its_row() -> None:
    sent = framed(b"a", b"\xff")
    with pytest.raises(InvalidRow) as caught:
        values(tensor("BYTES", [2], **sized(sent)), sent)
    assert (caught.value.details["column"], caught.value.details["row"]) == ("x", 1)


def test_inputs_come_once_and_with_as_many_rows() -> None:
    with pytest.raises(InvalidRequest, match="x was sent twice"):
        read_tensors([tensor(data=[1]), tensor(data=[1])], b"", {"x"}, 100)
    with pytest.raises(InvalidRequest, match="x has 1 rows, but y has 2"):
        read_tensors([tensor(data=[1]), {"name": "y", "datatype": "FP64", "shape": [2], "data": [1, 2]}], b"", {"x", "y"}, 100)


@pytest.mark.parametrize("rows", [101, 10**30])
def test_too_many_rows_are_refused_before_they_are_read(rows: int) -> None:
    with pytest.raises(TooLarge, match="more than the 100"):
        values(tensor("BOOL", [rows], **sized(b"")))


@given(some.lists(some.text(max_size=20), max_size=10))
def test_texts_come_back_from_their_bytes(texts: list[str]) -> None:
    sent = to_bytes("BYTES", texts)
    assert values(tensor("BYTES", [len(texts)], **sized(sent)), sent) == texts


@given(some.lists(some.floats(allow_nan=False), max_size=10))
def test_numbers_come_back_from_their_bytes(numbers: list[float]) -> None:
    sent = to_bytes("FP64", numbers)
    assert values(tensor("FP64", [len(numbers)], **sized(sent)), sent) == numbers


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"a": NaN}', {"a": None}),
        (b"[NaN,-NaN,1]", [None, None, 1]),
        (b"[Infinity,-Infinity]", ["Infinity", "-Infinity"]),
        (b'["NaN", "a\\"NaN", NaN, "-Infinity"]', ["NaN", 'a"NaN', None, "-Infinity"]),
        (b'"\\\\", NaN'.join([b"[", b"]"]), ["\\", None]),
    ],
)
def test_a_bare_nan_is_missing_and_a_bare_infinity_its_name(body: bytes, found: Any) -> None:
    assert parse_loosely(body) == found


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[NaN", b"[1NaN]", b"[NaNNaN]", b'"NaN', b'["\\ud800", NaN]', b"[NaN,]", b"[" * 5000, b"[\xff, NaN]"]
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="not valid JSON"):
        parse_loosely(body)


def test_a_long_body_of_quotes_is_read_in_one_go() -> None:
    """Reading it again from each quote would take days."""
    with pytest.raises(InvalidRequest):
        parse_loosely(b'"\\' * 2_000_000 + b"NaN")


@given(some.recursive(some.none() | some.booleans() | some.floats() | some.text(), some.lists, max_leaves=20))
def test_what_python_writes_is_read(value: Any) -> None:
    def expected(each: Any) -> Any:
        if isinstance(each, list):
            return [expected(one) for one in each]
        if not isinstance(each, float) or math.isfinite(each):
            return each
        return None if math.isnan(each) else "Infinity" if each > 0 else "-Infinity"

    assert parse_loosely(json.dumps(value, ensure_ascii=False).encode()) == expected(value)
