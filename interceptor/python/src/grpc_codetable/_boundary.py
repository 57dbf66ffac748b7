"""Decides what a public caller must not see: see SECURITY.md of the project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc
from grpc_codetable_proto.v1.codetable_pb2 import RetryAction

from grpc_codetable import _wire
from grpc_codetable._error import MAX_SAME_REQUEST_DELAY, CodeError, MaskedError
from grpc_codetable._reading import known_infos, read_status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.rpc.status_pb2 import Status

    from grpc_codetable._table import Table

# A mask with a calendar window has a longer delay than any other, by which clients tell
# the two apart.
_MIN_WINDOW_DELAY = MAX_SAME_REQUEST_DELAY + _wire.SECOND

_UNAVAILABLE = grpc.StatusCode.UNAVAILABLE.value[0]

# The status codes that google.rpc.Code maps to HTTP 5xx.
SERVER_ERRORS = frozenset(
    code.value[0]
    for code in (
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.DATA_LOSS,
    )
)

_TEXTS = {
    grpc.StatusCode.UNAVAILABLE.value[0]: "service temporarily unavailable",
    grpc.StatusCode.UNIMPLEMENTED.value[0]: "not implemented",
    grpc.StatusCode.DEADLINE_EXCEEDED.value[0]: "context deadline exceeded",
}


def fixed_text(code: int) -> str:
    """Returns the message of a status that does not explain an error."""
    return _TEXTS.get(code, "internal error")


@dataclass(frozen=True, slots=True)
class Advice:
    """What a masked error says about a retry."""

    action: RetryAction.ValueType = RetryAction.RETRY_ACTION_UNSPECIFIED
    delay: int = 0

    @property
    def strictness(self) -> int:
        """How a caller has to wait: 0 and 1 if waiting helps, 2 if it does not."""
        match self.action:
            case RetryAction.RETRY_ACTION_SAME_REQUEST:
                return 0
            case RetryAction.RETRY_ACTION_NEXT_WINDOW:
                return 1
            case _:
                return 2

    def combine(self, other: Advice) -> Advice:
        """Returns advice that suits both errors."""
        stricter = max(self, other, key=lambda advice: advice.strictness)
        return Advice(stricter.action, max(self.delay, other.delay))

    def mask(self) -> Advice:
        """Returns what a mask reveals: whether waiting helps, and for how long."""
        delay, window = whole_seconds(self.delay), RetryAction.RETRY_ACTION_NEXT_WINDOW
        if self.strictness == 0 and delay <= MAX_SAME_REQUEST_DELAY:
            return Advice(self.action, delay)
        if self.strictness <= 1:
            return Advice(window, max(delay, _MIN_WINDOW_DELAY))
        return Advice()


def whole_seconds(delay: int) -> int:
    """Rounds up, so that nobody retries too early and no clock is revealed."""
    return -(-delay // _wire.SECOND) * _wire.SECOND


def own_delay(status: Status) -> int | None:
    """Returns the delay that a status of the handler keeps.

    The handler did not state that the same request may be sent again.
    """
    delay = _wire.retry_delay(status)
    if delay is None:
        return None
    return max(whole_seconds(delay), _MIN_WINDOW_DELAY if status.code == _UNAVAILABLE else 0)


class Boundary:
    """Collects what is hidden of one error."""

    def __init__(self, tables: Iterable[Table]) -> None:
        """Knows the codes of these tables."""
        self._tables = list(tables)
        self.hidden: Advice | None = None
        self.code: CodeError | None = None

    def hide(self, advice: Advice | None = None, code: CodeError | None = None) -> None:
        """Hides an error. A retry is advised only if it can help all hidden errors."""
        advice = advice or Advice()
        self.hidden = advice if self.hidden is None else self.hidden.combine(advice)
        self.code = self.code or code

    def judge_code(self, error: CodeError) -> None:
        """Judges the error of a code, or a received error without one."""
        if error.entry is not None and error.entry.hidden:
            self.hide(advice_of(error), error)
        if error.rpc is not None:
            self.judge_status(error.status(), received=error.entry is None)

    def judge_status(self, status: Status, *, received: bool) -> None:
        """Judges a status by its details, and by where it comes from."""
        sent = _wire.retry_delay(status)
        for _, named in known_infos(status, self._tables):
            if named is None or not named.failing or named.ambiguous:
                self.hide()
            elif named.entry.hidden:
                delay = named.entry.delay() if sent is None else sent
                self.hide(Advice(named.entry.options.retry.action, delay))
        if received:
            self.hide(_status_advice(status))


def advice_of(error: CodeError) -> Advice:
    """Returns the advice of an error with its exact delay."""
    delay = error.exact_delay()
    return Advice(error.retry.action, delay)


def _status_advice(status: Status) -> Advice:
    """Returns the advice of a received status without a code.

    Only a mask states that the same request may be sent again.
    """
    read = read_status(status, ())
    if isinstance(read, MaskedError):
        return advice_of(read)
    delay = _wire.retry_delay(status)
    if delay is None or status.code != _UNAVAILABLE:
        return Advice()
    return Advice(RetryAction.RETRY_ACTION_NEXT_WINDOW, delay)
