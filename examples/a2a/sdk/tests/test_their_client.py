"""The SDK's client raises the exception of each error that our server sends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import grpc
import pytest
from a2a.client import Client, ClientConfig, ClientFactory
from a2a.types import a2a_pb2 as pb
from a2a.utils.constants import TransportProtocol
from a2a.utils.errors import (
    A2A_REASON_TO_ERROR,
    A2AError,
    InvalidParamsError,
    MethodNotFoundError,
    TaskNotCancelableError,
    TaskNotFoundError,
    UnsupportedOperationError,
)

from conftest import METHODS, PATIENCE, ROWS, TO_SDK, Row

STREAMS = {"SendStreamingMessage", "SubscribeToTask"}


@asynccontextmanager
async def connected(address: str, *, streaming: bool) -> AsyncIterator[Client]:
    """Connects the SDK's client to an agent."""
    card = pb.AgentCard(
        capabilities=pb.AgentCapabilities(streaming=True),
        supported_interfaces=[
            pb.AgentInterface(
                url=address, protocol_binding=TransportProtocol.GRPC, protocol_version="1.0"
            )
        ],
    )
    config = ClientConfig(
        streaming=streaming,
        supported_protocol_bindings=[TransportProtocol.GRPC],
        grpc_channel_factory=grpc.aio.insecure_channel,
    )
    async with ClientFactory(config).create(card) as client, asyncio.timeout(PATIENCE):
        yield client


async def call(address: str, method: str, task: str, events: list[pb.StreamResponse]) -> None:
    """Calls a method of an agent, and adds the events of its answer."""
    message = pb.SendMessageRequest(message=pb.Message(message_id="1", task_id=task))
    async with connected(address, streaming=method in STREAMS) as client:
        match method:
            case "GetTask":
                await client.get_task(pb.GetTaskRequest(id=task))
            case "CancelTask":
                await client.cancel_task(pb.CancelTaskRequest(id=task))
            case "SendMessage" | "SendStreamingMessage":
                events.extend([event async for event in client.send_message(message)])
            case "SubscribeToTask":
                request = pb.SubscribeToTaskRequest(id=task)
                events.extend([event async for event in client.subscribe(request)])
            case "ListTasks":
                await client.list_tasks(pb.ListTasksRequest())


def raised(address: str, method: str, task: str) -> A2AError:
    """Returns the exception of a call."""
    with pytest.raises(A2AError) as caught:
        asyncio.run(call(address, method, task, []))
    return caught.value


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.reason)
def test_error(
    server: str, row: Row, method: str, record_property: Callable[[str, object], None]
) -> None:
    error = raised(server, method, row.reason)
    assert type(error) is A2A_REASON_TO_ERROR[row.reason]
    assert isinstance(error.__cause__, grpc.aio.AioRpcError)
    assert error.__cause__.code().name == row.grpc_code
    record_property(TO_SDK, (row.reason, type(error).__name__))


def test_stream_fails_after_its_first_event(server: str) -> None:
    async def first() -> str:
        request = pb.SendMessageRequest(
            message=pb.Message(message_id="1", task_id="TASK_NOT_FOUND")
        )
        async with connected(server, streaming=True) as client:
            events = client.send_message(request)
            event = await anext(events)
            with pytest.raises(TaskNotFoundError):
                await anext(events)
            return event.task.id

    assert asyncio.run(first()) == "TASK_NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "task", "want"),
    [
        ("GetTask", "another", TaskNotFoundError),
        ("CancelTask", "done", TaskNotCancelableError),
        ("SubscribeToTask", "done", UnsupportedOperationError),
        ("ListTasks", "", MethodNotFoundError),
    ],
)
def test_error_of_the_agent(server: str, method: str, task: str, want: type[A2AError]) -> None:
    assert type(raised(server, method, task)) is want


def test_field_violation(server: str) -> None:
    error = raised(server, "GetTask", "")
    assert type(error) is InvalidParamsError
    assert error.data == {"errors": [{"field": "id", "message": "is empty"}]}


@pytest.mark.parametrize("method", ["GetTask", "SendMessage", "SendStreamingMessage"])
def test_success(server: str, method: str) -> None:
    asyncio.run(call(server, method, "done", []))
