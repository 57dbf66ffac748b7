"""The client program, against the gateway."""

import pytest
from codetable.v1.codetable_pb2 import RetryAction
from jiguang.jverification.v1.response_code_pb2 import ResponseCode

import client
from code_reader import Reading, Retry


@pytest.mark.parametrize(
    ("token", "want"),
    [
        ("code-9003", ["to do: have the SDK make another token", "user:  验证已过期"] * 5),
        ("code-9001", ["to do: the answer is no"] * 5 + ["code 9001 VERIFY_NOT_CONSISTENT"]),
        ("code-424242", ["424242 UNRECOGNIZED_CODE", "retry: UNSPECIFIED"] * 5),
        ("code-9000", ["  code 9000, id ", "no response code came back", "failed: False"]),
    ],
)
def test_client(
    gateway: str, capsys: pytest.CaptureFixture[str], token: str, want: list[str]
) -> None:
    client.main([gateway, "--token", token, "--locale", "zh-CN"])
    said = capsys.readouterr().out
    for line in set(want):
        assert said.count(line) >= want.count(line)


def test_the_outcome_is_asked_for_before_anything_is_repeated() -> None:
    """No code of this table has the action; another table may."""
    reading = Reading(
        code=ResponseCode.RESPONSE_CODE_BAD_SERVER,
        number=9099,
        reason="BAD_SERVER",
        domain="example.com",
        metadata={},
        retry=Retry(RetryAction.RETRY_ACTION_CONFIRM_OUTCOME),
    )
    assert client.next_step(reading) == "ask for the outcome before anything is repeated"
