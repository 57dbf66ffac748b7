"""The client program, against the gateway."""

import pytest

import client


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
