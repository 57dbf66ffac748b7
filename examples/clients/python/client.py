"""Verifies a phone number: python client.py 127.0.0.1:8090 code-9003."""

import sys

import grpc
from jiguang.jverification.v1.response_code_pb2 import ResponseCode
from jiguang.jverification.v1.verification_service_pb2 import VerifyNumberRequest
from jiguang.jverification.v1.verification_service_pb2_grpc import VerificationServiceStub

from grpc_codetable import ClientInterceptor, CodeError, CodeTable, Fault, MaskedError, RetryAction

RETRIES = """{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 3,
    "initialBackoff": "1s", "maxBackoff": "5s", "backoffMultiplier": 2,
    "retryableStatusCodes": ["INTERNAL", "RESOURCE_EXHAUSTED", "UNAVAILABLE"]}}]}"""


def main(address: str, token: str) -> None:
    """Makes a call, and switches on the code of its error."""
    channel = grpc.insecure_channel(address, options=[("grpc.service_config", RETRIES)])
    channel = grpc.intercept_channel(channel, ClientInterceptor(CodeTable(ResponseCode)))
    request = VerifyNumberRequest(phone="13800138000", token=token)
    metadata = (("accept-language", "zh-CN"),)
    try:
        VerificationServiceStub(channel).VerifyNumber(request, metadata=metadata)
        print("verified")
    except MaskedError as error:
        print("masked", error.request_id, error.retry, error.user_message())
    except CodeError as error:
        match error.response_code:
            case ResponseCode.RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST:
                print("have the SDK make another token")
            case _:  # also a code that this client does not list
                print("not verified")
        print(error.number, error.reason, Fault.Name(error.fault), error.user_message("zh-CN"))
        print("retry:", RetryAction.Name(error.retry.action), "after", error.retry.delay)


main(*sys.argv[1:3])
