"""The interface that grpcio gives to the error of a call."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import grpc

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    Future: TypeAlias = grpc.Future[Any]
else:
    Future = grpc.Future


class EndedCall(grpc.RpcError, grpc.Call, Future):
    """An error that is also the ended call, as grpcio's own errors are.

    Handlers of grpc.RpcError call code() and details(), and interceptors treat the error
    of a blocking call as a call and as a future.
    """

    def is_active(self) -> bool:
        """Returns false: the call has ended."""
        return False

    def time_remaining(self) -> Any:
        """Returns None: the call has ended."""

    @abc.abstractmethod
    def details(self) -> str:
        """Returns the message of the gRPC status."""

    @abc.abstractmethod
    def trailing_metadata(self) -> Any:
        """Returns the trailing metadata: a tuple, or an aio.Metadata."""

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """Returns false: the call has ended, so nobody would call it."""
        del callback
        return False

    def cancel(self) -> bool:
        """Returns false: the call has ended."""
        return False

    def cancelled(self) -> bool:
        """Returns false: the call ended with an error."""
        return False

    def running(self) -> bool:
        """Returns false: the call has ended."""
        return False

    def done(self) -> bool:
        """Returns true: the call has ended."""
        return True

    def result(self, timeout: float | None = None) -> NoReturn:
        """Raises this error."""
        del timeout
        raise self

    def exception(self, timeout: float | None = None) -> EndedCall:
        """Returns this error."""
        del timeout
        return self

    def traceback(self, timeout: float | None = None) -> TracebackType | None:
        """Returns the traceback of this error."""
        del timeout
        return self.__traceback__

    def add_done_callback(self, fn: Callable[[Any], None]) -> None:
        """Calls the function at once."""
        fn(self)
