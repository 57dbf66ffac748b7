"""The server interceptor of grpcio's blocking API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc

from grpc_codetable import _fit
from grpc_codetable._context import OwnStatus
from grpc_codetable._delegate import delegating
from grpc_codetable._translator import Call, Event, Translator, log_masked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grpc_codetable._table import Table
    from grpc_codetable._translator import Sent


class ServerInterceptor(grpc.ServerInterceptor):
    """Sends the codes that handlers raise, of any kind of call.

    grpc.server(workers, interceptors=[ServerInterceptor(RESPONSE_CODES)])

    - A CodeError among the causes of the exception is sent with its status. One that was
      received is sent on with all its details.
    - What the handler sets itself, by context.abort or set_code, is sent unchanged, and so
      is the status of a call to another server.
    - Of any other exception the caller gets INTERNAL, a fixed text and a request id.

    Every failure has the trailer grpc-retry-pushback-ms.
    """

    def __init__(
        self,
        *tables: Table,
        public_boundary: bool = False,
        detail_budget: int = _fit.DEFAULT_BUDGET,
        observer: Callable[[Event], None] = log_masked,
    ) -> None:
        """Takes the tables of the server.

        public_boundary hides what strangers must not see: see SECURITY.md of the project.
        detail_budget limits the serialized google.rpc.Status in bytes; the least is 1024.
        observer is called for each failed call. By default masked errors and errors
        without a code are logged, with the request id that the caller got.
        """
        self._translator = Translator(tables, public_boundary, detail_budget, observer)

    def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        """Wraps the handler of a method."""
        handler = continuation(handler_call_details)
        if handler is None:
            return None
        details = handler_call_details
        call = Call(details.method, details.invocation_metadata)
        behavior, rebuild = behavior_of(handler)
        return rebuild(wrap(behavior, self._translator, call, streaming=handler.response_streaming))


def behavior_of(handler: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Returns the function of a handler, and what makes a handler of another function."""
    kind = (
        f"{'stream' if handler.request_streaming else 'unary'}"
        f"_{'stream' if handler.response_streaming else 'unary'}"
    )
    make = getattr(grpc, f"{kind}_rpc_method_handler")

    def rebuild(behavior: Any) -> Any:
        return make(behavior, handler.request_deserializer, handler.response_serializer)

    return getattr(handler, kind), rebuild


def wrap(
    behavior: Any, translator: Translator, call: Call, *, streaming: bool, aborts: bool = True
) -> Any:
    """Wraps the function of a handler that runs in a thread."""

    def unary(request: Any, context: Any) -> Any:
        own = _translating(context, translator, call)
        try:
            response = behavior(request, own)
        except Exception as error:
            own.fail(error)
            raise
        own.finish()
        return response

    def stream(request: Any, context: Any) -> Iterator[Any]:
        own = _translating(context, translator, call, aborts=aborts)
        try:
            yield from behavior(request, own)
        except Exception as error:
            own.fail(error)
            if aborts:
                raise
        else:
            own.finish()

    return stream if streaming else unary


class _AbortedError(Exception):
    """Ends a handler whose context does not abort."""


class _Context(OwnStatus, grpc.ServicerContext):
    """The context of a handler, whose own status is translated too."""

    def __init__(
        self, context: Any, translator: Translator, call: Call, *, aborts: bool = True
    ) -> None:
        super().__init__(context, translator, call)
        # grpc.aio runs a blocking stream in a thread. An abort there fails while the loop
        # sends a response, so the status is set, and sent when the stream has ended.
        self._aborts = aborts

    def is_active(self) -> bool:
        """Returns whether the call can still be answered."""
        ask = getattr(self._context, "is_active", None)  # that of grpc.aio has no such method
        return ask is None or bool(ask())

    def abort(self, code: Any, details: str = "", trailing_metadata: Any = ()) -> Any:
        """Ends the call with a status of the handler."""
        if trailing_metadata:
            self.set_trailing_metadata(trailing_metadata)
        self.send(self.translate_own(code, details))
        raise _AbortedError

    def abort_with_status(self, status: grpc.Status) -> Any:
        """Ends the call with a status of the handler."""
        self.abort(status.code, status.details, status.trailing_metadata)

    def send(self, sent: Sent) -> None:
        """Ends the call. Raises what grpcio raises, if the context aborts."""
        self.ended = True
        if (outer := self.outer()) is not None:
            outer.send(outer.passed_on(sent))
            return
        self._context.set_trailing_metadata(sent.trailer(self.trailing))
        if self._aborts:
            self._context.abort(sent.code, sent.status.message)
        self._context.set_code(sent.code)
        self._context.set_details(sent.status.message)

    def fail(self, error: Exception) -> None:
        """Ends the call with what is sent of an exception."""
        if not self.ended and self.is_active():
            self.send(self.translator.translate(error, self.call))

    def finish(self) -> None:
        """Ends the call with the status that the handler has set, if it is a failure."""
        if not self.ended and (sent := self.own_failure()) is not None:
            self.send(sent)


_translating = delegating(_Context, "_context")
