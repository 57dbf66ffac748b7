//! Statuses and errors that no handler of good will makes.

use std::error::Error;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use codetable::{Layer as _, RetryAction, ServerLayer, StatusExt as _, Translator};
use codetable_jverification::jiguang::jverification::v1::VerifyNumbersRequest;
use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::{Code, Status};
use tonic_types::pb::{DebugInfo, LocalizedMessage, RequestInfo};

use crate::boundary::{SECRET, assert_opaque};
use crate::client::{any, status_of};
use crate::service::{Server, TABLE, verify};

/// Returns the failure of the first item of a stream.
async fn fail_in_stream(server: &Server, token: &str) -> Status {
    let item = VerifyNumbersRequest {
        item: Some(verify(token, "").into_inner()),
    };
    let items = tokio_stream::iter([item]);
    let answers = server.client().verify_numbers(items).await;
    let mut answers = answers.expect("the stream begins").into_inner();
    answers.message().await.expect_err("its first item fails")
}

/// The failure of a stream has no source, so only its bytes say that it is a mask.
#[tokio::test]
async fn a_request_id_in_a_stream_hides_nothing_beside_it() {
    let server = Server::public(|token| {
        let id = RequestInfo {
            request_id: "A".repeat(26),
            ..Default::default()
        };
        let mut details = vec![any("RequestInfo", &id)];
        match token {
            "debug" => {
                let detail = SECRET.to_owned();
                let stack_entries = Vec::new();
                let debug = DebugInfo {
                    stack_entries,
                    detail,
                };
                details.push(any("DebugInfo", &debug));
            }
            "data" => {
                let serving_data = SECRET.to_owned();
                let id = RequestInfo { serving_data, ..id };
                details = vec![any("RequestInfo", &id)];
            }
            "sentence" => {
                let (locale, message) = ("en".to_owned(), SECRET.to_owned());
                details.push(any(
                    "LocalizedMessage",
                    &LocalizedMessage { locale, message },
                ));
            }
            _ => {
                let public = Translator::new(&*TABLE).public_boundary();
                return Err(public.translate(TABLE.error(1804), Some("zh-CN")));
            }
        }
        Err(status_of(Code::Internal, "internal error", &details))
    });
    for token in ["debug", "data", "sentence"] {
        assert_opaque(&fail_in_stream(&server, token).await, token);
    }
    let status = fail_in_stream(&server, "a mask").await;
    let mask = status.code_error(&TABLE).expect("it is masked");
    assert_eq!(mask.retry().action, RetryAction::SameRequest);
    assert!(mask.user_message("zh-CN").is_some());
}

#[tokio::test]
async fn a_failure_is_never_a_success() {
    let server = Server::public(|_| Err(Status::new(Code::Ok, SECRET)));
    assert_opaque(&server.fail("").await, "the code of a success");
}

/// A service of tower that answers with an error in the place of a response.
struct Broken(fn() -> Box<dyn Error + Send + Sync>);

impl Service<http::Request<()>> for Broken {
    type Response = http::Response<Body>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Request<()>) -> Self::Future {
        ready(Err(self.0()))
    }
}

#[tokio::test]
async fn the_error_of_a_service_is_translated() {
    let layer = ServerLayer::new(Translator::new(&*TABLE).public_boundary());
    for error in [
        || SECRET.into(),
        || Status::internal(SECRET).into(),
        || TABLE.error(9004).into(),
    ] as [fn() -> Box<dyn Error + Send + Sync>; 3]
    {
        let response = layer
            .layer(Broken(error))
            .call(http::Request::new(()))
            .await;
        let response = response.expect("the failure is a response");
        let status = Status::from_header_map(response.headers());
        assert_opaque(&status.expect("it has a status"), "the error of a service");
    }
}

/// prost drops the fields that it does not know, so they count by the bytes.
#[test]
fn unknown_fields_are_within_the_budget() {
    for size in [1000, 5000] {
        let status = status_of(Code::NotFound, "no such user", &[]);
        let mut details = status.details().to_vec();
        prost::encoding::string::encode(15, &"x".repeat(size), &mut details);
        let length = details.len();
        let status = Status::with_details(status.code(), status.message(), details.into());
        let sent = Translator::new(&*TABLE).translate(status, None);
        assert_eq!(sent.code(), Code::NotFound);
        assert_eq!(sent.details().len() == length, size == 1000, "{size}");
        assert!(sent.details().len() <= 4096);
    }
}
