"""Calls and serves the VerificationService, whose answers the token of a request determines."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.message import Message
from grpc_codetable_proto.v1 import codetable_pb2
from jiguang.jverification.v1 import verification_service_pb2 as pb
from jiguang.jverification.v1.response_code_pb2 import ResponseCode
from jiguang.jverification.v1.verification_service_pb2_grpc import (
    VerificationServiceServicer,
    VerificationServiceStub,
    add_VerificationServiceServicer_to_server,
)

from environment import RESPONSE_CODES
from grpc_codetable import ServerInterceptor

TIMEOUT = 20  # seconds

# A request of each method with a token.
REQUESTS: dict[str, Callable[[str], Message]] = {
    "VerifyNumber": lambda token: pb.VerifyNumberRequest(phone="13800138000", token=token),
    "ExchangeLoginToken": lambda token: pb.ExchangeLoginTokenRequest(login_token=token),
    "QueryBusinessRisk": lambda token: pb.QueryBusinessRiskRequest(phone=token),
    "CheckCaptcha": lambda token: pb.CheckCaptchaRequest(captcha_content=token),
    "EnableOneClickLogin": lambda token: pb.EnableOneClickLoginRequest(
        app_key=token,
        platform=pb.PLATFORM_ANDROID,
        package_name="com.example.app",
        app_sign="0123456789abcdef",
    ),
}


def method_of(number: int) -> str:
    """Returns the first method that declares a code."""
    reason = RESPONSE_CODES[number].reason
    for method in pb.DESCRIPTOR.services_by_name["VerificationService"].methods:
        declared = method.GetOptions().Extensions[codetable_pb2.method].codes
        if method.name in REQUESTS and any(reason in codes.reasons for codes in declared):
            return str(method.name)
    return "VerifyNumber"


def ask(channel: Any, number: int, locale: str = "en") -> Any:
    """Makes a server answer with a code, by a method that declares it."""
    name = method_of(number)
    call = getattr(VerificationServiceStub(channel), name)
    metadata = [("accept-language", locale)] if locale else []
    return call(REQUESTS[name](f"code-{number}"), timeout=TIMEOUT, metadata=metadata)


class VerificationService(VerificationServiceServicer):
    """Answers each call with the code that its token asks for."""

    def VerifyNumber(self, request: pb.VerifyNumberRequest, context: Any) -> Any:
        """Answers by the token."""
        return pb.VerifyNumberResponse(code=self._answer(request.token, context))

    def ExchangeLoginToken(self, request: pb.ExchangeLoginTokenRequest, context: Any) -> Any:
        """Answers by the login token."""
        return pb.ExchangeLoginTokenResponse(code=self._answer(request.login_token, context))

    def QueryBusinessRisk(self, request: pb.QueryBusinessRiskRequest, context: Any) -> Any:
        """Answers by the phone number."""
        return pb.QueryBusinessRiskResponse(code=self._answer(request.phone, context))

    def CheckCaptcha(self, request: pb.CheckCaptchaRequest, context: Any) -> Any:
        """Answers by the content."""
        return pb.CheckCaptchaResponse(code=self._answer(request.captcha_content, context))

    def EnableOneClickLogin(self, request: pb.EnableOneClickLoginRequest, context: Any) -> Any:
        """Answers by the AppKey."""
        return pb.EnableOneClickLoginResponse(code=self._answer(request.app_key, context))

    def VerifyNumbers(self, request_iterator: Any, context: Any) -> Any:
        """Answers each item by its token. A failing code ends no other item."""
        del context
        for request in request_iterator:
            code = ResponseCode.ValueType(int(request.item.token.removeprefix("code-")))
            yield pb.VerifyNumbersResponse(item=pb.VerifyNumberResponse(code=code))

    def _answer(self, token: str, context: Any) -> ResponseCode.ValueType:
        del context
        match = re.fullmatch("code-(-?[0-9]+)", token)
        assert match
        code = ResponseCode.ValueType(int(match[1]))
        if RESPONSE_CODES[code].failed:
            raise RESPONSE_CODES.error(code)
        return code


@contextmanager
def serving(*, public: bool = False) -> Iterator[str]:
    """Runs the service, and returns its address."""
    ours = ServerInterceptor(RESPONSE_CODES, public_boundary=public)
    with ThreadPoolExecutor(max_workers=4) as workers:
        server = grpc.server(workers, interceptors=[ours])
        add_VerificationServiceServicer_to_server(VerificationService(), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield f"127.0.0.1:{port}"
        server.stop(None).wait()
