"""Tests of the table and of its errors that need no call."""

import copy
import re
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo, Help, RetryInfo
from grpc_codetable_proto.v1 import codetable_pb2
from grpc_status import rpc_status  # type: ignore[import-untyped]
from jiguang.jverification.v1.gateway_code_pb2 import GatewayCode
from jiguang.jverification.v1.response_code_pb2 import ResponseCode

from environment import RESPONSE_CODES, FailedCall
from grpc_codetable import (
    CodeError,
    CodeTable,
    Fault,
    MaskedError,
    Retry,
    _locale,
    _wire,
    from_error,
)

GATEWAY_CODES = CodeTable(GatewayCode.DESCRIPTOR)
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
def test_number(text: str, want: int | None) -> None:
    assert _wire.number_of(ErrorInfo(metadata={"code": text})) == want


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
def test_locale(locale: str, want: str) -> None:
    assert _locale.match(MESSAGES, locale, "") == (want, MESSAGES.get(want, ""))
    found = want or "pt-BR"
    assert _locale.match(MESSAGES, locale, "pt-BR") == (found, MESSAGES[found])
    assert _locale.match(MESSAGES, locale, "ja") == (want, MESSAGES.get(want, ""))


@pytest.mark.parametrize(
    ("duration", "want"),
    [
        (Duration(seconds=2, nanos=500_000_000), 2_500_000_000),
        (Duration(seconds=-1), 0),
        (Duration(nanos=-1), 0),
        (Duration(seconds=2**63 - 1, nanos=2**31 - 1), 2**63 - 1),
        (Duration(seconds=-(2**63)), 0),
    ],
)
def test_duration(duration: Duration, want: int) -> None:
    assert _wire.nanoseconds(duration) == want


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
        ("_Two___Words", "TWO_WORDS_BUSY", "BUSY"),
        ("ResponseCode", "OTHER_BUSY", "OTHER_BUSY"),
    ],
)
def test_a_reason_has_no_enum_prefix(name: str, value: str, want: str) -> None:
    assert table_of(name, value)[17].reason == want


def test_a_stated_reason_is_the_reason() -> None:
    acme = table_of("Acme", "ACME_E17", codetable_pb2.Code(reason="SOLD_OUT"))
    assert acme[17].reason == "SOLD_OUT"


def test_messages_of_the_table_fill_the_languages_that_a_code_lacks() -> None:
    code = codetable_pb2.Code(user_messages={"en": "Sold out."})
    acme = table_of("Acme", "ACME_SOLD_OUT", code)
    assert acme[17].user_messages == {"en": "Sold out.", "zh-CN": "抱歉。"}
    assert acme.error(17).user_message("zh") == "抱歉。"
    assert acme.error(17).user_message("fr") == "Sold out."


def test_a_table_is_made_from_an_enum_or_its_descriptor() -> None:
    assert [e.reason for e in CodeTable(ResponseCode.DESCRIPTOR)] == [
        e.reason for e in RESPONSE_CODES
    ]
    assert len(RESPONSE_CODES) == 49
    assert repr(RESPONSE_CODES) == "CodeTable(jiguang.jverification.v1.ResponseCode)"
    with pytest.raises(ValueError, match=re.escape("codetable.v1.Fault has no option")):
        CodeTable(Fault)


def test_readers_are_wired_to_no_table() -> None:
    """Row 8: the same error, read with different tables."""
    ours, other = RESPONSE_CODES.error(9003), GATEWAY_CODES.error(6)
    for error, table, foreign in (
        (ours, RESPONSE_CODES, GATEWAY_CODES),
        (other, GATEWAY_CODES, RESPONSE_CODES),
    ):
        call = FailedCall(error.code(), error.status().SerializeToString())
        for tables, want in (((table,), error.number), ((foreign,), None), ((), None)):
            read = from_error(call, *tables)
            assert read is not None
            assert (read.response_code, read.number) == (want, error.number)
        both = from_error(call, RESPONSE_CODES, GATEWAY_CODES)
        assert both is not None
        assert both.domain == table.domain
        assert both.fault == error.fault != Fault.FAULT_UNSPECIFIED


def test_error_of_a_server() -> None:
    error = RESPONSE_CODES.error(1804, metadata={"id": "1"}, retry_after=timedelta(seconds=2))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (error.response_code, error.number, error.reason) == (1804, 1804, "QPS_LIMIT")
    assert error.metadata == {"code": "1804", "id": "1"}
    assert error.retry.delay == timedelta(seconds=2)
    assert error.rpc is None
    assert error.request_id == ""
    assert not error.masked
    assert error.entry is RESPONSE_CODES[1804]
    assert str(error) == "jverification.jiguang.cn 1804 QPS_LIMIT: QPS rate limit"
    assert repr(error) == f"<CodeError: {error}>"
    # In the tests of a handler the error is the status that is sent.
    assert rpc_status.from_call(error) == error.status()
    assert copy.copy(error).status() == error.status()
    with pytest.raises(ValueError, match="VERIFY_CONSISTENT is a success"):
        RESPONSE_CODES.error(9000)


def test_the_line_for_logs_is_one_line() -> None:
    error = RESPONSE_CODES.error(9003, message="a\nb\x1b[31m\u202ec")
    assert str(error).endswith(": a b [31m c")


def test_the_code_is_sent_without_what_is_not_valid() -> None:
    details: list[Any] = [Help(), RetryInfo(), ErrorInfo()]
    error = RESPONSE_CODES.error(
        1804,
        message="a\ud800b",
        metadata={"code": "1", "a b": "x", "id": "\udcff"},
        retry_after=timedelta(seconds=-1),
        details=details,
    )
    assert error.metadata == {"code": "1804", "id": "\ufffd"}
    assert error.details() == "a\ufffdb"
    assert error.retry.delay == timedelta(seconds=1)
    assert [d.TypeName() for d in error.status().details].count("google.rpc.ErrorInfo") == 1
    assert len(error.__notes__) == 5


def test_reading_finds_the_error_among_causes() -> None:
    error = RESPONSE_CODES.error(9003)
    call = FailedCall(error.code(), error.status().SerializeToString())
    outer = RuntimeError()
    outer.__cause__ = ExceptionGroup("", [ValueError(), call])
    read = from_error(outer, RESPONSE_CODES)
    assert isinstance(read, CodeError)
    assert read.rpc is call
    assert from_error(ValueError(), RESPONSE_CODES) is None
    assert from_error(read) is read
    foreign = from_error(call)
    assert foreign is not None
    assert foreign.response_code is None
    known = from_error(foreign, RESPONSE_CODES)  # the client interceptor had other tables
    assert known is not None
    assert (known.response_code, known.rpc) == (9003, call)


@pytest.mark.parametrize("details", [b"\xff", b"\x08\x05", b""])
def test_details_that_contradict_the_call_are_not_read(details: bytes) -> None:
    call = FailedCall(grpc.StatusCode.FAILED_PRECONDITION, details)
    assert from_error(call, RESPONSE_CODES) is None


def test_names() -> None:
    """Row 11: one concept has one name, that of the other languages."""
    nouns = {"number", "reason", "domain", "fault", "retry", "metadata", "request_id", "masked"}
    assert nouns | {"response_code", "user_message"} <= set(vars(CodeError))
    assert {"action", "delay", "window"} == set(Retry.__slots__)
    assert issubclass(MaskedError, CodeError)
