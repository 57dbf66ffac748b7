//! The layer of a channel, with calls of each kind.

use std::error::Error as _;

use codetable::{ClientLayer, CodeError, IntoStatus as _, Layer as _, StatusExt as _, Tables};
use codetable_jverification::jiguang::jverification::v1::verification_service_client::VerificationServiceClient;
use codetable_jverification::jiguang::jverification::v1::{
    VerifyNumberRequest, VerifyNumberResponse, VerifyNumbersRequest, VerifyNumbersResponse,
};
use prost::Message;
use prost_types::Any;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;
use tonic_types::pb;

use crate::service::{Server, TABLE, verify};

type Client = VerificationServiceClient<codetable::Client<Channel>>;

pub fn any(name: &str, message: &impl Message) -> Any {
    Any {
        type_url: format!("type.googleapis.com/google.rpc.{name}"),
        value: message.encode_to_vec(),
    }
}

pub fn status_of(code: Code, message: &str, details: &[Any]) -> Status {
    let status = pb::Status {
        code: code.into(),
        message: message.to_owned(),
        details: details.to_vec(),
    };
    Status::with_details(code, message, status.encode_to_vec().into())
}

/// Returns the names of the details.
pub fn details_of(status: &Status) -> Vec<String> {
    let sent = pb::Status::decode(status.details()).expect("is a google.rpc.Status");
    let names = sent
        .details
        .iter()
        .map(|detail| detail.type_url.rsplit('/').next());
    names
        .map(|name| name.unwrap_or_default().to_owned())
        .collect()
}

fn server() -> Server {
    Server::internal(|token| {
        match token {
            "status" => return Err(Status::not_found("no such user")),
            "bare" => return Err("for logs only".into_status()),
            "foreign" => {
                let info = pb::ErrorInfo {
                    domain: "example.com".into(),
                    ..Default::default()
                };
                return Err(status_of(
                    Code::Aborted,
                    "aborted",
                    &[any("ErrorInfo", &info)],
                ));
            }
            _ => {}
        }
        let number = token
            .strip_prefix("code-")
            .and_then(|number| number.parse().ok());
        TABLE.check(number.unwrap_or(9000))?;
        Ok(9000)
    })
}

fn client(server: &Server) -> Client {
    VerificationServiceClient::new(ClientLayer::new(&*TABLE).layer(server.channel()))
}

/// Returns the error that the layer attached.
fn attached(status: &Status) -> &CodeError {
    let source = status.source().expect("the layer attaches an error");
    source.downcast_ref().expect("it is a code error")
}

fn items(tokens: &[&str]) -> impl tokio_stream::Stream<Item = VerifyNumbersRequest> + use<> {
    let items = tokens.iter().map(|token| VerifyNumbersRequest {
        item: Some(verify(token, "").into_inner()),
    });
    tokio_stream::iter(items.collect::<Vec<_>>())
}

#[tokio::test]
async fn the_error_of_each_kind_of_call_is_attached() {
    let server = server();
    let mut client = client(&server);
    let unary = client.verify_number(verify("code-9003", "")).await;
    // A stream that fails at once, and one that fails after its first message.
    let mut request = Request::new(items(&[]));
    request
        .metadata_mut()
        .insert("token", "code-9003".parse().expect("is ASCII"));
    let creation = client.verify_numbers(request).await;
    let answers = client
        .verify_numbers(items(&["ok", "code-9003", "ok"]))
        .await;
    let mut answers = answers.expect("the stream begins").into_inner();
    let first = answers.message().await.expect("the first item is answered");
    assert_eq!(first.and_then(|answer| answer.item?.code), Some(9000));
    let reading = answers.message().await;
    for status in [
        unary.expect_err("the code fails"),
        creation.expect_err("the stream fails"),
        reading.expect_err("the second item fails"),
        client_stream(&server).await,
        server_stream(&server).await,
    ] {
        let error = attached(&status);
        assert_eq!(error.number(), Some(9003));
        assert_eq!(
            status.code_error(&TABLE).and_then(|error| error.number()),
            Some(9003)
        );
        // The cause is the status that was received.
        let cause = error
            .source()
            .and_then(|cause| cause.downcast_ref::<Status>());
        let cause = cause.expect("there is one");
        assert_eq!(cause.details(), status.details());
        assert_eq!(
            (cause.code(), cause.message()),
            (status.code(), status.message())
        );
    }
}

/// On the wire these kinds are streams too.
async fn grpc(server: &Server) -> Grpc<codetable::Client<Channel>> {
    let mut grpc = Grpc::new(ClientLayer::new(&*TABLE).layer(server.channel()));
    grpc.ready().await.expect("the server accepts connections");
    grpc
}

const METHOD: &str = "/jiguang.jverification.v1.VerificationService/VerifyNumbers";

async fn client_stream(server: &Server) -> Status {
    let codec = ProstCodec::<VerifyNumbersRequest, VerifyNumbersResponse>::default();
    let (items, path) = (items(&["code-9003"]), PathAndQuery::from_static(METHOD));
    let call = grpc(server)
        .await
        .client_streaming(Request::new(items), path, codec)
        .await;
    call.expect_err("the item fails")
}

async fn server_stream(server: &Server) -> Status {
    let codec = ProstCodec::<VerifyNumberRequest, VerifyNumberResponse>::default();
    let path =
        PathAndQuery::from_static("/jiguang.jverification.v1.VerificationService/VerifyNumber");
    let call = grpc(server)
        .await
        .server_streaming(verify("code-9003", ""), path, codec)
        .await;
    call.expect_err("the call fails")
}

#[tokio::test]
async fn a_status_without_a_code_passes_unchanged() {
    let server = server();
    let status = client(&server).verify_number(verify("status", "")).await;
    let status = status.expect_err("the call fails");
    let plain = server.fail("status").await;
    assert_eq!(
        (status.code(), status.message()),
        (plain.code(), plain.message())
    );
    assert_eq!(status.metadata().len(), plain.metadata().len());
    assert!(status.code_error(&TABLE).is_none());
    assert!(status.source().is_some_and(|mark| !mark.is::<CodeError>()));
    let succeeded = client(&server).verify_number(verify("ok", "")).await;
    assert_eq!(succeeded.expect("succeeds").into_inner().code, Some(9000));
}

#[tokio::test]
async fn masked_and_foreign_errors_are_attached() {
    let server = server();
    let mut client = client(&server);
    let status = client
        .verify_number(verify("bare", ""))
        .await
        .expect_err("it fails");
    assert!(attached(&status).masked() && status.is_masked());
    assert_eq!(
        attached(&status).request_id(),
        status.request_id().as_deref()
    );
    let status = client
        .verify_number(verify("foreign", ""))
        .await
        .expect_err("it fails");
    let error = attached(&status);
    assert_eq!(
        (error.domain(), error.known(), error.number()),
        ("example.com", false, None)
    );
    assert_eq!(error.code(&TABLE), None);
}

#[tokio::test]
async fn a_failed_connection_is_a_status() {
    let closed = Server::internal(|_| Ok(9000)).address.clone();
    let channel = ClientLayer::new(Tables::default()).layer(crate::service::channel(&closed));
    let status = VerificationServiceClient::new(channel)
        .verify_number(verify("", ""))
        .await;
    assert_eq!(
        status.expect_err("nobody listens").code(),
        Code::Unavailable
    );
}
