use std::sync::Arc;
use std::time::Duration;

use codetable_proto::codetable::v1::DetailType;
use prost::Message;
use prost_types::Any;
use tonic::Code;
use tonic_types::pb::{self, bad_request, precondition_failure, quota_failure};

use crate::error::{Content, Origin};
use crate::mark::BoxError;
use crate::table::{Entry, Table};
use crate::text::cut_message;
use crate::wire::{self, CODE_KEY, ERROR_INFO, Info, Pair, RETRY_INFO};
use crate::{CodeError, CodeTable, window};

const UNLISTED: &str = "the response code is not listed";
/// The longest message of a status in bytes, in percent encoding.
const MAX_MESSAGE: usize = 1 << 10;
/// The longest delay of the implementation in Go, whose unit is the nanosecond. The
/// delays of `Duration` go beyond what `google.protobuf.Duration` can hold.
const MAX_DELAY: Duration = Duration::from_nanos(i64::MAX.unsigned_abs());
/// The longest key of AIP-193.
const MAX_KEY: usize = 64;

impl<C> CodeTable<C> {
    /// Returns the error of a code, or of any number of the upstream. A number that
    /// the table does not list keeps its value and is a failure. A success is no
    /// failure: it is sent as a code that the table does not list.
    ///
    /// `?` in a handler sends it, also from an error that wraps it.
    pub fn error(&self, code: impl Into<i32>) -> CodeError {
        let (table, code) = (&self.table, code.into());
        match table.entry(code).grpc_code {
            Code::Ok => CodeError::of(table, table.absent),
            _ => CodeError::of(table, code),
        }
    }

    /// Returns an error unless the code is a success.
    ///
    /// # Errors
    ///
    /// See [`error`](Self::error).
    pub fn check(&self, code: impl Into<i32>) -> Result<(), CodeError> {
        let code = code.into();
        match self.table.entry(code).grpc_code {
            Code::Ok => Ok(()),
            _ => Err(self.error(code)),
        }
    }
}

fn message(entry: &Entry) -> String {
    let code = &entry.options;
    let mut texts = [&code.notes, &code.description, &entry.reason].into_iter();
    let text = texts.find(|text| !text.is_empty()).filter(|_| entry.listed);
    cut_message(text.map_or(UNLISTED, String::as_str), MAX_MESSAGE).to_owned()
}

/// What a server adds. It is sent to the client, so put nothing private into it.
/// These methods change nothing in an error that was received.
impl CodeError {
    pub(crate) fn of(table: &Arc<Table>, number: i32) -> Self {
        let entry = table.entry(number);
        let content = Content {
            number: Some(number),
            reason: entry.reason.clone(),
            domain: table.domain.clone(),
            message: message(entry),
            metadata: [(CODE_KEY.to_owned(), number.to_string())].into(),
            messages: entry.messages.clone(),
            table: Some(Arc::clone(table)),
            ..Content::default()
        };
        Self {
            content: Box::new(content),
        }
    }

    /// Sets the message for developers, cut to 1 KiB in percent encoding. The
    /// default is the text of the table. An empty one has no effect.
    #[must_use]
    pub fn with_message(self, message: &str) -> Self {
        let message = cut_message(message, MAX_MESSAGE);
        self.change(|content| {
            if !message.is_empty() {
                message.clone_into(&mut content.message);
            }
        })
    }

    /// Adds an entry to `ErrorInfo.metadata`. The key follows AIP-193: 2 to 64 of
    /// `a-z`, `A-Z`, `0-9`, `-` and `_`, the first of `a-z`. An entry with another
    /// key is left out, and so is one with the key `code`, which is the number.
    #[must_use]
    pub fn with_metadata(self, key: &str, value: impl Into<String>) -> Self {
        self.change(|content| {
            if is_key(key) {
                content.metadata.insert(key.to_owned(), value.into());
            }
        })
    }

    /// Sets the delay of the retry advice, 292 years at most. It does not change the
    /// action: if the action forbids a retry, the delay does not allow one.
    #[must_use]
    pub fn with_retry_after(self, delay: Duration) -> Self {
        self.change(|content| content.after = Some(delay.min(MAX_DELAY)))
    }

    /// Adds a detail after those of the table. It replaces one of the same type.
    /// `ErrorInfo` and `RetryInfo` are left out, because they are made of the rest.
    #[must_use]
    pub fn with_detail(self, detail: Any) -> Self {
        self.change(|content| {
            let name = name(&detail.type_url).to_owned();
            if name != ERROR_INFO && name != RETRY_INFO && !name.is_empty() {
                content.details.retain(|other| !wire::is(other, &name));
                content.details.push(detail);
            }
        })
    }

