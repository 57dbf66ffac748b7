"""Runs the client program against the gateway."""

import pytest
from codetable.v1.codetable_pb2 import RetryAction
from jiguang.jverification.v1.response_code_pb2 import ResponseCode

import client
from code_error import CodeError, Retry


@pytest.mark.parametrize(
    ("token", "want"),
    [
        ("code-9003", ["next:  have the SDK make another token", "user:  验证已过期"] * 5),
        ("code-9001", ["next:  take it for a no"] * 5 + ["Numbers: 9001 VERIFY_NOT_CONSISTENT"]),
        ("code-424242", ["424242 UNRECOGNIZED_CODE", "retry: UNSPECIFIED"] * 5),
        ("code-9000", ["VerifyNumber: 9000 VERIFY_CONSISTENT", "CheckCaptcha: 6 UPSTREAM_"]),
    ],
)
def test_client(
    gateway: str, capsys: pytest.CaptureFixture[str], token: str, want: list[str]
) -> None:
    client.main([gateway, token, "zh-CN"])
    said = capsys.readouterr().out
    for line in set(want):
        assert said.count(line) >= want.count(line)


def test_a_client_asks_for_an_unknown_outcome() -> None:
    """No code of this table has the action; another table may."""
    code_error = CodeError(
        code=ResponseCode.RESPONSE_CODE_BAD_SERVER,
        number=9099,
        reason="BAD_SERVER",
        domain="example.com",
        metadata={},
        retry=Retry(RetryAction.RETRY_ACTION_CONFIRM_OUTCOME),
    )
    assert client.next_step(code_error) == "ask for the outcome before anything is repeated"
