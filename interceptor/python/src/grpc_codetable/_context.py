"""What the contexts of blocking and asyncio handlers share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
from google.rpc.status_pb2 import Status

from grpc_codetable import _wire

if TYPE_CHECKING:
    from grpc_codetable._translator import Call, Sent, Translator

_STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}


class OwnStatus:
    """Remembers the status that a handler sets itself.

    When the call has ended, nothing that the handler sets replaces what is sent.
    """

    def __init__(self, context: Any, translator: Translator, call: Call) -> None:
        """Wraps the context of a call."""
        self._context = context
        self.translator = translator
        self.call = call
        self.ended = False
        self.trailing: tuple[tuple[str, str | bytes], ...] = ()
        self._code: Any = None
        self._details = ""

    def set_trailing_metadata(self, trailing_metadata: Any) -> None:
        """Sets the trailing metadata."""
        if self.ended:
            return
        self.trailing = tuple((key, value) for key, value in trailing_metadata or ())
        self._context.set_trailing_metadata(self.trailing)

    def set_code(self, code: Any) -> None:
        """Sets the status code of the handler."""
        if self.ended:
            return
        self._code = code
        self._context.set_code(code)

    def set_details(self, details: str) -> None:
        """Sets the message of the handler."""
        if self.ended:
            return
        self._details = details
        self._context.set_details(details)

    def translate_own(self, code: Any, details: str) -> Sent:
        """Returns what is sent of a status that the handler sets."""
        known = code if isinstance(code, grpc.StatusCode) else _STATUS_CODES.get(code)
        if known is None or known is grpc.StatusCode.OK:  # as grpcio does
            known = grpc.StatusCode.UNKNOWN
        message = details or self._details
        status = _wire.read_status(known, message, self.trailing)
        if status is None:  # the details contradict the code, so nobody would read them
            status = _wire.read_status(known, message, ())
        return self.translator.translate_own(status or Status(), self.call)

    def own_failure(self) -> Sent | None:
        """Returns what is sent if the handler has set the code of a failure."""
        if self._code in {None, grpc.StatusCode.OK, grpc.StatusCode.OK.value[0]}:
            return None
        return self.translate_own(self._code, "")

    def outer(self) -> Any:
        """Returns the context of an outer interceptor of this package, or None."""
        return self._context if isinstance(self._context, OwnStatus) else None

    def passed_on(self, sent: Sent) -> Sent:
        """Returns what is sent of the result of an inner interceptor."""
        if self.translator.public and not sent.correlation_id:
            return self.translator.translate_own(sent.status, self.call)
        return sent
