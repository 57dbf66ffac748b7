"""The test vectors: what a status is read as, and what a server sends of an error."""

import base64
import json
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status

from environment import RESPONSE_CODES, TESTDATA, FailedCall
from grpc_codetable import CalendarWindow, CodeError, Fault, RetryAction, from_error
from grpc_codetable._translator import Call, Translator

VECTORS: list[dict[str, Any]] = json.loads((TESTDATA / "vectors.json").read_text(encoding="utf-8"))
RELAYS: list[dict[str, Any]] = json.loads((TESTDATA / "relays.json").read_text(encoding="utf-8"))
SENT = [vector for vector in VECTORS if vector.get("send")]
GRPC_CODES = {code.value[0]: code for code in grpc.StatusCode}


def plain(error: CodeError, locales: list[str]) -> dict[str, Any]:
    """Returns an error in the form of the vectors."""
    return {
        "known": error.response_code is not None,
        "code": error.number,
        "reason": error.reason,
        "domain": error.domain,
        "fault": Fault.Name(error.fault),
        "retry": {
            "action": RetryAction.Name(error.retry.action),
            "delay_ms": error.retry.delay // timedelta(milliseconds=1),
            "window": CalendarWindow.Name(error.retry.window),
        },
        "metadata": error.metadata,
        "user_message": {locale: error.user_message(locale) for locale in locales},
        "masked": error.masked,
        "request_id": error.request_id,
    }


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_reading(vector: dict[str, Any]) -> None:
    raw = base64.b64decode(vector["status"])
    call = FailedCall(GRPC_CODES[vector["grpc_code"]], raw)
    error, want = from_error(call, RESPONSE_CODES), vector["reading"]
    if want is None:
        assert error is None
        return
    assert error is not None
    assert plain(error, list(want["user_message"])) == want
    assert error.response_code == (error.number if want["known"] else None)
    assert error.rpc is error.__cause__ is call


def comparable(status: Status) -> tuple[int, str, list[tuple[str, Message | bytes]]]:
    """Returns a status that compares equal whatever the order of map entries."""
    details: list[tuple[str, Message | bytes]] = []
    for detail in status.details:
        try:
            kind = descriptor_pool.Default().FindMessageTypeByName(detail.TypeName())
            parsed = message_factory.GetMessageClass(kind).FromString(detail.value)
        except (KeyError, DecodeError):
            details.append((detail.type_url, detail.value))
        else:
            details.append((detail.type_url, parsed))
    return status.code, status.message, details


@pytest.mark.parametrize("vector", SENT, ids=lambda vector: vector["name"])
def test_sending(vector: dict[str, Any]) -> None:
    send = vector["send"]
    translator = Translator(
        (RESPONSE_CODES,),
        public=send["public"],
        budget=send["budget"],
        new_id=lambda: str(send["request_id"]),
    )
    error: Exception = RuntimeError("an error without a code")
    if send["code"] is not None:
        after = send["retry_after_ms"]
        error = RESPONSE_CODES.error(
            send["code"],
            message=send["message"],
            metadata=send["metadata"],
            retry_after=None if after is None else timedelta(milliseconds=after),
        )
    method = "/jiguang.jverification.v1.VerificationService/VerifyNumber"
    metadata = (("accept-language", send["accept_language"]),)
    sent = translator.translate(error, Call(method, metadata))
    want = base64.b64decode(vector["status"])
    assert comparable(sent.status) == comparable(Status.FromString(want))
    assert len(sent.status.SerializeToString()) == len(want)
    assert sent.pushback == vector["pushback"]
    assert sent.code.value[0] == vector["grpc_code"]


@pytest.mark.parametrize("decoded", [False, True])
@pytest.mark.parametrize("relay", RELAYS, ids=lambda relay: relay["name"])
def test_relaying(relay: dict[str, Any], *, decoded: bool) -> None:
    """A handler raises the error of a call to another server, with and without its code."""
    translator = Translator(
        (RESPONSE_CODES,), public=relay["public"], new_id=lambda: str(relay["request_id"])
    )
    raw = base64.b64decode(relay["received"])
    header = GRPC_CODES[relay["received_grpc_code"]]
    call = FailedCall(header, raw, Status.FromString(raw).message)
    error = from_error(call, RESPONSE_CODES) if decoded else None
    metadata = (("accept-language", relay["accept_language"]),)
    sent = translator.translate(error or call, Call("", metadata))
    assert comparable(sent.status) == comparable(
        Status.FromString(base64.b64decode(relay["status"]))
    )
    assert sent.pushback == relay["pushback"]
    assert sent.code.value[0] == relay["grpc_code"]
