"""The interceptors for grpc.aio."""

from __future__ import annotations

import inspect
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import grpc

from grpc_codetable import _fit
from grpc_codetable._context import OwnStatus
from grpc_codetable._delegate import delegating
from grpc_codetable._reading import raise_code
from grpc_codetable._server import behavior_of, wrap
from grpc_codetable._translator import Call, Event, Translator, log_masked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator

    from grpc_codetable._table import Table
    from grpc_codetable._translator import Sent

__all__ = ["ServerInterceptor", "client_interceptors"]


def client_interceptors(*tables: Table) -> list[grpc.aio.ClientInterceptor]:
    """Returns the interceptors that raise the CodeError of a failed call.

    grpc.aio.insecure_channel(target, interceptors=client_interceptors(RESPONSE_CODES))

    grpc.aio needs one for each kind of call. The error is also a grpc.aio.AioRpcError. An
    error without a code, such as that of a connection, is raised unchanged.
    """
    kinds = (_UnaryUnary, _UnaryStream, _StreamUnary, _StreamStream)
    return [kind(tables) for kind in kinds]


class _Interceptor:
    """What the interceptors share."""

    def __init__(self, tables: tuple[Table, ...]) -> None:
        self._tables = tables

    async def _begin(self, continuation: Any, *args: Any) -> Any:
        try:
            return await continuation(*args)
        except grpc.aio.AioRpcError as error:  # an inner interceptor awaited the call
            raise_code(error, self._tables)
            raise

    async def _responses(self, call: Any) -> AsyncIterator[Any]:
        try:
            async for response in call:
                yield response
        except grpc.aio.AioRpcError as error:
            raise_code(error, self._tables)
            raise


class _UnaryUnary(_Interceptor, grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(
        self, continuation: Any, client_call_details: Any, request: Any
    ) -> Any:
        call = await self._begin(continuation, client_call_details, request)
        return _unary_unary_call(call, self._tables)


class _UnaryStream(_Interceptor, grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(
        self, continuation: Any, client_call_details: Any, request: Any
    ) -> Any:
        return self._responses(await self._begin(continuation, client_call_details, request))


class _StreamUnary(_Interceptor, grpc.aio.StreamUnaryClientInterceptor):
    async def intercept_stream_unary(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        call = await self._begin(continuation, client_call_details, request_iterator)
        return _stream_unary_call(call, self._tables)


class _StreamStream(_Interceptor, grpc.aio.StreamStreamClientInterceptor):
    async def intercept_stream_stream(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        call = await self._begin(continuation, client_call_details, request_iterator)
        return self._responses(call)


class _Call:
    """A call with one response, whose error is read."""

    def __init__(self, call: Any, tables: tuple[Table, ...]) -> None:
        self._call = call
        self._tables = tables

    def __await__(self) -> Generator[Any, None, Any]:
        try:
            return (yield from self._call.__await__())
        except grpc.aio.AioRpcError as error:
            raise_code(error, self._tables)
            raise

    @property
    def _done_writing_flag(self) -> bool:  # grpc.aio reads it before it writes
        return bool(self._call._done_writing_flag)  # noqa: SLF001

    async def debug_error_string(self) -> str | None:
        text: str | None = await self._call.debug_error_string()
        return text


class _UnaryUnaryCall(_Call, grpc.aio.UnaryUnaryCall[Any, Any]):
    pass


class _StreamUnaryCall(_Call, grpc.aio.StreamUnaryCall[Any, Any]):
    pass


_unary_unary_call = delegating(_UnaryUnaryCall, "_call")
_stream_unary_call = delegating(_StreamUnaryCall, "_call")


class ServerInterceptor(grpc.aio.ServerInterceptor):
    """Sends the codes that handlers raise, as grpc_codetable.ServerInterceptor does.

    grpc.aio.server(interceptors=[aio.ServerInterceptor(RESPONSE_CODES)])
    """

    def __init__(
        self,
        *tables: Table,
        public_boundary: bool = False,
        detail_budget: int = _fit.DEFAULT_BUDGET,
        observer: Callable[[Event], None] = log_masked,
    ) -> None:
        """Takes what grpc_codetable.ServerInterceptor takes."""
        self._translator = Translator(tables, public_boundary, detail_budget, observer)

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        """Wraps the handler of a method."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        details = handler_call_details
        call = Call(details.method, details.invocation_metadata)
        behavior, rebuild = behavior_of(handler)
        if inspect.iscoroutinefunction(behavior):
            return rebuild(_wrap_coroutine(behavior, self._translator, call))
        if inspect.isasyncgenfunction(behavior):
            return rebuild(_wrap_generator(behavior, self._translator, call))
        # grpc.aio runs it in a thread.
        streaming = handler.response_streaming
        return rebuild(wrap(behavior, self._translator, call, streaming=streaming, aborts=False))


def _wrap_coroutine(behavior: Any, translator: Translator, call: Call) -> Any:
    async def wrapped(request: Any, context: Any) -> Any:
        own = _translating(context, translator, call)
        try:
            response = await behavior(request, own)
        except Exception as error:
            await own.fail(error)
            raise
        await own.finish()
        return response

    return wrapped


def _wrap_generator(behavior: Any, translator: Translator, call: Call) -> Any:
    async def wrapped(request: Any, context: Any) -> AsyncIterator[Any]:
        own = _translating(context, translator, call)
        try:
            async with aclosing(behavior(request, own)) as responses:
                async for response in responses:
                    yield response
        except Exception as error:
            await own.fail(error)
            raise
        await own.finish()

    return wrapped


class _Context(OwnStatus, grpc.aio.ServicerContext[Any, Any]):
    """The context of a handler, whose own status is translated too."""

    async def abort(self, code: Any, details: str = "", trailing_metadata: Any = ()) -> Any:
        """Ends the call with a status of the handler."""
        if trailing_metadata:
            self.set_trailing_metadata(trailing_metadata)
        await self.send(self.translate_own(code, details))

    async def abort_with_status(self, status: grpc.Status) -> Any:
        """Ends the call with a status of the handler."""
        await self.abort(status.code, status.details, status.trailing_metadata)

    async def send(self, sent: Sent) -> None:
        """Ends the call. Raises what grpc.aio raises."""
        self.ended = True
        if (outer := self.outer()) is not None:
            await outer.send(outer.passed_on(sent))
        await self._context.abort(sent.code, sent.status.message, sent.trailer(self.trailing))

    async def fail(self, error: Exception) -> None:
        """Ends the call with what is sent of an exception."""
        if not self.ended and not self._context.done():
            await self.send(self.translator.translate(error, self.call))

    async def finish(self) -> None:
        """Ends the call with the status that the handler has set, if it is a failure."""
        if not self.ended and (sent := self.own_failure()) is not None:
            await self.send(sent)


_translating = delegating(_Context, "_context")
