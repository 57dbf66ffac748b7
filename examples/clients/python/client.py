"""Calls each method of a running gateway, and shows what a client makes of a code.

Start a gateway in examples/ with `go run ./gateway/cmd/gateway -simulate`, and ask it for any code:
`python client.py 127.0.0.1:8090 --token code-9005 --locale zh-CN`.
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

from code_reader import Reading, read
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

# gRPC retries by itself, and obeys the server, which says by a trailer whether the
# same request may be sent again. So a single-use token is never spent twice.
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


def next_step(reading: Reading) -> str:
    """Switches on the few codes that this program treats apart."""
    match reading.code:
        case ResponseCode.RESPONSE_CODE_VERIFY_NOT_CONSISTENT:
            return "the answer is no: this is not the number of that phone"
        case (
            ResponseCode.RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST
            | ResponseCode.RESPONSE_CODE_TOKEN_INVALID
        ):
            return "have the SDK make another token"
        case None:
            return "not a code of this service"
        case _ if reading.retry.action == RetryAction.RETRY_ACTION_CONFIRM_OUTCOME:
            return "ask for the outcome before anything is repeated"
        case _:
            return "show the sentence for the user"


def explain(error: grpc.RpcError, locale: str) -> None:
    """Prints all that a caller needs of a failure."""
    reading = read(error)
    if reading is None:
        print(f"  no response code came back: {error.code()} {error.details()}")
        return
    retry = RetryAction.Name(reading.retry.action).removeprefix("RETRY_ACTION_")
    print(f"  error: {reading.domain} {reading.number} {reading.reason}")
    print(f"  fault: {Fault.Name(reading.fault).removeprefix('FAULT_')}")
    print(f"  to do: {next_step(reading)}")
    print(f"  retry: {retry}, after {reading.retry.delay}")
    print(f"  user:  {reading.user_message(locale)}")


def calls(service: VerificationServiceStub, token: str) -> dict[str, Callable[..., Reply]]:
    """Makes one call of each unary method, all with the same token."""
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
    """Verifies many numbers over one stream, where each answer has its own code."""
    requests = (
        pb.VerifyNumbersRequest(item=pb.VerifyNumberRequest(phone=_PHONE, token=token))
        for token in tokens
    )
    print("VerifyNumbers")
    try:
        for answer in service.VerifyNumbers(requests, timeout=TIMEOUT):
            if not answer.item.HasField("code"):  # unset is never success
                print(f"  no code: {GrpcCode.Name(answer.grpc_code)}")
                continue
            entry = RESPONSE_CODES[answer.item.code]
            print(f"  code {entry.number} {entry.reason}, failed: {entry.failed}")
    except grpc.RpcError as error:
        explain(error, locale)


def main(arguments: Sequence[str] | None = None) -> None:
    """Calls every method with one token."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="of the gateway, without TLS")
    parser.add_argument("--token", default="code-9003", help="the simulator answers code-N with N")
    parser.add_argument("--locale", default="en", help="language of the sentence for the user")
    options = parser.parse_args(arguments)

    with connect(options.address) as channel:
        service = VerificationServiceStub(channel)
        for name, call in calls(service, options.token).items():
            print(name)
            try:
                reply = call(timeout=TIMEOUT, metadata=[("accept-language", options.locale)])
            except grpc.RpcError as error:
                explain(error, options.locale)
            else:
                print(f"  code {reply.code}, id {reply.id}")
        verify_many(service, [options.token, "code-9000"], options.locale)


if __name__ == "__main__":
    main()
