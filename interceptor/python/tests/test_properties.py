"""Statuses and errors of any content: whatever is received is read, and what is sent comes back."""

import base64
from collections import Counter
from datetime import timedelta

from google.protobuf.message import DecodeError
from google.rpc.status_pb2 import Status
from hypothesis import given, settings
from hypothesis import strategies as st

from environment import FAILURES, RESPONSE_CODES, UNLISTED, FailedCall
from grpc_codetable import from_error
from grpc_codetable._reading import read_status
from grpc_codetable._translator import Call, Translator
from test_vectors import GRPC_CODES, VECTORS, plain

LOCALES = ["en", "zh"]
STATUSES = [base64.b64decode(vector["status"]) for vector in VECTORS]
BUDGET = 4096
KEYS = st.from_regex(r"[a-z][a-zA-Z0-9_-]{1,9}", fullmatch=True).filter(lambda key: key != "code")

# CI is repeatable: the examples depend on the code of the test alone. A failure prints its example.
bounded = settings(max_examples=300, derandomize=True, deadline=None, database=None)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Returns the status of a vector with some other bytes."""
    raw = bytearray(draw(st.sampled_from(STATUSES)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(raw)))
        raw[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=3))
    return bytes(raw)


def field(number: int, content: bytes) -> bytes:
    """Returns a protobuf field of less than 128 bytes."""
    return bytes([number << 3 | 2, len(content)]) + content


def infos() -> st.SearchStrategy[bytes]:
    """Returns statuses whose ErrorInfo has any reason, domain and number."""
    domain = st.sampled_from([RESPONSE_CODES.domain, "gateway.jiguang.cn"]) | st.text(max_size=9)
    reason = st.sampled_from(["QPS_LIMIT", "SUCCESS", "AUTH_FAILED"]) | st.text(max_size=30)
    number = st.integers(-(2**33), 2**33).map(str) | st.text(max_size=12)
    number |= st.sampled_from(FAILURES).map(str)

    def status(code: int, reason: str, domain: str, number: str) -> bytes:
        message = Status(code=code)
        info = message.details.add()
        info.type_url = "type.googleapis.com/google.rpc.ErrorInfo"
        metadata = field(1, b"code") + field(2, number.encode())
        texts = [field(1, reason.encode()), field(2, domain.encode()), field(3, metadata)]
        info.value = b"".join(texts)
        return message.SerializeToString()

    return st.builds(status, st.integers(1, 16), reason, domain, number)


def code_of(raw: bytes, other: int) -> int:
    """Returns the code in a status, which agrees with the header; the other if it has none."""
    try:
        code: int = Status.FromString(raw).code
    except DecodeError:
        return other
    return code if code in GRPC_CODES and code != 0 else other


def test_any_status() -> None:
    """No status makes a reader fail, none is read as a success, and a boundary hides."""
    public = Translator((RESPONSE_CODES,), public=True, observer=lambda _: None)
    kinds: Counter[str] = Counter()

    @bounded
    @given(other=st.integers(1, 16), agrees=st.booleans(), raw=damaged() | infos() | st.binary())
    def check(other: int, raw: bytes, *, agrees: bool) -> None:
        code = code_of(raw, other) if agrees else other
        call = FailedCall(GRPC_CODES[code], raw)
        error = from_error(call, RESPONSE_CODES)
        kinds["none" if error is None else "code" if error.entry else "other"] += 1
        if error:
            reading = plain(error, LOCALES)
            assert error.entry is None or error.entry.failed
            assert reading["retry"]["delay_ms"] >= 0
            again = from_error(FailedCall(GRPC_CODES[code], raw), RESPONSE_CODES)
            assert again is not None
            assert plain(again, LOCALES) == reading
        sent = public.translate(call, Call())
        assert sent.status.code != 0
        assert sent.status.ByteSize() <= BUDGET
        shown = read_status(sent.status, (RESPONSE_CODES,))
        assert shown is not None
        assert shown.entry is None or not shown.entry.hidden

    check()
    # The examples are of no use if all of them are refused.
    assert min(kinds["none"], kinds["code"], kinds["other"]) > 0


@bounded
@given(
    number=st.sampled_from(FAILURES + UNLISTED),
    message=st.text(max_size=50),
    metadata=st.dictionaries(KEYS, st.text(max_size=30), max_size=4),
    retry_after=st.none() | st.timedeltas(timedelta(0), timedelta(days=400)),
)
def test_what_is_sent_comes_back(
    number: int, message: str, metadata: dict[str, str], retry_after: timedelta | None
) -> None:
    """The facts of an error are the same for the client of the server that raised it."""
    made = RESPONSE_CODES.error(number, message=message, metadata=metadata, retry_after=retry_after)
    sent = Translator((RESPONSE_CODES,)).translate(made, Call())
    call = FailedCall(sent.code, sent.status.SerializeToString(), sent.status.message)
    received = from_error(call, RESPONSE_CODES)
    assert received is not None
    assert received.number == number
    reading = plain(received, LOCALES)
    assert {key: reading["metadata"][key] for key in metadata} == metadata
    if retry_after is not None:
        assert received.retry.delay == made.retry.delay
    assert (received.reason, received.domain) == (made.reason, made.domain)
    assert received.details() == sent.status.message
    for locale in LOCALES:
        assert received.user_message(locale) == made.user_message(locale)
