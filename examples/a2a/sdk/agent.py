"""A2A agents on the unmodified SDK. One raises the error that a task id names."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import NoReturn

import grpc
from a2a.server.context import ServerCallContext
from a2a.server.events.event_queue import Event
from a2a.server.request_handlers import GrpcHandler, RequestHandler
from a2a.types import a2a_pb2 as pb
from a2a.types.a2a_pb2_grpc import add_A2AServiceServicer_to_server
from a2a.utils.errors import A2A_REASON_TO_ERROR, UnsupportedOperationError


class RaisingHandler(RequestHandler):
    """Raises the error of the SDK whose reason is the id of the task."""

    async def on_get_task(self, params: pb.GetTaskRequest, context: ServerCallContext) -> pb.Task:
        """Fails."""
        _fail(params.id)

    async def on_cancel_task(
        self, params: pb.CancelTaskRequest, context: ServerCallContext
    ) -> pb.Task:
        """Fails."""
        _fail(params.id)

    async def on_message_send(
        self, params: pb.SendMessageRequest, context: ServerCallContext
    ) -> pb.Task:
        """Fails."""
        _fail(params.message.task_id)

    async def on_message_send_stream(
        self, params: pb.SendMessageRequest, context: ServerCallContext
    ) -> AsyncGenerator[Event]:
        """Fails after its first event."""
        yield pb.Task(id=params.message.task_id)
        _fail(params.message.task_id)

    async def on_subscribe_to_task(
        self, params: pb.SubscribeToTaskRequest, context: ServerCallContext
    ) -> AsyncGenerator[Event]:
        """Fails before its first event."""
        _fail(params.id)
        yield pb.Task()  # makes it a generator

    async def on_list_tasks(
        self, params: pb.ListTasksRequest, context: ServerCallContext
    ) -> pb.ListTasksResponse:
        """Is not supported."""
        raise UnsupportedOperationError

    async def on_get_extended_agent_card(
        self, params: pb.GetExtendedAgentCardRequest, context: ServerCallContext
    ) -> pb.AgentCard:
        """Is not supported."""
        raise UnsupportedOperationError

    async def on_create_task_push_notification_config(
        self, params: pb.TaskPushNotificationConfig, context: ServerCallContext
    ) -> pb.TaskPushNotificationConfig:
        """Is not supported."""
        raise UnsupportedOperationError

    async def on_get_task_push_notification_config(
        self, params: pb.GetTaskPushNotificationConfigRequest, context: ServerCallContext
    ) -> pb.TaskPushNotificationConfig:
        """Is not supported."""
        raise UnsupportedOperationError

    async def on_list_task_push_notification_configs(
        self, params: pb.ListTaskPushNotificationConfigsRequest, context: ServerCallContext
    ) -> pb.ListTaskPushNotificationConfigsResponse:
        """Is not supported."""
        raise UnsupportedOperationError

    async def on_delete_task_push_notification_config(
        self, params: pb.DeleteTaskPushNotificationConfigRequest, context: ServerCallContext
    ) -> None:
        """Is not supported."""
        raise UnsupportedOperationError


def _fail(reason: str) -> NoReturn:
    raise A2A_REASON_TO_ERROR[reason]


@asynccontextmanager
async def serving(handler: RequestHandler) -> AsyncIterator[str]:
    """Serves an agent on a free port, and yields its address."""
    server = grpc.aio.server()
    add_A2AServiceServicer_to_server(GrpcHandler(handler), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(grace=None)
