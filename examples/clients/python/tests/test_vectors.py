"""Every vector of the project: a serialized status, and the reading of it."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from codetable.v1.codetable_pb2 import CalendarWindow, Fault, RetryAction
from google.rpc.status_pb2 import Status

from code_reader import Reading, read_status
from conftest import TESTDATA

VECTORS = json.loads((TESTDATA / "vectors.json").read_text(encoding="utf-8"))


def plain(reading: Reading, locales: list[str]) -> dict[str, Any]:
    """Returns a reading as the vectors have it."""
    return {
        "known": reading.known,
        "code": reading.number,
        "reason": reading.reason,
        "domain": reading.domain,
        "fault": Fault.Name(reading.fault),
        "retry": {
            "action": RetryAction.Name(reading.retry.action),
            "delay_ms": reading.retry.delay // timedelta(milliseconds=1),
            "window": CalendarWindow.Name(reading.retry.window),
        },
        "metadata": reading.metadata,
        "user_message": {locale: reading.user_message(locale) for locale in locales},
    }


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector(vector: dict[str, Any]) -> None:
    status = Status.FromString(base64.b64decode(vector["status"]))
    reading, want = read_status(status), vector["reading"]
    assert status.code == vector["grpc_code"]
    if want is None:
        assert reading is None
        return
    assert reading is not None
    assert plain(reading, list(want["user_message"])) == want
    assert reading.code == (reading.number if want["known"] else None)
