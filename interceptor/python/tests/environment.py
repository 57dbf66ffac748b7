"""What the tests share: the project, its table, and an error of a call."""

import csv
import os
from pathlib import Path
from typing import Any

import grpc
from jiguang.jverification.v1.response_code_pb2 import ResponseCode

from grpc_codetable import CodeTable

ROOT = Path(os.environ["CODETABLE_ROOT"])
TESTDATA = ROOT / "proto/jiguang/jverification/v1/testdata"

RESPONSE_CODES = CodeTable(ResponseCode)


def published() -> list[dict[str, str]]:
    """Returns the rows of the table that the enum is written from."""
    with (TESTDATA / "response_codes.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = published()
FAILURES = [int(row["number"]) for row in ROWS if row["grpc_code"] != "OK"]
UNLISTED = [424242, -7, 2**31 - 1, -(2**31), 9998, 1]


class FailedCall(grpc.RpcError):
    """An error with the methods of grpcio's errors."""

    def __init__(self, code: grpc.StatusCode, details: bytes | None = None, text: str = "") -> None:
        """Ends with a code and the trailer of the details."""
        super().__init__()
        self._code, self._details, self._text = code, details, text

    def code(self) -> grpc.StatusCode:
        """Returns the status code."""
        return self._code

    def details(self) -> str:
        """Returns the message."""
        return self._text

    def trailing_metadata(self) -> Any:
        """Returns the trailer."""
        return () if self._details is None else (("grpc-status-details-bin", self._details),)
