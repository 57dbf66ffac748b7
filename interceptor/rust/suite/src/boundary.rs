//! What a server sends of the errors that a handler can return.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use codetable::{CodeError, IntoStatus as _, RetryAction, StatusExt as _, Translator};
use prost::Message as _;
use tonic::{Code, Status};
use tonic_types::pb::{self, RetryInfo};

use crate::client::{any, status_of};
use crate::service::{Server, Service, TABLE};

const PUSHBACK: &str = "grpc-retry-pushback-ms";
pub const SECRET: &str = "password=hunter2";

/// An error of a program, with a cause.
#[derive(Debug)]
struct Wrapped(Box<dyn Error + Send + Sync>);

impl fmt::Display for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SECRET)
    }
}

impl Error for Wrapped {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.0.as_ref())
    }
}

/// Its source is the error itself.
#[derive(Debug)]
struct Endless;

impl fmt::Display for Endless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SECRET)
    }
}

impl Error for Endless {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self)
    }
}

/// Its methods panic.
#[derive(Debug)]
struct Panicking;

impl fmt::Display for Panicking {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("in Display")
    }
}

impl Error for Panicking {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        panic!("in source")
    }
}

fn wrapped(error: impl Into<Box<dyn Error + Send + Sync>>) -> Wrapped {
    Wrapped(error.into())
}

pub fn assert_opaque(status: &Status, what: &str) {
    assert_eq!(
        (status.code(), status.message()),
        (Code::Internal, "internal error"),
        "{what}"
    );
    assert_eq!(status.request_id().map(|id| id.len()), Some(26), "{what}");
    assert!(status.is_masked(), "{what}");
    assert_eq!(pushback(status), "-1", "{what}");
    assert!(
        !String::from_utf8_lossy(status.details()).contains("hunter2"),
        "{what}"
    );
}

pub fn pushback(status: &Status) -> &str {
    let mut all = status.metadata().get_all(PUSHBACK).iter();
    let value = all.next().expect("there is a pushback");
    assert!(all.next().is_none(), "it has one value");
    value.to_str().expect("is ASCII")
}

/// The text of an error stays in the server, however the handler makes a status of it.
#[tokio::test]
async fn a_bare_error_is_opaque() {
    let server = Server::internal(|token| {
        Err(match token {
            "bare" => io::Error::other(SECRET).into_status(),
            "from_error" => Status::from_error(Box::new(io::Error::other(SECRET))),
            "chain" => wrapped(io::Error::other(SECRET)).into_status(),
            "endless" => Endless.into_status(),
            "panicking" => Panicking.into_status(),
            _ => SECRET.into_status(),
        })
    });
    for token in [
        "bare",
        "from_error",
        "chain",
        "endless",
        "panicking",
        "text",
    ] {
        assert_opaque(&server.fail(token).await, token);
    }
}

/// A code anywhere in the chain of an error is sent, without the text around it.
#[tokio::test]
async fn a_wrapped_code_is_sent() {
    let server = Server::internal(|token| {
        let error = wrapped(wrapped(TABLE.error(1804).with_metadata("id", "7")));
        Err(match token {
            "into_status" => error.into_status(),
            "from_error" => Status::from_error(Box::new(error)),
            _ => {
                let mut status = Status::not_found(SECRET);
                status.set_source(std::sync::Arc::new(error));
                status
            }
        })
    });
    for token in ["into_status", "from_error", "set_source"] {
        let status = server.fail(token).await;
        let error = status.code_error(&TABLE).expect("the status has a code");
        assert_eq!(
            (error.number(), status.code()),
            (Some(1804), Code::ResourceExhausted)
        );
        assert_eq!(error.metadata()["id"], "7");
        assert!(!status.message().contains("hunter2"));
        assert_eq!(pushback(&status), "1000");
    }
}

/// The same request is never allowed for a status without a code.
#[tokio::test]
async fn a_status_of_the_handler_is_sent_unchanged() {
    let made = || {
        let mut status = status_of(
            Code::NotFound,
            "no such user",
            &[any("Help", &pb::Help::default())],
        );
        status
            .metadata_mut()
            .insert("own", "trailer".parse().expect("is ASCII"));
        status.metadata_mut().insert(PUSHBACK, 0.into());
        status
    };
    let public = Translator::new(&*TABLE).public_boundary();
    for translator in [Translator::new(&*TABLE), public] {
        let server = Server::start(Service::new(move |_| Err(made())), translator);
        let status = server.fail("").await;
        assert_eq!(
            (status.code(), status.message()),
            (Code::NotFound, "no such user")
        );
        assert_eq!(status.details(), made().details());
        assert_eq!(status.metadata().get("own").expect("is sent"), "trailer");
        assert_eq!(pushback(&status), "-1");
    }
}