    /// Sets the cause, for logs. It is never sent.
    #[must_use]
    pub fn with_source(self, cause: impl Into<BoxError>) -> Self {
        self.change(|content| content.origin = Origin::Made(Some(cause.into().into())))
    }

    fn change(mut self, change: impl FnOnce(&mut Content)) -> Self {
        if matches!(self.content.origin, Origin::Made(_)) {
            change(&mut self.content);
        }
        self
    }

    /// Returns the status of an error that was made here, without a language.
    pub(crate) fn made(&self) -> pb::Status {
        let content = &self.content;
        let Some(entry) = self.entry() else {
            return pb::Status::default();
        };
        let mut details = vec![pack(ERROR_INFO, &self.info())];
        let delay = self.delay();
        if !delay.is_zero() || content.after.is_some() {
            details.push(retry_info(delay));
        }
        let subject = subject(entry);
        let replaced = |detail: &Any| {
            content
                .details
                .iter()
                .any(|other| wire::is(other, name(&detail.type_url)))
        };
        details.extend(subject.filter(|detail| !replaced(detail)));
        details.extend(content.details.iter().cloned());
        pb::Status {
            code: entry.grpc_code.into(),
            message: content.message.clone(),
            details,
        }
    }

    fn info(&self) -> Info {
        let (code, added): (Vec<_>, Vec<_>) = self
            .metadata()
            .iter()
            .partition(|(key, _)| *key == CODE_KEY);
        let pair = |(key, value): (&String, &String)| Pair {
            key: Some(key.clone()),
            value: Some(value.clone()),
        };
        Info {
            reason: self.reason().into(),
            domain: self.domain().into(),
            metadata: code.into_iter().chain(added).map(pair).collect(),
        }
    }

    /// Returns the delay to send: for a calendar window the time that is left now.
    pub(crate) fn delay(&self) -> Duration {
        let table = self.content.table.as_ref();
        let left =
            || table.and_then(|table| window::left(self.retry().window, &table.options.time_zone));
        self.content
            .after
            .or_else(left)
            .unwrap_or_else(|| self.retry().delay)
    }
}

fn is_key(key: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let starts = key.starts_with(|c: char| c.is_ascii_lowercase());
    (2..=MAX_KEY).contains(&key.len()) && starts && key.chars().all(allowed) && key != CODE_KEY
}

/// Returns the full name of the message that a type URL names.
pub(crate) fn name(type_url: &str) -> &str {
    type_url.rsplit('/').next().unwrap_or_default()
}

pub(crate) fn pack(name: &str, message: &impl Message) -> Any {
    Any {
        type_url: format!("type.googleapis.com/{name}"),
        value: message.encode_to_vec(),
    }
}

pub(crate) fn retry_info(delay: Duration) -> Any {
    let delay = prost_types::Duration {
        seconds: delay.as_secs().try_into().unwrap_or(i64::MAX),
        nanos: delay.subsec_nanos().try_into().unwrap_or_default(),
    };
    pack(
        RETRY_INFO,
        &pb::RetryInfo {
            retry_delay: Some(delay),
        },
    )
}

/// Returns the detail that the table names. It contains only texts of the table, so
/// no phone number or token can get in.
fn subject(entry: &Entry) -> Option<Any> {
    let detail = entry.options.detail.as_ref()?;
    let (subject, text, reason) = (
        detail.subject.clone(),
        entry.options.notes.clone(),
        entry.reason.clone(),
    );
    Some(match detail.r#type() {
        DetailType::BadRequest => pack(
            "google.rpc.BadRequest",
            &bad_request_of(subject, text, reason),
        ),
        DetailType::PreconditionFailure => {
            let violation = precondition_failure::Violation {
                r#type: reason,
                subject,
                description: text,
            };
            pack(
                "google.rpc.PreconditionFailure",
                &pb::PreconditionFailure {
                    violations: vec![violation],
                },
            )
        }
        DetailType::QuotaFailure => {
            let violation = quota_failure::Violation {
                subject,
                description: text,
                ..Default::default()
            };
            pack(
                "google.rpc.QuotaFailure",
                &pb::QuotaFailure {
                    violations: vec![violation],
                },
            )
        }
        DetailType::ResourceInfo => {
            let info = pb::ResourceInfo {
                resource_type: subject,
                description: text,
                ..Default::default()
            };
            pack("google.rpc.ResourceInfo", &info)
        }
        _ => return None,
    })
}

fn bad_request_of(field: String, description: String, reason: String) -> pb::BadRequest {
    let violation = bad_request::FieldViolation {
        field,
        description,
        reason,
        ..Default::default()
    };
    pb::BadRequest {
        field_violations: vec![violation],
    }
}
