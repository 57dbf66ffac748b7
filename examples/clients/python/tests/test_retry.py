"""gRPC's own retry obeys the table without any client code."""

import re
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from jiguang.jverification.v1.response_code_pb2 import ResponseCode
from jiguang.jverification.v1.verification_service_pb2 import (
    VerifyNumberRequest,
    VerifyNumberResponse,
)
from jiguang.jverification.v1.verification_service_pb2_grpc import VerificationServiceStub

from client import TIMEOUT, connect
from conftest import GATEWAY, SERVER, running

# How each server logs a call.
CALL = re.compile(r"finished call.*grpc\.code=(\w+)|answered code=(\d+)")


def verify(address: str, token: str) -> VerifyNumberResponse:
    request = VerifyNumberRequest(phone="13800138000", token=token)
    with connect(address) as channel:
        return VerificationServiceStub(channel).VerifyNumber(request, timeout=TIMEOUT)


def answers(lines: list[str]) -> list[str]:
    found = map(CALL.search, lines)
    return [match[1] or match[2] for match in found if match]


@pytest.mark.parametrize(
    ("command", "want"), [(GATEWAY, ["ResourceExhausted", "OK"]), (SERVER, ["1804", "9000"])]
)
def test_a_rate_limit_is_retried_once(command: tuple[str, ...], want: list[str]) -> None:
    with running(*command) as program:
        reply = verify(program.address, "then-success-1804-retry")
    assert reply.code == ResponseCode.RESPONSE_CODE_VERIFY_CONSISTENT
    assert answers(program.lines) == want


@pytest.mark.parametrize(
    ("command", "want"), [(GATEWAY, ["FailedPrecondition"]), (SERVER, ["9003"])]
)
def test_a_spent_token_is_sent_once(command: tuple[str, ...], want: list[str]) -> None:
    with running(*command) as program, pytest.raises(grpc.RpcError) as raised:
        verify(program.address, "code-9003")
    assert raised.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert answers(program.lines) == want


def test_without_the_trailer_a_spent_token_is_sent_again() -> None:
    tokens: list[str] = []

    def spent(request: VerifyNumberRequest, context: grpc.ServicerContext) -> VerifyNumberResponse:
        tokens.append(request.token)
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "no retry advice")

    handler: grpc.RpcMethodHandler[VerifyNumberRequest, VerifyNumberResponse]
    handler = grpc.unary_unary_rpc_method_handler(spent, VerifyNumberRequest.FromString)
    service = "jiguang.jverification.v1.VerificationService"
    with ThreadPoolExecutor(max_workers=1) as workers:
        server = grpc.server(workers)
        server.add_registered_method_handlers(service, {"VerifyNumber": handler})
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        with pytest.raises(grpc.RpcError):
            verify(f"127.0.0.1:{port}", "code-9003")
        server.stop(None).wait()
    assert tokens == ["code-9003"] * 4
