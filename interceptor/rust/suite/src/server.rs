//! The server in Rust, read by Go.

use codetable::{StatusExt as _, Translator};

use crate::process::run;
use crate::service::{Server, Service, TABLE};

/// Answers the token `code-N` with N, as the command inspect demands.
fn by_token(token: &str) -> Result<i32, tonic::Status> {
    let number = token
        .strip_prefix("code-")
        .and_then(|number| number.parse().ok());
    let number = number.unwrap_or(9000);
    TABLE.check(number)?;
    Ok(number)
}

async fn assert_like_go(server: &Server, flags: &[&str]) {
    let address = ["-addr", server.address.as_str()];
    let output = run("CODETABLE_INSPECT", &[&address, flags].concat()).await;
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{flags:?}: {output:?}");
    assert_eq!(printed.lines().count(), 49 + 6);
    assert!(
        printed
            .lines()
            .all(|line| line.contains(r#""problems":[]"#)),
        "{printed}"
    );
}

#[tokio::test]
async fn go_reads_each_code_of_the_server() {
    let server = Server::internal(by_token);
    for locale in ["zh-CN", "en-GB;q=0.5, fr, zh;q=0.7", "fr", ""] {
        assert_like_go(&server, &["-locale", locale]).await;
    }
}

#[tokio::test]
async fn go_reads_each_code_and_mask_of_a_public_server() {
    let server = Server::public(by_token);
    for locale in ["zh-CN", ""] {
        assert_like_go(&server, &["-public", "-locale", locale]).await;
    }
}

/// The numbers of a table belong to the calls of every server. With several tables
/// each code is that of its own.
#[tokio::test]
async fn an_observer_sees_what_the_caller_does_not() {
    let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let translator = Translator::new(&*TABLE)
        .public_boundary()
        .observer(move |event| {
            let code = event.code.and_then(codetable::CodeError::number);
            let id = event.request_id.map(str::to_owned);
            let _ = sender.send((
                code,
                id,
                event.masked,
                event.origin.to_string(),
                event.status.code(),
            ));
        });
    let server = Server::start(Service::new(by_token), translator);
    let status = server.fail("code-9004").await;
    let (code, id, masked, origin, sent) = seen.recv().await.expect("the observer is called");
    assert_eq!((code, masked, sent), (Some(9004), true, status.code()));
    assert_eq!(id, status.request_id());
    assert!(origin.contains("9004"), "{origin}");
    server.fail("code-9003").await;
    let (code, id, masked, ..) = seen.recv().await.expect("the observer is called");
    assert_eq!((code, id, masked), (Some(9003), None, false));
}

#[tokio::test]
async fn an_observer_that_panics_changes_nothing() {
    let translator = Translator::new(&*TABLE).observer(|_| panic!("in the observer"));
    let server = Server::start(Service::new(by_token), translator);
    let status = server.fail("code-9003").await;
    let error = status.code_error(&TABLE).expect("the status has a code");
    assert_eq!(error.number(), Some(9003));
}
