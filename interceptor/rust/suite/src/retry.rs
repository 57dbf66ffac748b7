//! The layer that repeats calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use codetable::{ClientLayer, Layer as _, RetryLayer, StatusExt as _, Translator};
use codetable_jverification::jiguang::jverification::v1::VerifyNumbersRequest;
use codetable_jverification::jiguang::jverification::v1::verification_service_client::VerificationServiceClient;
use tokio::time::Instant;
use tonic::{Code, Status};

use crate::process::Gateway;
use crate::service::{Server, Service, TABLE, channel, verify};

/// Counts calls. The first ones fail.
struct Counted {
    server: Server,
    calls: Arc<AtomicI32>,
}

impl Counted {
    /// The first `failures` calls fail with an error.
    fn new(failures: i32, error: impl Fn() -> Status + Send + Sync + 'static) -> Self {
        let calls = Arc::new(AtomicI32::new(0));
        let counter = Arc::clone(&calls);
        let service = Service::new(move |_| {
            let before = counter.fetch_add(1, Ordering::SeqCst);
            if before < failures {
                Err(error())
            } else {
                Ok(9000)
            }
        });
        let server = Server::start(service, Translator::new(&*TABLE));
        Self { server, calls }
    }

    /// Calls the server with a layer, without and with a layer over it.
    async fn call(&self, layer: RetryLayer, token: &str) -> Result<Option<i32>, Status> {
        let channel = layer.layer(self.server.channel());
        let channel = ClientLayer::new(&*TABLE).layer(channel);
        let call = VerificationServiceClient::new(channel)
            .verify_number(verify(token, ""))
            .await;
        Ok(call?.into_inner().code)
    }

    fn calls(&self) -> i32 {
        self.calls.load(Ordering::SeqCst)
    }
}

fn at_once() -> Status {
    TABLE.error(1804).with_retry_after(Duration::ZERO).into()
}

#[tokio::test]
async fn the_same_request_is_sent_again() {
    let counted = Counted::new(2, at_once);
    assert_eq!(
        counted
            .call(RetryLayer::new(), "token")
            .await
            .expect("the third succeeds"),
        Some(9000)
    );
    assert_eq!(counted.calls(), 3);
}

#[tokio::test]
async fn the_attempts_are_bounded() {
    for (layer, want) in [
        (RetryLayer::new(), 3),
        (RetryLayer::default().attempts(5), 5),
        (RetryLayer::new().attempts(1), 1),
        (RetryLayer::new().attempts(0), 1),
    ] {
        let counted = Counted::new(9, at_once);
        let status = counted.call(layer, "token").await.expect_err("all fail");
        assert_eq!(
            status.code_error(&TABLE).and_then(|error| error.number()),
            Some(1804)
        );
        assert_eq!(counted.calls(), want);
    }
}

/// The trailer is -1, missing, doubled or no number: the token may be used up.
#[tokio::test]
async fn no_other_failure_is_repeated() {
    let errors: [fn() -> Status; 4] = [
        || TABLE.error(9003).into(),
        || TABLE.error(9005).with_retry_after(Duration::ZERO).into(),
        || TABLE.error(9004).into(),
        || Status::unavailable("no advice"),
    ];
    for error in errors {
        let counted = Counted::new(1, error);
        counted
            .call(RetryLayer::new(), "token")
            .await
            .expect_err("it fails");
        assert_eq!(counted.calls(), 1);
    }
}

