"""Starts our server, and prints the results as a table."""

import csv
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import NamedTuple

import pytest

A2A = Path(__file__).parents[2]
CLIENT = A2A / ".bin/client"
SERVER = A2A / ".bin/server"

PATIENCE = 20  # seconds


class Row(NamedTuple):
    """An error of the published table."""

    number: int
    reason: str
    grpc_code: str
    http: int


def published() -> list[Row]:
    """Returns the table that the enum is imported from."""
    with (A2A / "errors.csv").open(encoding="utf-8", newline="") as file:
        return [
            Row(int(row["number"]), row["name"], row["grpc_code"], int(row["http"]))
            for row in csv.DictReader(file)
        ]


ROWS = published()

# The methods of the SDK's client and of ours. SendStreamingMessage fails after its first
# event, and SubscribeToTask before it.
METHODS = ["GetTask", "CancelTask", "SendMessage", "SendStreamingMessage", "SubscribeToTask"]

TO_SDK = "our server, their client"
FROM_SDK = "their server, our client"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of our server. It ends when its input does, even if pytest is killed."""
    command = (SERVER, "-addr", "127.0.0.1:0", "-stdin")
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        too_long = Timer(PATIENCE, process.kill)
        too_long.start()
        assert process.stderr is not None
        line = process.stderr.readline()
        too_long.cancel()
        found = re.search(r"is listening address=(\S+)", line)
        if not found:
            process.kill()
            pytest.fail(f"the server does not listen: {line}")
        yield found[1]
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what each side made of each error. An error counts if all methods carry it."""
    results: dict[tuple[str, str], list[str]] = {}
    for report in terminalreporter.getreports("passed"):
        for way, (reason, got) in report.user_properties:
            results.setdefault((way, reason), []).append(got)
    terminalreporter.section("A2A")
    done = dict.fromkeys((TO_SDK, FROM_SDK), 0)
    terminalreporter.write_line(f"{'number  error':44}{TO_SDK:38}{FROM_SDK}")
    for row in ROWS:
        line = f"{row.number}  {row.reason:36}"
        for way in done:
            got = results.get((way, row.reason), [])
            complete = len(got) == len(METHODS) and len(set(got)) == 1
            done[way] += complete
            line += f"{got[0] if complete else 'LOST':38}"
        terminalreporter.write_line(line.rstrip())
    for way, count in done.items():
        terminalreporter.write_line(f"{way}: {count} of {len(ROWS)}")
