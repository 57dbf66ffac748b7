"""Calls each method of a gateway, and shows what a client does with the answers.

It switches on the code, reads the retry advice, and has a message for the end user.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import grpc
from codetable.v1.codetable_pb2 import Fault, RetryAction
from codetable.v1.grpc_code_pb2 import GrpcCode
from jiguang.jverification.v1 import verification_service_pb2 as pb
from jiguang.jverification.v1.response_code_pb2 import ResponseCode
from jiguang.jverification.v1.verification_service_pb2_grpc import VerificationServiceStub

from code_error import CodeError, read
from code_table import RESPONSE_CODES

Reply = (
    pb.VerifyNumberResponse
    | pb.ExchangeLoginTokenResponse
    | pb.QueryBusinessRiskResponse
    | pb.CheckCaptchaResponse
    | pb.EnableOneClickLoginResponse
)

TIMEOUT = 10  # seconds

_PHONE = "13800138000"

# gRPC retries by itself and obeys the server's trailer, which says whether the same
# request may be sent again. So a single-use token is never sent twice.
SERVICE_CONFIG = json.dumps(
    {
        "methodConfig": [
            {
                "name": [{"service": "jiguang.jverification.v1.VerificationService"}],
                "retryPolicy": {
                    "maxAttempts": 4,
                    "initialBackoff": "0.1s",
                    "maxBackoff": "1s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": [
                        "RESOURCE_EXHAUSTED",
                        "FAILED_PRECONDITION",
                        "UNAVAILABLE",
                    ],
                },
            }
        ]
    }
)


def connect(address: str) -> grpc.Channel:
    """Opens a channel without TLS, with gRPC's own retry."""
    return grpc.insecure_channel(address, options=[("grpc.service_config", SERVICE_CONFIG)])


def next_step(code_error: CodeError) -> str:
    """Switches on the codes that need a step of their own; the table advises on the rest."""
    match code_error.code, code_error.retry.action:
        case (
            (
                ResponseCode.RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST
                | ResponseCode.RESPONSE_CODE_TOKEN_INVALID
            ),
            _,
        ):
            return "have the SDK make another token"
        case ResponseCode.RESPONSE_CODE_VERIFY_NOT_CONSISTENT, _:
            return "take it for a no"
        case _, RetryAction.RETRY_ACTION_SAME_REQUEST:
            return "send the same request again"
        case _, RetryAction.RETRY_ACTION_NEW_INPUT | RetryAction.RETRY_ACTION_NEXT_WINDOW:
            return "try again with a fresh token"
        case _, RetryAction.RETRY_ACTION_CONFIRM_OUTCOME:
            return "ask for the outcome before anything is repeated"
        case _:
            return "show the message to the user"


def explain(error: grpc.RpcError, locale: str) -> str:
    """Returns what a caller needs to know about a failed call."""
    code_error = read(error)
    if code_error is None:
        return f"no code: {error.code().name}: {error.details()}"
    retry = RetryAction.Name(code_error.retry.action).removeprefix("RETRY_ACTION_")
    delay = code_error.retry.delay.total_seconds()
    wait = f", in {delay:.0f} s" if delay else ""
    return f"""{code_error.number} {code_error.reason} of {code_error.domain}
  fault: {Fault.Name(code_error.fault).removeprefix("FAULT_")}
  retry: {retry}{wait}
  next:  {next_step(code_error)}
  user:  {code_error.user_message(locale)}"""


def describe(reply: Reply) -> str:
    """Returns the code of a reply. An unset code is not a success."""
    if not reply.HasField("code"):
        return "no code"
    return f"{reply.code} {RESPONSE_CODES[reply.code].reason}"


def calls(service: VerificationServiceStub, token: str) -> dict[str, Callable[..., Reply]]:
    """Returns one call of each unary method, all with the same token."""
    verify = pb.VerifyNumberRequest(phone=_PHONE, token=token)
    login = pb.ExchangeLoginTokenRequest(login_token=token)
    risk = pb.QueryBusinessRiskRequest(phone=token)
    captcha = pb.CheckCaptchaRequest(captcha_content=token)
    enable = pb.EnableOneClickLoginRequest(
        app_key=token,
        platform=pb.PLATFORM_ANDROID,
        package_name="com.example.app",
        app_sign="0123456789abcdef",
    )
    return {
        "VerifyNumber": partial(service.VerifyNumber, verify),
        "ExchangeLoginToken": partial(service.ExchangeLoginToken, login),
        "QueryBusinessRisk": partial(service.QueryBusinessRisk, risk),
        "CheckCaptcha": partial(service.CheckCaptcha, captcha),
        "EnableOneClickLogin": partial(service.EnableOneClickLogin, enable),
    }


def verify_many(service: VerificationServiceStub, tokens: Iterable[str], locale: str) -> None:
    """Verifies numbers over one stream, where each answer has a code of its own."""
    requests = (
        pb.VerifyNumbersRequest(item=pb.VerifyNumberRequest(phone=_PHONE, token=token))
        for token in tokens
    )
    try:
        for answer in service.VerifyNumbers(requests, timeout=TIMEOUT):
            has_code = answer.item.HasField("code")
            failed = f"no code: {GrpcCode.Name(answer.grpc_code).removeprefix('GRPC_CODE_')}"
            print("VerifyNumbers:", describe(answer.item) if has_code else failed)
    except grpc.RpcError as error:
        print("VerifyNumbers:", explain(error, locale))


def main(arguments: Sequence[str] | None = None) -> None:
    """Calls every method with one token."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="host:port of a gateway without TLS")
    parser.add_argument(
        "token", nargs="?", default="code-9003", help="the simulator answers code-N with N"
    )
    parser.add_argument("locale", nargs="?", default="en", help="language of the message")
    options = parser.parse_args(arguments)

    with connect(options.address) as channel:
        service = VerificationServiceStub(channel)
        for name, call in calls(service, options.token).items():
            try:
                reply = call(timeout=TIMEOUT, metadata=[("accept-language", options.locale)])
            except grpc.RpcError as error:
                print(f"{name}: {explain(error, options.locale)}")
            else:
                print(f"{name}: {describe(reply)}")
        verify_many(service, [options.token, "code-9000"], options.locale)


if __name__ == "__main__":
    main()
