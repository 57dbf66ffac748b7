"""The parts of a table that no call reaches."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from codetable.v1.codetable_pb2 import Fault
from google.protobuf.duration_pb2 import Duration
from jiguang.jverification.v1 import response_code_pb2

from code_reader import read
from code_table import Table, match_locale, parse_number, span
from conftest import ROOT

SENTENCES = {"en": "English", "zh-CN": "Chinese", "pt-BR": "Portuguese"}


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("9003", 9003),
        ("-0007", -7),
        ("0" * 9999 + "1", 1),
        ("-2147483648", -(2**31)),
        ("2147483648", None),
        ("9" * 9999, None),
        ("", None),
        ("-", None),
        ("+1", None),
        ("1_0", None),
        (" 1", None),
        ("1\n", None),
        ("٣", None),  # a digit, for int()
    ],
)
def test_parse_number(text: str, want: int | None) -> None:
    assert parse_number(text) == want


@pytest.mark.parametrize(
    ("locale", "want"),
    [
        ("EN", "en"),
        ("en-GB-oxendict", "en"),
        ("zh", "zh-CN"),
        ("zh-Hans-CN", "zh-CN"),
        ("pt-PT", "pt-BR"),
        ("fr", ""),
        ("", ""),
        ("e", ""),
    ],
)
def test_match_locale(locale: str, want: str) -> None:
    assert match_locale(SENTENCES, locale) == (want, SENTENCES.get(want, ""))


@pytest.mark.parametrize(
    ("duration", "want"),
    [
        (Duration(seconds=2, nanos=500_000_000), timedelta(seconds=2.5)),
        (Duration(seconds=-1), timedelta(0)),
        (Duration(nanos=-1), timedelta(0)),
        (Duration(seconds=2**63 - 1, nanos=2**31 - 1), timedelta(days=3_652_500, seconds=2.147483)),
        (Duration(seconds=-(2**63)), timedelta(0)),
    ],
)
def test_span(duration: Duration, want: timedelta) -> None:
    assert span(duration) == want


def test_an_enum_without_options_is_no_table() -> None:
    with pytest.raises(ValueError, match=re.escape("codetable.v1.Fault has no option")):
        Table(Fault.DESCRIPTOR)


@pytest.mark.parametrize(
    "details",
    [
        b"\xff",  # not a Status
        b"\x08\x05",  # NOT_FOUND, which is not the code of the call
        b"\x08\x09\x12\x01x",  # another message than that of the call
    ],
)
def test_details_that_contradict_the_call_read_as_none(details: bytes) -> None:
    trailer = grpc.aio.Metadata(("grpc-status-details-bin", details))
    error = grpc.aio.AioRpcError(
        grpc.StatusCode.FAILED_PRECONDITION, grpc.aio.Metadata(), trailer, details=""
    )
    assert read(error) is None


def test_the_package_asks_for_what_its_stubs_ask_for() -> None:
    manifest = tomllib.loads((ROOT / "gen/python/pyproject.toml").read_text(encoding="utf-8"))
    stub = Path(response_code_pb2.__file__)
    protobuf = re.search(r"Protobuf Python Version: (\S+)", stub.read_text(encoding="utf-8"))
    grpc_stub = stub.with_name("verification_service_pb2_grpc.py").read_text(encoding="utf-8")
    grpcio = re.search(r"GRPC_GENERATED_VERSION = '(\S+)'", grpc_stub)
    assert protobuf
    assert grpcio
    after_next = int(protobuf[1].partition(".")[0]) + 2
    assert manifest["project"]["dependencies"] == [
        f"grpcio>={grpcio[1]}",
        f"protobuf>={protobuf[1]},<{after_next}",
    ]