#[tokio::test]
async fn a_public_boundary_keeps_the_code_of_a_server_error() {
    let info = RetryInfo {
        retry_delay: Some(prost_types::Duration {
            seconds: 3,
            nanos: 1,
        }),
    };
    let server = Server::public(move |token| {
        let code = Code::from_bytes(token.as_bytes());
        Err(status_of(code, SECRET, &[any("RetryInfo", &info)]))
    });
    for (code, text, seconds) in [
        (Code::Unknown, "internal error", 4),
        (Code::DeadlineExceeded, "context deadline exceeded", 4),
        (Code::Unimplemented, "not implemented", 4),
        (Code::Internal, "internal error", 4),
        (Code::Unavailable, "service temporarily unavailable", 61),
        (Code::DataLoss, "internal error", 4),
    ] {
        let status = server.fail_in(&(code as i32).to_string(), "zh-CN").await;
        assert_eq!((status.code(), status.message()), (code, text));
        let error = status.code_error(&TABLE).expect("is masked");
        assert!(error.masked() && error.retry().action != RetryAction::SameRequest);
        assert_eq!(
            error.retry().delay,
            Duration::from_secs(seconds),
            "{code:?}"
        );
        assert!(error.user_message("zh-CN").is_some());
        assert_eq!(pushback(&status), "-1");
    }
}

/// What a public boundary can't identify, it masks.
#[tokio::test]
async fn a_public_boundary_masks_details_that_it_cannot_identify() {
    let server = Server::public(|token| {
        let info = |reason: &str, code: &str| pb::ErrorInfo {
            reason: reason.into(),
            domain: TABLE.domain().into(),
            metadata: [("code".to_owned(), code.to_owned())].into(),
        };
        let unreadable = prost_types::Any {
            type_url: "type.googleapis.com/google.rpc.ErrorInfo".into(),
            value: vec![0x0a, 0x7f],
        };
        let detail = match token {
            "a success" => any("ErrorInfo", &info("SUCCESS", "0")),
            "a contradiction" => any("ErrorInfo", &info("QPS_LIMIT", "9003")),
            "an unknown reason" => any("ErrorInfo", &info("NO_SUCH_REASON", "x")),
            "an operator's code" => any("ErrorInfo", &info("", "9004")),
            "a code that is not listed" => any("ErrorInfo", &info("", "424242")),
            "unreadable" => unreadable,
            _ => {
                return Err(Status::with_details(
                    Code::NotFound,
                    SECRET,
                    vec![0xff].into(),
                ));
            }
        };
        Err(status_of(Code::NotFound, SECRET, &[detail]))
    });
    let tokens = [
        "a success",
        "a contradiction",
        "an unknown reason",
        "an operator's code",
    ];
    for token in tokens
        .into_iter()
        .chain(["a code that is not listed", "unreadable", "garbage"])
    {
        assert_opaque(&server.fail(token).await, token);
    }
}

/// A retry is advised only if it can help all hidden errors.
#[test]
fn the_strictest_advice_of_a_chain_is_sent() {
    let public = Translator::new(&*TABLE).public_boundary();
    let outer = |inner: i32| TABLE.error(1804).with_source(TABLE.error(inner));
    for (inner, code, pushback) in [
        (1804, Code::Unavailable, "1000"),
        (9004, Code::Internal, "-1"),
    ] {
        let status = public.translate(outer(inner), None);
        assert_eq!(status.code(), code, "{inner}");
        assert_eq!(self::pushback(&status), pushback, "{inner}");
    }
    // Beyond 4096 errors the rest is unknown.
    let long = (0..5000).fold(wrapped(TABLE.error(9003)), |error, _| wrapped(error));
    assert_opaque(&public.translate(long, None), "a long chain");
}

/// Any `?` in a handler and a test of a user.
#[test]
fn an_error_becomes_the_status_of_its_code() {
    fn ask() -> Result<(), CodeError> {
        TABLE.check(9003)
    }
    fn handle() -> Result<(), Status> {
        Ok(ask()?)
    }
    let status = handle().expect_err("9003 fails");
    assert_eq!(
        status.code_error(&TABLE).and_then(|error| error.number()),
        Some(9003)
    );
    let sent = pb::Status::decode(status.details()).expect("is a google.rpc.Status");
    assert_eq!(sent.code, i32::from(status.code()));
}