/// The clock of the test stands still while something is to do, so that the delay
/// is exact.
#[tokio::test(start_paused = true)]
async fn the_delay_is_awaited() {
    let counted = Counted::new(1, || {
        TABLE
            .error(1804)
            .with_retry_after(Duration::from_millis(1500))
            .into()
    });
    let start = Instant::now();
    counted
        .call(RetryLayer::new(), "token")
        .await
        .expect("the second succeeds");
    assert!(
        start.elapsed() >= Duration::from_millis(1500),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(counted.calls(), 2);
}

#[tokio::test]
async fn a_delay_beyond_the_limit_is_not_awaited() {
    let minute = || {
        Status::from(
            TABLE
                .error(1804)
                .with_retry_after(Duration::from_millis(60_001)),
        )
    };
    let counted = Counted::new(1, minute);
    counted
        .call(RetryLayer::new(), "token")
        .await
        .expect_err("it fails");
    let second = || Status::from(TABLE.error(1804));
    let other = Counted::new(1, second);
    let layer = RetryLayer::new().max_delay(Duration::from_millis(999));
    other.call(layer, "token").await.expect_err("it fails");
    assert_eq!((counted.calls(), other.calls()), (1, 1));
}

/// All attempts together have the timeout of the request.
#[tokio::test]
async fn no_retry_begins_after_the_timeout() {
    let counted = Counted::new(1, || TABLE.error(1804).into()); // after a second
    let channel = RetryLayer::new().layer(counted.server.channel());
    let mut request = verify("token", "");
    request.set_timeout(Duration::from_millis(900));
    let call = VerificationServiceClient::new(channel)
        .verify_number(request)
        .await;
    let status = call.expect_err("there is no time for a retry");
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(counted.calls(), 1);

    let counted = Counted::new(2, at_once);
    let channel = RetryLayer::new().layer(counted.server.channel());
    let mut request = verify("token", "");
    request.set_timeout(Duration::from_secs(60 * 60 * 48));
    let call = VerificationServiceClient::new(channel)
        .verify_number(request)
        .await;
    call.expect("there is time for three attempts");
}

#[tokio::test]
async fn a_large_request_is_sent_once() {
    let token = "x".repeat(1000);
    let counted = Counted::new(1, at_once);
    let layer = RetryLayer::new().max_request(1000);
    counted.call(layer, &token).await.expect_err("it fails");
    assert_eq!(counted.calls(), 1);
    for limit in [1020, usize::MAX] {
        let layer = RetryLayer::new().max_request(limit); // with the other fields
        let counted = Counted::new(1, at_once);
        counted
            .call(layer, &token)
            .await
            .expect("the second succeeds");
        assert_eq!(counted.calls(), 2);
    }
}

/// Neither a stream of several messages nor one that has begun.
#[tokio::test]
async fn a_stream_is_not_repeated() {
    let item = |token: &str| VerifyNumbersRequest {
        item: Some(verify(token, "").into_inner()),
    };
    let counted = Counted::new(1, at_once);
    let channel = RetryLayer::new().layer(counted.server.channel());
    let mut client = VerificationServiceClient::new(channel);
    let mut request = tonic::Request::new(tokio_stream::iter([item("a"), item("b")]));
    request
        .metadata_mut()
        .insert("token", "x".parse().expect("is ASCII"));
    client
        .verify_numbers(request)
        .await
        .expect_err("it fails at once");
    assert_eq!(counted.calls(), 1);

    let counted = Counted::new(1, at_once);
    let channel = RetryLayer::new().layer(counted.server.channel());
    let mut client = VerificationServiceClient::new(channel);
    let answers = client.verify_numbers(tokio_stream::iter([item("a")])).await;
    let mut answers = answers.expect("the stream begins").into_inner();
    answers.message().await.expect_err("its first item fails");
    assert_eq!(counted.calls(), 1);
}

/// The simulator answers the token with the code once, and then with success.
#[tokio::test]
async fn a_call_of_the_gateway_is_repeated() {
    let gateway = Gateway::start(&["-internal"]);
    let layer = RetryLayer::new();
    let mut client = VerificationServiceClient::new(layer.layer(channel(&gateway.address)));
    let answer = client
        .verify_number(verify("then-success-2000-rust", ""))
        .await;
    assert_eq!(
        answer.expect("the second call succeeds").into_inner().code,
        Some(9000)
    );
    let call = client
        .verify_number(verify("then-success-9003-rust", ""))
        .await;
    call.expect_err("a token that is used up is not sent again");
}
