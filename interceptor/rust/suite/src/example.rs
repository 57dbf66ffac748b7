//! The client of examples/clients, against a gateway.

use crate::process::{Gateway, run};

#[tokio::test]
async fn the_client_explains_the_answer() {
    let internal = Gateway::start(&["-internal"]);
    let public = Gateway::start(&[]);
    for (gateway, token, want) in [
        (&internal, "code-9000", "verified: true\n"),
        (
            &internal,
            "code-9003",
            "make another token\nSome(9003) TOKEN_EXPIRED_OR_NOT_EXIST EndUser ",
        ),
        (
            &internal,
            "code-424242",
            "verified: false\nSome(424242) UNRECOGNIZED_CODE Unspecified ",
        ),
        (&internal, "then-success-2000-example", "verified: true\n"),
        (&public, "code-9004", "verified: false\nmasked Some(\""),
    ] {
        let output = run("CODETABLE_CLIENT", &[&gateway.address, token]).await;
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{output:?}");
        assert!(printed.starts_with(want), "{token}: {printed}");
    }
}

#[tokio::test]
async fn the_client_requires_an_address() {
    let output = run("CODETABLE_CLIENT", &[]).await;
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("usage:"));
}
