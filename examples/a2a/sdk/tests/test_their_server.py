"""Our client reads the code of each error that the SDK's server sends."""

import asyncio
from collections.abc import Callable

import grpc
import pytest
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandler, RequestHandler
from a2a.server.tasks import InMemoryTaskStore
from a2a.types import a2a_pb2 as pb
from a2a.types.a2a_pb2_grpc import A2AServiceStub
from a2a.utils.grpc_status import status_from_call
from google.rpc.error_details_pb2 import ErrorInfo

from agent import RaisingHandler, serving
from conftest import CLIENT, FROM_SDK, METHODS, ROWS, Row


async def read(handler: RequestHandler, method: str, task: str) -> tuple[str, int]:
    """Runs our client against the SDK's server, and returns the code that it prints."""
    async with serving(handler) as address:
        client = await asyncio.create_subprocess_exec(
            CLIENT, "-addr", address, "-method", method, "-task", task,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await client.communicate()  # the client ends after 10 seconds
    assert client.returncode == 0, err.decode()
    label, reason, number = out.decode().splitlines()[0].split()
    assert label == "error:"
    return reason, int(number)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.reason)
def test_error(row: Row, method: str, record_property: Callable[[str, object], None]) -> None:
    reason, number = asyncio.run(read(RaisingHandler(), method, row.reason))
    assert (reason, number) == (row.reason, row.number)
    record_property(FROM_SDK, (row.reason, f"{reason} {number}"))


class Idle(AgentExecutor):
    """Does nothing, since no request below reaches an agent."""

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Does nothing."""

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Does nothing."""


@pytest.mark.parametrize(
    ("method", "task", "want"),
    [
        ("GetTask", "unknown", "TASK_NOT_FOUND"),
        ("GetTask", "", "INVALID_PARAMS"),
        ("CancelTask", "unknown", "TASK_NOT_FOUND"),
        ("SendMessage", "unknown", "INVALID_PARAMS"),
        ("SendStreamingMessage", "unknown", "INVALID_PARAMS"),
        ("SubscribeToTask", "unknown", "TASK_NOT_FOUND"),
    ],
)
def test_error_of_the_sdk_itself(method: str, task: str, want: str) -> None:
    card = pb.AgentCard(capabilities=pb.AgentCapabilities(streaming=True))

    async def ask() -> str:
        handler = DefaultRequestHandler(Idle(), InMemoryTaskStore(), card)
        return (await read(handler, method, task))[0]

    assert asyncio.run(ask()) == want


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.reason)
def test_sdk_sends_no_number(row: Row) -> None:
    """Without this, the tests above would not show that the reason is enough."""

    async def failure() -> grpc.aio.AioRpcError:
        async with (
            serving(RaisingHandler()) as address,
            grpc.aio.insecure_channel(address) as channel,
        ):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await A2AServiceStub(channel).GetTask(pb.GetTaskRequest(id=row.reason))
        return caught.value

    status = status_from_call(asyncio.run(failure()))
    assert status is not None
    info = ErrorInfo()
    assert status.details[0].Unpack(info)
    assert info == ErrorInfo(reason=row.reason, domain="a2a-protocol.org")
