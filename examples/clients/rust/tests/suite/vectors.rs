//! Runs the test vectors of all languages.

use std::collections::BTreeMap;
use std::fs;
use std::num::TryFromIntError;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use code_reader::{CodeError, CodeTable};
use prost::Message;
use prost_types::Any;
use serde::Deserialize;
use tonic::{Code, Status};
use tonic_types::pb::{self, ErrorInfo, RetryInfo};

pub const TESTDATA: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../proto/jiguang/jverification/v1/testdata"
);

#[derive(Deserialize)]
pub struct Vector {
    name: String,
    status: String,
    grpc_code: i32,
    pub reading: Option<Expected>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Expected {
    pub known: bool,
    pub code: Option<i32>,
    pub reason: String,
    pub domain: String,
    pub fault: String,
    pub retry: ExpectedRetry,
    pub metadata: BTreeMap<String, String>,
    pub user_message: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ExpectedRetry {
    pub action: String,
    pub delay_ms: u128,
    pub window: String,
}

impl Expected {
    /// Returns an error in the form of the vectors, with a message for each locale.
    pub fn of(error: &CodeError, locales: &BTreeMap<String, String>) -> Self {
        let message = |locale: &str| error.user_message(locale).unwrap_or_default();
        Self {
            known: error.known,
            code: error.number,
            reason: error.reason.clone(),
            domain: error.domain.clone(),
            fault: error.fault.as_str_name().into(),
            retry: ExpectedRetry {
                action: error.retry.action.as_str_name().into(),
                delay_ms: error.retry.delay.as_millis(),
                window: error.retry.window.as_str_name().into(),
            },
            metadata: error.metadata.clone().into_iter().collect(),
            user_message: locales
                .keys()
                .map(|locale| (locale.clone(), message(locale).into()))
                .collect(),
        }
    }
}

impl Vector {
    fn bytes(&self) -> Vec<u8> {
        let bytes = BASE64_STANDARD.decode(&self.status);
        bytes.expect("the status is base64")
    }
}

pub fn vectors() -> Vec<Vector> {
    let text = fs::read(format!("{TESTDATA}/vectors.json")).expect("read the vectors");
    let mut vectors: Vec<Vector> = serde_json::from_slice(&text).expect("parse the vectors");
    let groups = ["code", "option", "language", "budget", "foreign", "large"];
    vectors.retain(|vector| groups.iter().any(|group| vector.name.starts_with(group)));
    vectors
}

pub fn table() -> &'static CodeTable {
    CodeTable::get().expect("the generated descriptors hold a table")
}

fn read(code: i32, details: Vec<u8>) -> Option<CodeError> {
    let status = Status::with_details(Code::from(code), "for developers", details.into());
    table().read(&status)
}

#[test]
fn every_vector_is_read_as_expected() {
    let vectors = vectors();
    assert!(vectors.len() > 49, "only {} vectors", vectors.len());
    for vector in vectors {
        let error = read(vector.grpc_code, vector.bytes());
        let locales = vector.reading.as_ref().map(|want| &want.user_message);
        let locales = locales.cloned().unwrap_or_default();
        let got = error.map(|error| Expected::of(&error, &locales));
        assert_eq!(got, vector.reading, "{}", vector.name);
    }
}

/// Damaged details must neither panic nor be read as a success.
#[test]
fn damaged_details_are_never_a_success() {
    let vectors = vectors();
    let mut errors = 0;
    for vector in vectors.iter().filter(|vector| vector.grpc_code != 0) {
        let bytes = vector.bytes();
        // For long ones the start is enough.
        for position in 0..bytes.len().min(1000) {
            let mut flipped = bytes.clone();
            if let Some(byte) = flipped.get_mut(position) {
                *byte ^= 1 << (position % 8);
            }
            let cut = bytes.iter().take(position).copied().collect();
            for error in [flipped, cut].map(|details| read(vector.grpc_code, details)) {
                errors += usize::from(error.is_some());
                let code = error.filter(|error| error.known).and_then(|r| r.number);
                let success = matches!(code, Some(0 | 8000 | 9000 | 9200));
                assert!(!success, "{}, byte {position}: {code:?}", vector.name);
            }
        }
    }
    assert!(errors > 0, "no damaged status was read at all");
}

#[test]
fn a_delay_of_any_size_is_read() {
    let longest = i64::MAX / 1_000_000;
    for (seconds, nanos, want_ms) in [
        (1, 500_000_000, 1500),
        (1, -500_000_000, 500),
        (-1, 0, 0),
        (i64::MIN, i32::MIN, 0),
        (i64::MAX, i32::MAX, longest),
    ] {
        let delay = prost_types::Duration { seconds, nanos };
        let got = delay_ms(Some(delay));
        assert_eq!(got, Ok(want_ms), "{seconds} s, {nanos} ns");
    }
    // A RetryInfo without a delay is a delay of zero.
    assert_eq!(delay_ms(None), Ok(0));
}

/// Returns the delay that is read for a code to which the table gives another one.
fn delay_ms(retry_delay: Option<prost_types::Duration>) -> Result<i64, TryFromIntError> {
    let status = status([
        any("ErrorInfo", &info("jverification.jiguang.cn", "9005")),
        any("RetryInfo", &RetryInfo { retry_delay }),
    ]);
    let error = read(8, status).expect("there is an ErrorInfo");
    error.retry.delay.as_millis().try_into()
}

#[test]
fn the_first_code_of_other_domains_is_kept() {
    let status = status([
        any("ErrorInfo", &info("first.example.com", "9003")),
        any("ErrorInfo", &info("second.example.com", "9003")),
    ]);
    let error = read(8, status).expect("there is an ErrorInfo");
    assert_eq!(error.domain, "first.example.com");
    assert_eq!(error.number, Some(9003));
    assert_eq!(error.code(), None, "the number of another table");
}

#[test]
fn an_unlisted_code_keeps_the_reason_that_was_sent() {
    let reason = |sent: &str| {
        let info = ErrorInfo {
            reason: sent.into(),
            ..info("jverification.jiguang.cn", "424242")
        };
        read(2, status([any("ErrorInfo", &info)])).map(|error| error.reason)
    };
    assert_eq!(reason("NEW_CODE").as_deref(), Some("NEW_CODE"));
    assert_eq!(reason("").as_deref(), Some("UNRECOGNIZED_CODE"));
    assert_eq!(reason(&"é".repeat(500)), Some("é".repeat(31)), "63 bytes");
}

#[test]
fn an_unknown_reason_without_a_number_is_an_unlisted_code() {
    let mut info = info("jverification.jiguang.cn", "x");
    info.reason = "NEW_CODE".into();
    let error = read(2, status([any("ErrorInfo", &info)])).expect("there is an ErrorInfo");
    assert!(error.known);
    assert_eq!(error.number, Some(i32::MIN));
    assert_eq!(error.code(), None, "no code of the table");
    assert_eq!(error.reason, "NEW_CODE");
    assert!(error.metadata.is_empty(), "no number was sent");
}

#[test]
fn a_language_that_the_table_lacks_gets_the_default_message() {
    let info = info("jverification.jiguang.cn", "9003");
    let error = read(9, status([any("ErrorInfo", &info)])).expect("there is an ErrorInfo");
    let english = error.user_message("en");
    assert!(english.is_some());
    for locale in ["fr", "*", ""] {
        assert_eq!(error.user_message(locale), english, "{locale}");
    }
    assert_ne!(error.user_message("zh"), english);
}

fn info(domain: &str, code: &str) -> ErrorInfo {
    ErrorInfo {
        domain: domain.into(),
        metadata: [("code".into(), code.into())].into(),
        ..Default::default()
    }
}

fn any(name: &str, message: &impl Message) -> Any {
    Any {
        type_url: format!("type.googleapis.com/google.rpc.{name}"),
        value: message.encode_to_vec(),
    }
}

fn status(details: impl Into<Vec<Any>>) -> Vec<u8> {
    let status = pb::Status {
        details: details.into(),
        ..Default::default()
    };
    status.encode_to_vec()
}
