//! What a server sends whose handler returns the error of a call, for all languages.

use std::fs;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use codetable::Translator;
use prost::Message as _;
use serde::Deserialize;
use tonic::{Code, Status};
use tonic_types::pb;

use crate::hop::hop;
use crate::service::{Server, Service, TABLE};
use crate::vectors::{sorted, testdata, with_request_id};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Relay {
    name: String,
    received: String,
    received_grpc_code: i32,
    public: bool,
    accept_language: String,
    request_id: String,
    status: String,
    grpc_code: i32,
    pushback: String,
}

fn bytes(text: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(text).expect("is base64")
}

impl Relay {
    fn received(&self) -> Status {
        let details = bytes(&self.received);
        let status = pb::Status::decode(details.as_slice()).unwrap_or_default();
        let code = Code::from_i32(self.received_grpc_code);
        Status::with_details(code, status.message, details.into())
    }

    fn assert_sent(&self, sent: Status) {
        let name = &self.name;
        assert_eq!(i32::from(sent.code()), self.grpc_code, "{name}");
        let pushback = sent.metadata().get("grpc-retry-pushback-ms");
        assert_eq!(
            pushback.expect("there is one"),
            self.pushback.as_str(),
            "{name}"
        );
        let want = bytes(&self.status);
        let id = self.request_id.as_bytes();
        let masked = want.windows(id.len()).any(|part| part == id);
        let sent = if masked {
            with_request_id(sent, &self.request_id)
        } else {
            sent // also with the id that it was received with
        };
        let want = sorted(&want);
        assert_eq!(sent.message(), want.message, "{name}");
        if want.details.is_empty() {
            assert!(
                sent.details().is_empty() || sorted(sent.details()) == want,
                "{name}"
            );
        } else {
            assert_eq!(sent.details().len(), bytes(&self.status).len(), "{name}");
            assert_eq!(sorted(sent.details()), want, "{name}");
        }
    }
}

#[tokio::test]
async fn every_relay_is_sent() {
    let text = fs::read(testdata("relays.json")).expect("read the relays");
    let relays: Vec<Relay> = serde_json::from_slice(&text).expect("parse the relays");
    assert!(relays.len() >= 53, "{} relays", relays.len());
    let relays = Arc::new(relays);
    let upstream = {
        let relays = Arc::clone(&relays);
        let answer = move |token: &str| -> Result<i32, Status> {
            let index: usize = token.parse().expect("is an index");
            Err(relays[index].received())
        };
        Server::start(Service::new(answer), Translator::new(&*TABLE))
    };
    let internal = hop(&upstream, Translator::new(&*TABLE), true);
    let public = hop(&upstream, Translator::new(&*TABLE).public_boundary(), true);
    for (index, relay) in relays.iter().enumerate() {
        let server = if relay.public { &public } else { &internal };
        relay.assert_sent(
            server
                .fail_in(&index.to_string(), &relay.accept_language)
                .await,
        );
    }
}
