//! The test vectors of all languages.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use codetable::{CodeError, StatusExt as _, Translator};
use prost::Message as _;
use serde::Deserialize;
use tonic::{Code, Status};
use tonic_types::pb::{self, ErrorInfo};

use crate::service::TABLE;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    pub name: String,
    status: String,
    grpc_code: i32,
    pub reading: Option<Reading>,
    #[serde(default)]
    send: Option<Send>,
    #[serde(default)]
    pushback: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    pub known: bool,
    pub code: Option<i32>,
    pub reason: String,
    pub domain: String,
    pub fault: String,
    pub retry: Retry,
    pub metadata: BTreeMap<String, String>,
    pub user_message: BTreeMap<String, String>,
    pub masked: bool,
    pub request_id: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    pub action: String,
    pub delay_ms: u128,
    pub window: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Send {
    code: Option<i32>,
    message: String,
    metadata: BTreeMap<String, String>,
    retry_after_ms: Option<i64>,
    accept_language: String,
    public: bool,
    budget: usize,
    request_id: String,
}

impl Reading {
    /// Returns an error in the form of the vectors, with a message for each locale.
    pub fn of(error: &CodeError, locales: &BTreeMap<String, String>) -> Self {
        let message = |locale: &str| error.user_message(locale).unwrap_or_default();
        let retry = error.retry();
        Self {
            known: error.known(),
            code: error.number(),
            reason: error.reason().into(),
            domain: error.domain().into(),
            fault: error.fault().as_str_name().into(),
            retry: Retry {
                action: retry.action.as_str_name().into(),
                delay_ms: retry.delay.as_millis(),
                window: retry.window.as_str_name().into(),
            },
            metadata: error.metadata().clone(),
            user_message: locales
                .keys()
                .map(|locale| (locale.clone(), message(locale).into()))
                .collect(),
            masked: error.masked(),
            request_id: error.request_id().unwrap_or_default().into(),
        }
    }
}

impl Send {
    /// Returns what the library sends. Its request id is random; the one of the
    /// vector takes its place.
    fn status(&self) -> Status {
        let translator = Translator::new(&*TABLE).detail_budget(self.budget);
        let translator = if self.public {
            translator.public_boundary()
        } else {
            translator
        };
        let language = Some(self.accept_language.as_str());
        let Some(code) = self.code else {
            let sent = translator.translate(io::Error::other("for logs only"), language);
            return with_request_id(sent, &self.request_id);
        };
        let mut error = TABLE.error(code).with_message(&self.message);
        for (key, value) in &self.metadata {
            error = error.with_metadata(key, value);
        }
        // A negative delay can't be given in Rust.
        let delay = self.retry_after_ms.and_then(|delay| delay.try_into().ok());
        if let Some(delay) = delay {
            error = error.with_retry_after(Duration::from_millis(delay));
        }
        with_request_id(translator.translate(error, language), &self.request_id)
    }
}

/// Replaces the random request id of a mask.
pub fn with_request_id(sent: Status, id: &str) -> Status {
    let Some(random) = sent.request_id() else {
        return sent;
    };
    assert_eq!(random.len(), id.len());
    let mut details = sent.details().to_vec();
    let at = details
        .windows(id.len())
        .position(|part| part == random.as_bytes());
    let at = at.expect("the details have the id");
    details[at..at + id.len()].copy_from_slice(id.as_bytes());
    let (code, text, metadata) = (sent.code(), sent.message(), sent.metadata().clone());
    Status::with_details_and_metadata(code, text, details.into(), metadata)
}

impl Vector {
    pub fn details(&self) -> Vec<u8> {
        BASE64_STANDARD.decode(&self.status).expect("is base64")
    }

    fn status(&self) -> Status {
        let code = Code::from_i32(self.grpc_code);
        Status::with_details(code, "for developers", self.details().into())
    }
}

/// Returns the path of a file of the repository, in which no test runs.
pub fn testdata(name: &str) -> String {
    let folder = env::var("CODETABLE_TESTDATA").expect("make test sets CODETABLE_TESTDATA");
    format!("{folder}/{name}")
}

pub fn vectors() -> Vec<Vector> {
    let text = fs::read(testdata("vectors.json")).expect("read the vectors");
    serde_json::from_slice(&text).expect("parse the vectors")
}

#[test]
fn every_vector_is_read() {
    let vectors = vectors();
    assert!(vectors.len() >= 273, "{} vectors", vectors.len());
    for vector in vectors {
        let error = vector.status().code_error(&TABLE);
        let nothing = BTreeMap::new();
        let want = vector.reading.as_ref();
        let locales = want.map_or(&nothing, |want| &want.user_message);
        let got = error.as_ref().map(|error| Reading::of(error, locales));
        assert_eq!(got.as_ref(), want, "{}", vector.name);
    }
}

/// A code is typed exactly if the table lists it.
#[test]
fn every_listed_code_is_typed() {
    for vector in vectors() {
        let Some(error) = vector.status().code_error(&TABLE) else {
            continue;
        };
        let code = error.code(&TABLE).map(i32::from);
        let listed = error
            .number()
            .filter(|number| error.known() && TABLE.reason(*number) != "UNRECOGNIZED_CODE");
        assert_eq!(code, listed, "{}", vector.name);
    }
}

#[test]
fn every_vector_is_sent() {
    let vectors = vectors();
    let sendable: Vec<_> = vectors
        .iter()
        .filter(|vector| vector.send.is_some())
        .collect();
    assert!(sendable.len() >= 130, "{} vectors", sendable.len());
    for vector in sendable {
        let name = &vector.name;
        let sent = vector.send.as_ref().expect("it has one").status();
        assert_eq!(i32::from(sent.code()), vector.grpc_code, "{name}");
        // The number of bytes does not depend on the order of a map.
        assert_eq!(sent.details().len(), vector.details().len(), "{name}");
        let (got, want) = (sorted(sent.details()), sorted(&vector.details()));
        assert_eq!(got, want, "{name}");
        assert_eq!(sent.message(), want.message, "{name}");
        let pushback = sent.metadata().get("grpc-retry-pushback-ms");
        assert_eq!(
            pushback.expect("there is one"),
            vector.pushback.as_str(),
            "{name}"
        );
        assert_eq!(sent.metadata().len(), 1, "{name}");
    }
}

/// Returns a status whose maps are in the order of their keys.
pub fn sorted(bytes: &[u8]) -> pb::Status {
    let mut status = pb::Status::decode(bytes).expect("is a google.rpc.Status");
    for detail in &mut status.details {
        if detail.type_url.ends_with("/google.rpc.ErrorInfo") {
            let Ok(info) = ErrorInfo::decode(detail.value.as_slice()) else {
                continue;
            };
            let pairs: BTreeMap<_, _> = info.metadata.iter().collect();
            let text = format!("{} {} {pairs:?}", info.reason, info.domain);
            detail.value = text.into_bytes();
        }
    }
    status
}
