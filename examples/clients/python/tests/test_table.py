"""Tests of the table that need no call."""

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

from code_error import CodeError, read, read_status
from code_table import CodeTable, match_locale, parse_number, span
from conftest import ROOT

MESSAGES = {"en": "English", "zh-CN": "Chinese", "pt-BR": "Portuguese"}


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
    assert match_locale(MESSAGES, locale) == (want, MESSAGES.get(want, ""))
    found = want or "pt-BR"
    assert match_locale(MESSAGES, locale, "pt-BR") == (found, MESSAGES[found])
    assert match_locale(MESSAGES, locale, "ja") == (want, MESSAGES.get(want, ""))


def table_of(name: str, value: str, code: codetable_pb2.Code | None = None) -> CodeTable:
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
    return CodeTable(pool.FindEnumTypeByName(name))


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
def test_a_reason_has_no_enum_prefix(name: str, value: str, want: str) -> None:
    assert table_of(name, value)[17].reason == want


def test_a_stated_reason_is_the_reason() -> None:
    acme = table_of("Acme", "ACME_E17", codetable_pb2.Code(reason="SOLD_OUT"))
    assert acme[17].reason == "SOLD_OUT"
    assert acme.named("SOLD_OUT") == acme[17]
    assert acme.named("E17") is None


def test_the_message_of_the_table_replaces_a_missing_one_in_each_language() -> None:
    code = codetable_pb2.Code(user_messages={"en": "Sold out."})
    acme = table_of("Acme", "ACME_SOLD_OUT", code)
    assert acme[17].user_messages == {"en": "Sold out.", "zh-CN": "抱歉。"}
    assert acme.default_locale == "en"


def error_of(reason: str, **metadata: str) -> CodeError:
    status = Status(code=2)
    info = ErrorInfo(reason=reason, domain="jverification.jiguang.cn", metadata=metadata)
    status.details.add().Pack(info)
    code_error = read_status(status)
    assert code_error is not None
    return code_error


def test_an_unlisted_code_keeps_the_reason_that_was_sent() -> None:
    assert error_of("NEW_CODE", code="424242").reason == "NEW_CODE"
    assert error_of("", code="424242").reason == "UNRECOGNIZED_CODE"
    assert error_of("é" * 500, code="424242").reason == "é" * 31  # 63 bytes


def test_an_unknown_reason_without_a_number_is_an_unlisted_code() -> None:
    code_error = error_of("NEW_CODE", id="1")
    assert code_error.known
    assert (code_error.code, code_error.number) == (-(2**31), -(2**31))
    assert code_error.reason == "NEW_CODE"
    assert code_error.metadata == {"id": "1"}
    assert error_of("NEW_CODE", code="x").metadata == {}


@pytest.mark.parametrize("locale", ["fr", "*", ""])
def test_a_language_that_the_table_lacks_gets_the_default_message(locale: str) -> None:
    code_error = error_of("TOKEN_EXPIRED_OR_NOT_EXIST")
    assert code_error.user_message(locale) == code_error.messages["en"]
    assert code_error.user_message("zh") == code_error.messages["zh-CN"]


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


def test_an_enum_without_options_is_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("codetable.v1.Fault has no option")):
        CodeTable(Fault.DESCRIPTOR)


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


def test_the_package_requires_what_its_stubs_require() -> None:
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
