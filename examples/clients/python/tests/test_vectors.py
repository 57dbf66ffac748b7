"""Runs the test vectors: serialized statuses, and what each must be read as."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from codetable.v1.codetable_pb2 import CalendarWindow, Fault, RetryAction
from google.rpc.status_pb2 import Status

from code_error import CodeError, read_status
from conftest import TESTDATA

GROUPS = ("code", "option", "language", "budget", "foreign", "large")
VECTORS = [
    vector
    for vector in json.loads((TESTDATA / "vectors.json").read_text(encoding="utf-8"))
    if vector["name"].startswith(GROUPS)
]


def plain(code_error: CodeError, locales: list[str]) -> dict[str, Any]:
    """Returns an error in the form of the vectors."""
    return {
        "known": code_error.known,
        "code": code_error.number,
        "reason": code_error.reason,
        "domain": code_error.domain,
        "fault": Fault.Name(code_error.fault),
        "retry": {
            "action": RetryAction.Name(code_error.retry.action),
            "delay_ms": code_error.retry.delay // timedelta(milliseconds=1),
            "window": CalendarWindow.Name(code_error.retry.window),
        },
        "metadata": code_error.metadata,
        "user_message": {locale: code_error.user_message(locale) for locale in locales},
    }


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector(vector: dict[str, Any]) -> None:
    status = Status.FromString(base64.b64decode(vector["status"]))
    code_error, want = read_status(status), vector["reading"]
    assert status.code == vector["grpc_code"]
    if want is None:
        assert code_error is None
        return
    assert code_error is not None
    del want["masked"], want["request_id"]
    assert plain(code_error, list(want["user_message"])) == want
    assert code_error.code == (code_error.number if want["known"] else None)
