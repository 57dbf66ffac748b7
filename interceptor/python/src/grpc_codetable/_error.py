"""The errors that clients get and that servers raise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import grpc
from google.rpc.error_details_pb2 import LocalizedMessage
from google.rpc.status_pb2 import Status
from grpc_codetable_proto.v1.codetable_pb2 import Fault, RetryAction

from grpc_codetable import _encode, _locale, _wire
from grpc_codetable._rpc_error import EndedCall
from grpc_codetable._table import Retry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.any_pb2 import Any as Detail

    from grpc_codetable._table import Entry

# A masked error with a longer delay means a calendar window.
MAX_SAME_REQUEST_DELAY = 60 * _wire.SECOND

_STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}


@dataclass(frozen=True, slots=True)
class Content:
    """What a code error says. A received one has its status and the call."""

    entry: Entry | None = None  # None if no table of the reader has the code
    number: int | None = None
    numbered: bool = False  # false if the number was not sent
    reason: str = ""
    domain: str = ""
    message: str = ""
    metadata: Mapping[str, str] | None = None
    retry_after: int | None = None  # None: the delay of the table
    details: tuple[Detail, ...] = ()
    status: Status | None = None
    rpc: Any = None


class CodeError(EndedCall):
    """A failed call, and what a code table says of it.

    It is a grpc.RpcError: code(), details(), trailing_metadata() and the other methods of
    grpc.Call answer as the original error does, so code() is the gRPC status code. The
    code of the table is response_code. The original error is the __cause__.

    Servers raise the errors that CodeTable.error makes.
    """

    def __init__(self, content: Content) -> None:
        """Is not for users: CodeTable.error and from_error make errors."""
        Exception.__init__(self)  # that of AioRpcError takes what __cause__ has
        self._content = content
        if content.rpc is not None:
            self.__cause__ = content.rpc

    def __repr__(self) -> str:
        """Returns the class and the line for logs."""
        return f"<{type(self).__name__}: {self}>"

    def __reduce__(self) -> tuple[type[CodeError], tuple[Content]]:
        """Returns what a copy is made of."""
        return type(self), (self._content,)

    def __str__(self) -> str:
        """Returns one line for logs. It is never sent."""
        c = self._content
        name = " ".join(str(part) for part in (c.domain, c.number, c.reason) if part is not None)
        return "".join(x if x.isprintable() else " " for x in f"{name}: {c.message}")

    @property
    def response_code(self) -> int | None:
        """The code to switch on, such as ResponseCode.RESPONSE_CODE_QPS_LIMIT.

        It is None if no table of the reader has the code. It may be a number that the
        enum does not list.
        """
        return None if self._content.entry is None else self._content.number

    @property
    def number(self) -> int | None:
        """The number of the code, also of a domain without a table."""
        return self._content.number

    @property
    def reason(self) -> str:
        """The name of the code: that of the table, or that which was sent."""
        return self._content.reason

    @property
    def domain(self) -> str:
        """The service that defines the code."""
        return self._content.domain

    @property
    def fault(self) -> Fault.ValueType:
        """Who must act before the call can succeed, according to the table."""
        entry = self._content.entry
        return Fault.FAULT_UNSPECIFIED if entry is None else entry.options.fault

    @property
    def retry(self) -> Retry:
        """Whether and when the call may be repeated. The delay is the one that was sent."""
        entry, delay = self._content.entry, _timedelta(self.exact_delay())
        if entry is None:
            return Retry(delay=delay)
        return Retry(entry.options.retry.action, delay, entry.options.retry.window)

    def exact_delay(self) -> int:
        """Returns the delay of the retry advice in nanoseconds."""
        entry, delay = self._content.entry, self._content.retry_after
        if delay is None:
            return 0 if entry is None else entry.delay()
        return delay

    @property
    def metadata(self) -> dict[str, str]:
        """A copy of ErrorInfo.metadata. The entry "code" is the number, if it was sent."""
        metadata = dict(self._content.metadata or {})
        if self._content.numbered:
            metadata[_wire.CODE] = str(self._content.number)
        return metadata

    @property
    def entry(self) -> Entry | None:
        """What the table says of the code."""
        return self._content.entry

    @property
    def request_id(self) -> str:
        """The id by which the operator finds the failure in the logs; "" if none was sent."""
        return _wire.request_id(self.status())

    @property
    def masked(self) -> bool:
        """Whether the server hid the code: see MaskedError."""
        return False

    @property
    def rpc(self) -> Any:
        """The original error of the call; None for an error that this process made."""
        return self._content.rpc

    def user_message(self, locale: str | None = None) -> str:
        """Returns the sentence for the end user; "" if there is none.

        The locale is a BCP 47 tag, or a list in the form of the header Accept-Language.
        Without it the sentence is the one that the server sent. For a code that this
        program's table does not list, the sent sentence is one of the table's sentences.
        """
        sent = _wire.find(self.status(), LocalizedMessage)
        text = "" if sent is None else sent.message
        entry = self._content.entry
        if entry is None or (locale is None and text):
            return text
        messages = entry.user_messages
        if sent is not None and text and not entry.listed:
            messages = _locale.with_sentence(messages, sent.locale, text)
        return _locale.match(messages, locale or "", entry.table.default_locale)[1] or text

    def status(self) -> Status:
        """Returns the google.rpc.Status that was received, or that is sent."""
        c = self._content
        if c.status is not None or c.entry is None:
            return c.status or Status()
        return _encode.encode(c.entry, c.message, c.metadata or {}, c.retry_after, c.details)

    def code(self) -> grpc.StatusCode:
        """Returns the gRPC status code. See response_code for the code of the table."""
        if self.rpc is not None:
            code: grpc.StatusCode = self.rpc.code()
            return code
        return _STATUS_CODES[self.status().code]

    def details(self) -> str:
        """Returns the message of the gRPC status, which is for developers."""
        return self._content.message if self.rpc is None else self.rpc.details() or ""

    def initial_metadata(self) -> Any:
        """Returns the initial metadata of the call."""
        return () if self.rpc is None else self.rpc.initial_metadata()

    def trailing_metadata(self) -> Any:
        """Returns the trailing metadata of the call."""
        if self.rpc is not None:
            return self.rpc.trailing_metadata()
        return ((_wire.DETAILS, self.status().SerializeToString()),)

    def debug_error_string(self) -> str:
        """Returns what gRPC says for debugging."""
        text = getattr(self.rpc, "debug_error_string", str)()
        return text or ""


class MaskedError(CodeError):
    """A failed call whose code the server hid.

    A public server hides errors that only its operator can resolve. It sends a request
    id, retry advice and a neutral sentence for the end user, which user_message returns
    for any locale. The advice is RETRY_ACTION_SAME_REQUEST for a delay of at most one
    minute, and RETRY_ACTION_NEXT_WINDOW for a longer one. Otherwise it is unspecified:
    do not repeat the call.
    """

    def __str__(self) -> str:
        """Returns one line for logs."""
        return f"{self.code().name}, request id {self.request_id!r}: {self.details()!r}"

    @property
    def masked(self) -> bool:
        """Whether the server hid the code."""
        return True

    @property
    def retry(self) -> Retry:
        """Whether and when the call may be repeated."""
        delay = self._content.retry_after
        action = RetryAction.RETRY_ACTION_UNSPECIFIED
        if delay is not None and self.status().code == grpc.StatusCode.UNAVAILABLE.value[0]:
            short = delay <= MAX_SAME_REQUEST_DELAY
            action = (
                RetryAction.RETRY_ACTION_SAME_REQUEST
                if short
                else RetryAction.RETRY_ACTION_NEXT_WINDOW
            )
        return Retry(action, _timedelta(delay or 0))


class AioCodeError(CodeError, grpc.aio.AioRpcError):
    """A CodeError of grpc.aio, whose own code and users catch grpc.aio.AioRpcError."""


class AioMaskedError(MaskedError, grpc.aio.AioRpcError):
    """A MaskedError of grpc.aio."""


def _timedelta(delay: int) -> timedelta:
    return timedelta(microseconds=delay // 1000)
