"""Runs the code of README.md."""

import grpc
import pytest
from jiguang.jverification.v1.response_code_pb2 import ResponseCode
from jiguang.jverification.v1.verification_service_pb2 import VerifyNumberRequest
from jiguang.jverification.v1.verification_service_pb2_grpc import VerificationServiceStub

from client import connect
from code_error import CodeError, read


def test_readme(gateway: str, capsys: pytest.CaptureFixture[str]) -> None:
    request = VerifyNumberRequest(phone="13800138000", token="code-9003")
    with connect(gateway) as channel:
        service = VerificationServiceStub(channel)
        try:
            service.VerifyNumber(request, timeout=10)
        except grpc.RpcError as error:
            match read(error):
                case CodeError(code=ResponseCode.RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST) as spent:
                    print(spent.reason, spent.user_message("zh-CN"))
    assert capsys.readouterr().out == "TOKEN_EXPIRED_OR_NOT_EXIST 验证已过期，请重新开始验证。\n"  # noqa: RUF001
