"""VerificationService, with answers that the token of a request determines.

Like the project's simulator, it answers the token "code-N" with the code N, the token
"then-success-N-ANYTHING" with N the first time, and any other token with success. A
real service gets N from its upstream.
"""

import logging
import re
from collections.abc import Iterator
from threading import Lock

import grpc
from jiguang.jverification.v1 import verification_service_pb2 as pb
from jiguang.jverification.v1.response_code_pb2 import ResponseCode
from jiguang.jverification.v1.verification_service_pb2_grpc import VerificationServiceServicer

from code_table import RESPONSE_CODES, parse_number
from server.code_sender import failure

_LOG = logging.getLogger(__name__)


class VerificationService(VerificationServiceServicer):
    """Answers each call with the code that its token asks for."""

    def __init__(self) -> None:
        """Has seen no token yet."""
        self._seen: set[str] = set()
        self._lock = Lock()

    def VerifyNumber(
        self, request: pb.VerifyNumberRequest, context: grpc.ServicerContext
    ) -> pb.VerifyNumberResponse:
        """Answers by the token."""
        code = self._succeed(request.token, ResponseCode.RESPONSE_CODE_VERIFY_CONSISTENT, context)
        return pb.VerifyNumberResponse(ex_id=request.ex_id, code=code)

    def VerifyNumbers(
        self, request_iterator: Iterator[pb.VerifyNumbersRequest], context: grpc.ServicerContext
    ) -> Iterator[pb.VerifyNumbersResponse]:
        """Answers each item by its token. A failing code ends no other item."""
        del context
        for request in request_iterator:
            number = self._scripted(request.item.token)
            code = (
                ResponseCode.RESPONSE_CODE_VERIFY_CONSISTENT
                if number is None
                else ResponseCode.ValueType(number)
            )
            item = pb.VerifyNumberResponse(ex_id=request.item.ex_id, code=code)
            yield pb.VerifyNumbersResponse(item=item)

    def ExchangeLoginToken(
        self, request: pb.ExchangeLoginTokenRequest, context: grpc.ServicerContext
    ) -> pb.ExchangeLoginTokenResponse:
        """Answers by the login token."""
        success = ResponseCode.RESPONSE_CODE_GET_PHONE_SUCCESS
        code = self._succeed(request.login_token, success, context)
        return pb.ExchangeLoginTokenResponse(ex_id=request.ex_id, code=code)

    def QueryBusinessRisk(
        self, request: pb.QueryBusinessRiskRequest, context: grpc.ServicerContext
    ) -> pb.QueryBusinessRiskResponse:
        """Answers by the phone number."""
        code = self._succeed(request.phone, ResponseCode.RESPONSE_CODE_SUCCESS, context)
        return pb.QueryBusinessRiskResponse(ex_id=request.ex_id, code=code)

    def CheckCaptcha(
        self, request: pb.CheckCaptchaRequest, context: grpc.ServicerContext
    ) -> pb.CheckCaptchaResponse:
        """Answers by the content."""
        code = self._succeed(request.captcha_content, ResponseCode.RESPONSE_CODE_SUCCESS, context)
        return pb.CheckCaptchaResponse(ex_id=request.ex_id, code=code)

    def EnableOneClickLogin(
        self, request: pb.EnableOneClickLoginRequest, context: grpc.ServicerContext
    ) -> pb.EnableOneClickLoginResponse:
        """Answers by the AppKey."""
        success = ResponseCode.RESPONSE_CODE_SIGN_ONCE_OPEN_SUCCESS
        return pb.EnableOneClickLoginResponse(code=self._succeed(request.app_key, success, context))

    def _succeed(
        self, token: str, success: ResponseCode.ValueType, context: grpc.ServicerContext
    ) -> ResponseCode.ValueType:
        """Returns the success code of the call, or ends the call with another code."""
        number = self._scripted(token)
        _LOG.info("answered code=%s", success if number is None else number)
        if number is not None and number != success:
            if not RESPONSE_CODES[number].failed:
                context.abort(grpc.StatusCode.INTERNAL, "the success code of another call")
            languages = dict(context.invocation_metadata()).get("accept-language", "")
            context.abort_with_status(failure(RESPONSE_CODES, number, str(languages)))
        return success

    def _scripted(self, token: str) -> int | None:
        match = re.fullmatch(r"code-(.+)|then-success-(-?[0-9]+)-.+", token)
        if not match:
            return None
        always, first = match.groups()
        if always is not None:
            return parse_number(always)
        with self._lock:
            known = token in self._seen
            self._seen.add(token)
        return None if known else parse_number(first)
