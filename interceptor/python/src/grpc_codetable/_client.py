"""The client interceptor of grpcio's blocking API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc

from grpc_codetable._delegate import delegating
from grpc_codetable._reading import raise_code, read
from grpc_codetable._rpc_error import Future

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grpc_codetable._table import Table


class ClientInterceptor(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    """Raises the CodeError of a failed call, of any kind.

    channel = grpc.intercept_channel(channel, ClientInterceptor(RESPONSE_CODES))

    An error without a code, such as that of a connection, is raised unchanged.
    """

    def __init__(self, *tables: Table) -> None:
        """Takes the tables whose codes the client knows."""
        self._tables = tables

    def intercept_unary_unary(
        self, continuation: Any, client_call_details: Any, request: Any
    ) -> Any:
        """Reads the error of a call."""
        return _reading_call(continuation(client_call_details, request), self._tables)

    def intercept_unary_stream(
        self, continuation: Any, client_call_details: Any, request: Any
    ) -> Any:
        """Reads the error of a call."""
        return _reading_call(continuation(client_call_details, request), self._tables)

    def intercept_stream_unary(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        """Reads the error of a call."""
        return _reading_call(continuation(client_call_details, request_iterator), self._tables)

    def intercept_stream_stream(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        """Reads the error of a call."""
        return _reading_call(continuation(client_call_details, request_iterator), self._tables)


class _Call(grpc.Call, Future):
    """A call whose errors are read. It is also the iterator of a stream."""

    def __init__(self, call: Any, tables: tuple[Table, ...]) -> None:
        self._call = call
        self._tables = tables

    def result(self, timeout: float | None = None) -> Any:
        """Returns the response, or raises the error of the call."""
        return self._raising(self._call.result, timeout)

    def exception(self, timeout: float | None = None) -> Any:
        """Returns the error of the call, or None."""
        error = self._call.exception(timeout)
        return error if error is None else read(error, self._tables) or error

    def add_done_callback(self, fn: Callable[[Any], None]) -> None:
        """Calls the function with this call when it has ended."""
        self._call.add_done_callback(lambda _: fn(self))

    def debug_error_string(self) -> str:
        """Returns what gRPC says for debugging."""
        text: str = self._call.debug_error_string()
        return text

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return self._raising(next, self._call)

    next = __next__

    def _raising(self, function: Callable[..., Any], *args: Any) -> Any:
        try:
            return function(*args)
        except grpc.RpcError as error:
            raise_code(error, self._tables)
            raise


_reading_call = delegating(_Call, "_call")
