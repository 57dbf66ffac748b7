"""Decides what a server sends of an error. No other module does."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import grpc
from google.protobuf import descriptor_pool
from google.rpc.error_details_pb2 import LocalizedMessage, RequestInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_codetable_proto.v1 import codetable_pb2
from grpc_codetable_proto.v1.codetable_pb2 import RetryAction

from grpc_codetable import _boundary, _chain, _fit, _locale, _wire
from grpc_codetable._boundary import Advice, Boundary
from grpc_codetable._error import CodeError
from grpc_codetable._reading import read, read_status, status_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grpc_codetable._table import Table

_INTERNAL = grpc.StatusCode.INTERNAL.value[0]
_MAX_PUSHBACK = 2**31 - 1
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}
_LOG = logging.getLogger("grpc_codetable")


@dataclass(frozen=True, slots=True)
class Event:
    """A failed call of a server, for an observer. It may hold what no caller must see."""

    method: str
    """The full name of the method, such as "/package.Service/Method"."""
    status_code: grpc.StatusCode
    """The code that is sent."""
    error: BaseException | None = None
    """The exception of the handler; None if it aborted the call itself."""
    code_error: CodeError | None = None
    """The code that is sent, or else the first code that a public boundary hid."""
    details: str = ""
    """The text of a status that the handler set itself. A public boundary may hide it."""
    correlation_id: str = ""
    """The request id that is sent of a masked error."""
    masked: bool = False
    """Whether a public boundary hid a code or a text."""
    shed: tuple[str, ...] = ()
    """The names of the parts that the detail budget removed."""


def log_masked(event: Event) -> None:
    """Logs the errors that callers do not see, with their correlation id."""
    if event.correlation_id:
        _LOG.error(
            "%s failed, and the caller got %s with the request id %s%s",
            event.method,
            event.status_code.name,
            event.correlation_id,
            f": {event.details}" if event.details else "",
            exc_info=event.error,
        )


@dataclass(frozen=True, slots=True)
class Call:
    """What the translator needs to know of a call."""

    method: str = ""
    metadata: Iterable[tuple[str, str | bytes]] | None = None

    @property
    def languages(self) -> str:
        """The languages of the caller, in the form of the header Accept-Language."""
        received = dict(reversed(list(self.metadata or ())))  # the first value counts
        for key in ("accept-language", "grpcgateway-accept-language"):
            if languages := received.get(key):
                return str(languages)
        return ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What is sent of an error."""

    status: Status
    advice: Advice
    code_error: CodeError | None = None
    correlation_id: str = ""
    masked: bool = False
    shed: tuple[str, ...] = ()

    @property
    def code(self) -> grpc.StatusCode:
        """The status code."""
        return _STATUS_CODES.get(self.status.code, grpc.StatusCode.UNKNOWN)

    @property
    def pushback(self) -> str:
        """The delay for gRPC's own retry in milliseconds. "-1" forbids a retry."""
        if self.advice.action != RetryAction.RETRY_ACTION_SAME_REQUEST:
            return "-1"
        return str(min(-(-self.advice.delay // _wire.MILLISECOND), _MAX_PUSHBACK))

    def trailer(
        self, others: Iterable[tuple[str, str | bytes]]
    ) -> tuple[tuple[str, str | bytes], ...]:
        """Returns the trailing metadata, with those that the handler set."""
        own = (_wire.DETAILS, _wire.PUSHBACK)
        trailer = [(key, value) for key, value in others if key not in own]
        if self.status.details:
            trailer.append((_wire.DETAILS, self.status.SerializeToString()))
        return (*trailer, (_wire.PUSHBACK, self.pushback))


def random_id() -> str:
    """Returns a correlation id: 26 characters, 130 random bits."""
    return "".join(secrets.choice(_BASE32) for _ in range(26))


@dataclass(frozen=True)
class Translator:
    """The rules, with the options of a server interceptor."""

    tables: Sequence[Table] = ()
    public: bool = False
    budget: int = _fit.DEFAULT_BUDGET
    observer: Callable[[Event], None] = log_masked
    new_id: Callable[[], str] = random_id

    def translate(self, error: BaseException, call: Call) -> Sent:
        """Returns what is sent of an exception, and calls the observer. Never raises."""
        try:
            sent = self._decide(error, call)
        except Exception:  # noqa: BLE001 - a foreign exception may raise anything
            sent = self._opaque(call)
        return self._observed(sent, call, error)

    def translate_own(self, status: Status, call: Call) -> Sent:
        """Returns what is sent of a status that the handler set itself."""
        code_error = read_status(status, self.tables)
        boundary = Boundary(self.tables)
        if self.public:
            boundary.judge_status(status, received=False)
        if boundary.hidden is not None:
            sent = self._mask(boundary, call)
        elif code_error is not None and code_error.entry is not None:
            sent = self._code(code_error, call)
        elif self.public and status.code in _boundary.SERVER_ERRORS:
            delay = _boundary.own_delay(status)
            sent = self._redacted(status.code, Advice(), delay, call)
        else:
            sent = self._send(status, Advice())
        return self._observed(sent, call, details=status.message)

    def _decide(self, error: BaseException, call: Call) -> Sent:
        nodes, whole = _chain.walk(error)
        codes = [node for node in nodes if isinstance(node, CodeError)]
        tables = [*self.tables, *(c.entry.table for c in codes if c.entry is not None)]
        boundary = Boundary(tables)
        first: CodeError | None = None
        plain: Status | None = None
        calls = {id(code.rpc) for code in codes}
        for node in nodes:
            if id(node) in calls:
                continue  # its CodeError says the same
            found, status = _status_of(node, tables)
            if status is None:
                continue
            if found is not None and found.entry is not None:
                first = first or found
                boundary.judge_code(found)
            else:
                plain = status if plain is None else plain
                boundary.judge_status(status, received=True)
        if not whole:
            boundary.hide()
        if self.public and boundary.hidden is not None:
            return replace(self._mask(boundary, call), code_error=boundary.code or first)
        if first is not None:
            return self._code(first, call)
        return self._opaque(call) if plain is None else self._send(plain, Advice())

    def _observed(
        self, sent: Sent, call: Call, error: BaseException | None = None, details: str = ""
    ) -> Sent:
        event = Event(
            method=call.method,
            status_code=sent.code,
            error=error,
            code_error=sent.code_error,
            details=details,
            correlation_id=sent.correlation_id,
            masked=sent.masked,
            shed=sent.shed,
        )
        try:
            self.observer(event)
        except Exception:  # noqa: BLE001 - an observer may raise anything
            _LOG.exception("the observer of %s failed", call.method)
        return sent

    def _code(self, error: CodeError, call: Call) -> Sent:
        """Sends the status of a code, with the sentence in the language of the caller."""
        status, entry = Status(), error.entry
        status.CopyFrom(error.status())
        if call.languages and entry is not None and not _wire.has(status, LocalizedMessage):
            default = entry.table.default_locale
            _add_sentence(status, *_locale.match(entry.user_messages, call.languages, default))
        tables = self.tables if entry is None else (entry.table, *self.tables)
        return replace(self._send(status, _boundary.advice_of(error), tables), code_error=error)

    def _mask(self, boundary: Boundary, call: Call) -> Sent:
        advice = (boundary.hidden or Advice()).mask()
        if advice.strictness > 1:
            sent = self._redacted(_INTERNAL, advice, None, call)
        else:
            unavailable = grpc.StatusCode.UNAVAILABLE.value[0]
            sent = self._redacted(unavailable, advice, advice.delay, call)
        return replace(sent, code_error=boundary.code)

    def _opaque(self, call: Call) -> Sent:
        return replace(self._redacted(_INTERNAL, Advice(), None, call), masked=False)

    def _redacted(self, code: int, advice: Advice, delay: int | None, call: Call) -> Sent:
        """Sends a status that does not explain the error."""
        request = RequestInfo(request_id=self.new_id())
        details = [_wire.pack(request)]
        if delay is not None:
            details.append(_wire.pack(RetryInfo(retry_delay=_wire.duration_of(delay))))
        status = Status(code=code, message=_boundary.fixed_text(code), details=details)
        if self.public and call.languages:
            _add_sentence(status, *self._neutral_message(call))
        sent = self._send(status, advice)
        return replace(sent, correlation_id=request.request_id, masked=True)

    def _send(self, status: Status, advice: Advice, tables: Sequence[Table] = ()) -> Sent:
        sent = Status()
        sent.CopyFrom(status)
        shed = _fit.fit(sent, tables or self.tables, max(self.budget, _fit.MIN_BUDGET))
        return Sent(sent, advice, shed=tuple(shed))

    def _neutral_message(self, call: Call) -> tuple[str, str]:
        """Returns a sentence that does not depend on the error.

        It belongs to the table that the method declares first, or else to the one whose
        domain sorts first. Otherwise it would reveal which upstream failed.
        """
        declared = _declared_domains(call.method)
        tables = sorted(self.tables, key=lambda table: table.domain)
        speaking = [table for table in tables if table.default_user_messages]
        first = [table for domain in declared for table in tables if table.domain == domain]
        for table in (first or speaking)[:1]:
            return table.neutral_message(call.languages)
        return "", ""


def _status_of(
    node: BaseException, tables: Iterable[Table]
) -> tuple[CodeError | None, Status | None]:
    """Returns the code and the status of one exception.

    A foreign exception is asked once, since it may answer differently the next time.
    """
    if isinstance(node, CodeError):
        return read(node, tables), node.status()
    received = status_of(node)
    if received is None:
        return None, None
    return read_status(received, tables, node), received


def _add_sentence(status: Status, locale: str, text: str) -> None:
    if text:
        status.details.append(_wire.pack(LocalizedMessage(locale=locale, message=text)))


@lru_cache(maxsize=1024)
def _declared_domains(method: str) -> tuple[str, ...]:
    """Returns the domains of the tables that the option of a method names."""
    service, _, name = method.removeprefix("/").partition("/")
    try:
        descriptor = descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]
    except KeyError:
        return ()
    option = descriptor.GetOptions().Extensions[codetable_pb2.method]
    return tuple(codes.domain for codes in option.codes)
