"""Starts the servers that the tests call, each in a process of its own."""

import csv
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread, Timer
from typing import IO

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[3]
TESTDATA = ROOT / "proto/jiguang/jverification/v1/testdata"

_PATIENCE = 20  # seconds


class Program:
    """A server process and its log."""

    def __init__(self, address: str, process: subprocess.Popen[str], log: IO[str]) -> None:
        """Takes over a listening process."""
        self.address = address
        self.lines: list[str] = []  # complete once the process has ended
        self._process = process
        # Keeps reading, so that the process never blocks on a full pipe.
        self._reader = Thread(target=lambda: self.lines.extend(log))
        self._reader.start()

    def stop(self) -> None:
        """Ends the process and waits for the rest of its log."""
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        finally:
            self._reader.join()
            self._process.__exit__(None, None, None)


@contextmanager
def running(*command: str) -> Iterator[Program]:
    """Runs a server that logs its address, until the end of the block."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=HERE.parent
    )
    assert process.stderr is not None
    too_long = Timer(_PATIENCE, process.kill)
    too_long.start()
    found = None
    for line in process.stderr:
        if found := re.search(r"is listening\"? address=(\S+)", line):
            break
    too_long.cancel()
    if not found:
        process.kill()
        process.communicate()
        pytest.fail(f"{command} did not listen, and ended with {process.returncode}")
    program = Program(found[1], process, process.stderr)
    try:
        yield program
    finally:
        program.stop()


GATEWAY = (os.environ["CODETABLE_GATEWAY"], "-simulate", "-internal", "-addr", "127.0.0.1:0")
SERVER = (sys.executable, "-m", "server", "127.0.0.1:0")


@pytest.fixture(scope="session")
def gateway() -> Iterator[str]:
    """The address of a Go gateway with a simulated upstream."""
    with running(*GATEWAY) as program:
        yield program.address


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of the Python server."""
    with running(*SERVER) as program:
        yield program.address


def published() -> list[dict[str, str]]:
    """Returns the rows of the table that the enum is written from."""
    with (TESTDATA / "response_codes.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = published()
FAILURES = [int(row["number"]) for row in ROWS if row["grpc_code"] != "OK"]


def method_of(number: int) -> str:
    """Returns the method that a code belongs to."""
    if number in {0, 2000} or number in range(1801, 1806):
        return "QueryBusinessRisk"
    if number in range(6003, 7113):
        return "CheckCaptcha"
    if number in {8000, 8001}:
        return "ExchangeLoginToken"
    return "EnableOneClickLogin" if number in range(9200, 9302) else "VerifyNumber"
