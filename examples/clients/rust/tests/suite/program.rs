//! The client program, run as a user runs it.

use std::process::Command;

use crate::gateway::Gateway;

const PRINTED: &str = "\
VerifyNumber: RESPONSE_CODE_VERIFY_CONSISTENT
VerifyNumber: 9003 TOKEN_EXPIRED_OR_NOT_EXIST
  to do:  have the SDK make another token
  advice: try with a fresh token or captcha
  user:   验证已过期，请重新开始验证。
VerifyNumber: 424242 UNRECOGNIZED_CODE
  to do:  give up: this program does not know the code
  advice: do not retry
  user:   服务暂时不可用，请稍后再试。
VerifyNumbers: RESPONSE_CODE_VERIFY_CONSISTENT
VerifyNumbers: RESPONSE_CODE_VERIFY_NOT_CONSISTENT
ExchangeLoginToken: RESPONSE_CODE_GET_PHONE_SUCCESS
QueryBusinessRisk: 1804 QPS_LIMIT
  to do:  follow the advice
  advice: send the same request again, in 1s
  user:   服务繁忙，请稍后再试。
CheckCaptcha: 7110 NOT_PROOF
  to do:  follow the advice
  advice: try with a fresh token or captcha
  user:   验证已过期，请重新验证。
EnableOneClickLogin: RESPONSE_CODE_SIGN_ONCE_OPEN_SUCCESS
";

#[test]
fn the_client_calls_each_method() {
    let gateway = Gateway::start();
    // It bounds its own time.
    let output = Command::new(env!("CARGO_BIN_EXE_client"))
        .args([&gateway.address, "zh-CN"])
        .output()
        .expect("run the client");
    let printed = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    assert_eq!(printed, PRINTED);
}

#[test]
fn the_client_says_how_to_call_it() {
    let output = Command::new(env!("CARGO_BIN_EXE_client"))
        .output()
        .expect("run the client");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stderr.starts_with(b"usage:"));
}
