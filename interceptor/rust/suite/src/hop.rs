//! A server whose handler returns the error of a call to another server.

use codetable::{
    ClientLayer, IntoStatus as _, Layer as _, RetryAction, StatusExt as _, Translator,
};
use codetable_jverification::jiguang::jverification::v1::verification_service_client::VerificationServiceClient;
use tonic::{Code, Status};

use crate::boundary::{SECRET, assert_opaque, pushback};
use crate::client::{details_of, status_of};
use crate::service::{Server, Service, TABLE, verify};

/// Returns a server that asks another one.
pub fn hop(next: &Server, translator: Translator, marks: bool) -> Server {
    let channel = next.channel();
    let service = Service::later(move |token| {
        let channel = channel.clone();
        async move {
            let request = verify(&token, "");
            let answer = if marks {
                let channel = ClientLayer::new(&*TABLE).layer(channel);
                VerificationServiceClient::new(channel)
                    .verify_number(request)
                    .await?
            } else {
                VerificationServiceClient::new(channel)
                    .verify_number(request)
                    .await?
            };
            answer.into_inner().code.ok_or_else(|| SECRET.into_status())
        }
    });
    Server::start(service, translator)
}

fn upstream() -> Server {
    let translator = Translator::new(&*TABLE);
    let answer = |token: &str| -> Result<i32, Status> {
        let unknown = prost_types::Any {
            type_url: "type.googleapis.com/acme.v9.Unknown".into(),
            value: b"\x0a\x01x".to_vec(),
        };
        let number = token
            .strip_prefix("code-")
            .and_then(|number| number.parse::<i32>().ok());
        let mut status = match (token, number) {
            (_, Some(number)) => Status::from(TABLE.error(number).with_detail(unknown)),
            ("masked", _) => SECRET.into_status(),
            ("hidden", _) => Translator::new(&*TABLE)
                .public_boundary()
                .translate(TABLE.error(1804), None),
            ("refused", _) => Status::failed_precondition("of the other server"),
            _ => status_of(Code::NotFound, "of the other server", &[unknown]),
        };
        status
            .metadata_mut()
            .insert("theirs", "trailer".parse().expect("is ASCII"));
        Err(status)
    };
    Server::start(Service::new(answer), translator)
}

/// Unknown details too.
#[tokio::test]
async fn the_next_server_sends_a_received_code_byte_for_byte() {
    let upstream = upstream();
    for marks in [true, false] {
        let server = hop(&upstream, Translator::new(&*TABLE), marks);
        for token in ["code-1804", "code-424242", "status"] {
            let (sent, got) = (upstream.fail(token).await, server.fail(token).await);
            assert_eq!(
                (got.code(), got.message()),
                (sent.code(), sent.message()),
                "{token}"
            );
            assert_eq!(got.details(), sent.details(), "{token}");
            assert_eq!(pushback(&got), pushback(&sent), "{token}");
            let theirs = got.metadata().get("theirs");
            assert_eq!(theirs.is_none(), marks || token != "status", "{token}");
            assert!(details_of(&got).contains(&"acme.v9.Unknown".to_owned()));
        }
    }
}

#[tokio::test]
async fn a_public_boundary_masks_a_received_status_without_a_code() {
    let upstream = upstream();
    let public = || Translator::new(&*TABLE).public_boundary();
    let server = hop(&upstream, public(), true);
    for token in ["status", "refused", "masked"] {
        let status = server.fail(token).await;
        assert_opaque(&status, token);
        assert_ne!(status.request_id(), upstream.fail(token).await.request_id());
        assert!(status.metadata().get("theirs").is_none());
    }
    let status = server.fail("hidden").await;
    let mask = status.code_error(&TABLE).expect("is masked");
    assert_eq!(mask.retry().action, RetryAction::SameRequest);
    assert_eq!(pushback(&status), "1000");
    // A code that the public may see passes, and one of an operator does not.
    assert_eq!(
        server
            .fail("code-9003")
            .await
            .code_error(&TABLE)
            .and_then(|e| e.number()),
        Some(9003)
    );
    assert_opaque(&server.fail("code-9004").await, "code-9004");
    // Only the mark tells such a status from one of the handler.
    let unmarked = hop(&upstream, public(), false);
    assert_eq!(
        unmarked.fail("refused").await.message(),
        "of the other server"
    );
}

/// No server listens there.
#[tokio::test]
async fn a_public_boundary_masks_a_failed_connection() {
    let closed = Server::internal(|_| Ok(9000)).address.clone();
    let layer = ClientLayer::new(&*TABLE);
    let service = Service::later(move |token| {
        let channel = layer.layer(crate::service::channel(&closed));
        async move {
            let mut client = VerificationServiceClient::new(channel);
            client.verify_number(verify(&token, "")).await?;
            Ok(9000)
        }
    });
    let server = Server::start(service, Translator::new(&*TABLE).public_boundary());
    assert_opaque(&server.fail("any").await, "no server");
}
