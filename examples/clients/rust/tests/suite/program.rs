//! Runs the client program against a gateway.

use std::process::{Command, Output};

use crate::gateway::Gateway;

const FAILED: &str = ": 9003 TOKEN_EXPIRED_OR_NOT_EXIST of jverification.jiguang.cn
  fault: END_USER
  retry: NEW_INPUT
  next:  have the SDK make another token
  user:  验证已过期，请重新开始验证。
";
const METHODS: [&str; 5] = [
    "VerifyNumber",
    "ExchangeLoginToken",
    "QueryBusinessRisk",
    "CheckCaptcha",
    "EnableOneClickLogin",
];

/// Runs the client, which bounds its own time.
fn run(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_client"));
    command.args(args).output().expect("run the client")
}

#[test]
fn the_client_prints_the_answer_of_each_method() {
    let gateway = Gateway::start();
    let output = run(&[&gateway.address, "code-9003", "zh-CN"]);
    let printed = String::from_utf8_lossy(&output.stdout);
    let mut want: String = METHODS.map(|method| format!("{method}{FAILED}")).concat();
    want += "VerifyNumbers: 9003 TOKEN_EXPIRED_OR_NOT_EXIST\n";
    want += "VerifyNumbers: 9000 VERIFY_CONSISTENT\n";
    assert!(output.status.success(), "{output:?}");
    assert_eq!(printed, want);
}

#[test]
fn the_client_explains_the_code() {
    let gateway = Gateway::start();
    for (token, want) in [
        ("code-9000", "VerifyNumber: 9000 VERIFY_CONSISTENT\n"),
        ("code-9001", "next:  take it for a no\n"),
        ("code-1804", "retry: SAME_REQUEST, in 1 s\n"),
        ("code-1804", "next:  send the same request again\n"),
        ("code-424242", "VerifyNumber: 424242 UNRECOGNIZED_CODE of "),
        ("code-424242", "next:  show the message to the user\n"),
    ] {
        let output = run(&[&gateway.address, token]);
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(printed.contains(want), "{token}: {printed}");
    }
}

#[test]
fn the_client_requires_an_address() {
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stderr.starts_with(b"usage:"));
}
