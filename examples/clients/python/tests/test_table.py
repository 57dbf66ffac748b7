"""The parts of a table that no call reaches."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from codetable.v1 import codetable_pb2
from codetable.v1.codetable_pb2 import Fault
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from jiguang.jverification.v1 import response_code_pb2

from code_reader import Reading, read, read_status
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
        ("*", ""),
        ("", ""),
        ("e", ""),
    ],
)
def test_match_locale(locale: str, want: str) -> None:
    assert match_locale(SENTENCES, locale) == (want, SENTENCES.get(want, ""))
    found = want or "pt-BR"
    assert match_locale(SENTENCES, locale, "pt-BR") == (found, SENTENCES[found])
    assert match_locale(SENTENCES, locale, "ja") == (want, SENTENCES.get(want, ""))


def table_of(name: str, value: str, code: codetable_pb2.Code | None = None) -> Table:
    """Returns the table of an enum with one value, which has the number 17."""
    file = FileDescriptorProto(name="acme.proto", syntax="proto3")
    enum = file.enum_type.add(name=name)
    enum.options.Extensions[codetable_pb2.table].MergeFrom(
        codetable_pb2.Table(
            domain="acme.example.com",
            default_user_messages={"en": "Sorry.", "zh-CN": "抱歉。"},
            default_locale="en",
        )
    )
    enum.value.add(name="ZERO", number=0)
    options = enum.value.add(name=value, number=17).options
    options.Extensions[codetable_pb2.code].MergeFrom(code or codetable_pb2.Code())
    pool = DescriptorPool()
    pool.Add(file)
    return Table(pool.FindEnumTypeByName(name))


@pytest.mark.parametrize(
    ("name", "value", "want"),
    [
        ("A2AError", "A2A_ERROR_BUSY", "BUSY"),
        ("HTTPCode", "HTTP_CODE_BUSY", "BUSY"),
        ("IPv4Code", "I_PV4_CODE_BUSY", "BUSY"),
        ("Code2", "CODE2_BUSY", "BUSY"),
        ("ResponseCode", "OTHER_BUSY", "OTHER_BUSY"),
    ],
)
def test_a_reason_loses_the_prefix_that_buf_lint_asks_for(name: str, value: str, want: str) -> None:
    assert table_of(name, value)[17].reason == want


def test_a_stated_reason_is_the_reason() -> None:
    acme = table_of("Acme", "ACME_E17", codetable_pb2.Code(reason="SOLD_OUT"))
    assert acme[17].reason == "SOLD_OUT"
    assert acme.named("SOLD_OUT") == acme[17]
    assert acme.named("E17") is None


def test_sentences_fall_back_for_each_language_apart() -> None:
    code = codetable_pb2.Code(user_messages={"en": "Sold out."})
    acme = table_of("Acme", "ACME_SOLD_OUT", code)
    assert acme[17].user_messages == {"en": "Sold out.", "zh-CN": "抱歉。"}
    assert acme.default_locale == "en"


def reading_of(reason: str, **metadata: str) -> Reading:
    status = Status(code=2)
    info = ErrorInfo(reason=reason, domain="jverification.jiguang.cn", metadata=metadata)
    status.details.add().Pack(info)
    reading = read_status(status)
    assert reading is not None
    return reading


def test_a_code_that_is_not_listed_keeps_the_reason_that_was_sent() -> None:
    assert reading_of("NEW_CODE", code="424242").reason == "NEW_CODE"
    assert reading_of("", code="424242").reason == "UNRECOGNIZED_CODE"
    assert reading_of("é" * 500, code="424242").reason == "é" * 31  # 63 bytes


def test_an_unknown_reason_without_a_number_is_a_code_that_is_not_listed() -> None:
    reading = reading_of("NEW_CODE", id="1")
    assert reading.known
    assert (reading.code, reading.number) == (-(2**31), -(2**31))
    assert reading.reason == "NEW_CODE"
    assert reading.metadata == {"id": "1"}
    assert reading_of("NEW_CODE", code="x").metadata == {}


@pytest.mark.parametrize("locale", ["fr", "*", ""])
def test_languages_that_the_table_lacks_get_the_default_one(locale: str) -> None:
    reading = reading_of("TOKEN_EXPIRED_OR_NOT_EXIST")
    assert reading.user_message(locale) == reading.messages["en"]
    assert reading.user_message("zh") == reading.messages["zh-CN"]


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
