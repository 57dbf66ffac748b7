use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use prost::Message;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};
use tonic_types::pb::{self, LocalizedMessage};

use super::decision::{Decision, coded, inner, localize, own};
use super::evidence::Evidence;
use super::fit::fit;
use super::mask::{self, Advice, Redacted};
use super::sent::Sent;
use crate::made::retry_info;
use crate::mark::BoxError;
use crate::table::Tables;
use crate::wire::{self, LOCALIZED_MESSAGE};
use crate::{CodeError, read};

pub(crate) const PUSHBACK: &str = "grpc-retry-pushback-ms";

const DEFAULT_BUDGET: usize = 4096;
const MIN_BUDGET: usize = 1024;

type Observer = Arc<dyn Fn(&Event<'_>) + Send + Sync>;

/// Decides what is sent of an error. A [`ServerLayer`](crate::ServerLayer) uses it.
/// Use it yourself for the items of a stream, and in unit tests.
#[derive(Clone)]
pub struct Translator {
    tables: Tables,
    public: bool,
    budget: usize,
    observer: Option<Observer>,
}

/// One failed call of a server, for logs: it contains what the caller must not see.
#[derive(Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// What is sent.
    pub status: &'a Status,
    /// The original error.
    pub origin: &'a (dyn Error + 'static),
    /// The code, if the error has one. The public may not see it.
    pub code: Option<&'a CodeError>,
    /// The request id of a status that does not explain the error.
    pub request_id: Option<&'a str>,
    /// Whether the public boundary hid the code or the text of the error.
    pub masked: bool,
    /// What the budget removed: names of details, `message` or `metadata`.
    pub shed: &'a [String],
}

impl Default for Translator {
    fn default() -> Self {
        Self::new(Tables::default())
    }
}

impl fmt::Debug for Translator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Translator");
        fields
            .field("tables", &self.tables)
            .field("public", &self.public);
        fields.field("budget", &self.budget).finish_non_exhaustive()
    }
}

impl Translator {
    /// Makes a translator that knows a table, or several [`Tables`].
    #[must_use]
    pub fn new(tables: impl Into<Tables>) -> Self {
        Self {
            tables: tables.into(),
            public: false,
            budget: DEFAULT_BUDGET,
            observer: None,
        }
    }

    /// Masks the errors that strangers must not see: those with a fault of the
    /// operator, those that can't be identified, and those without a code that came
    /// from another server. A status of the handler for an HTTP 5xx keeps its code
    /// and its `RetryInfo`. Any other status of the handler is sent unchanged.
    #[must_use]
    pub fn public_boundary(mut self) -> Self {
        self.public = true;
        self
    }

    /// Limits the size of a serialized status in bytes. The default is 4096 and the
    /// least is 1024. Beyond it texts and details are cut and left out, the number
    /// and the delay never.
    #[must_use]
    pub fn detail_budget(mut self, bytes: usize) -> Self {
        self.budget = bytes.max(MIN_BUDGET);
        self
    }

    /// Calls a function for each failure, such as one that writes a log.
    #[must_use]
    pub fn observer(mut self, observer: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Returns what is sent of an error to a caller with the header
    /// `accept-language`. It never panics, whatever the methods of the error do.
    #[must_use]
    pub fn translate(&self, error: impl Into<BoxError>, accept_language: Option<&str>) -> Status {
        self.translate_box(
            error.into(),
            accept_language.unwrap_or_default(),
            mask::request_id(),
        )
    }

    pub(crate) fn translate_box(&self, error: BoxError, locale: &str, id: String) -> Status {
        let decide = || self.decide(error.as_ref(), locale, id.clone());
        let decision = catch_unwind(AssertUnwindSafe(decide));
        let mut decision = decision.unwrap_or_else(|_| self.neutral(mask::opaque(id), locale));
        let (mut status, shed) = self.encode(&mut decision);
        if let Some(observer) = &self.observer {
            let event = Event {
                status: &status,
                origin: error.as_ref(),
                code: decision.code.as_ref(),
                request_id: decision.request_id.as_deref(),
                masked: decision.masked,
                shed: &shed,
            };
            // The caller gets its answer whatever the observer does.
            let _ = catch_unwind(AssertUnwindSafe(|| observer(&event)));
        }
        let request_id = decision.request_id;
        status.set_source(Arc::new(Sent {
            origin: error,
            request_id,
        }));
        status
    }

    /// Decides what is sent. No other function does.
    fn decide(&self, error: &(dyn Error + 'static), locale: &str, id: String) -> Decision {
        let (error, id) = inner(error, id);
        let found = Evidence::collect(error, &self.tables, self.public);
        if let Some(advice) = found.hidden {
            let masked = self.neutral(mask::mask(advice, id), locale);
            return Decision {
                code: found.code,
                masked: true,
                ..masked
            };
        }
        match (found.code, found.status) {
            (Some(code), _) => coded(code, locale),
            (None, Some(status)) if self.public && mask::blames_server(status.code()) => {
                let details = read::details(&status).unwrap_or_default();
                let redacted = self.neutral(mask::redact(status.code(), &details, id), locale);
                Decision {
                    masked: true,
                    ..redacted
                }
            }
            (None, Some(status)) => own(&status, found.received),
            (None, None) => self.neutral(mask::opaque(id), locale),
        }
    }

    /// Adds the neutral sentence for a public caller.
    fn neutral(&self, mut redacted: Redacted, locale: &str) -> Decision {
        if self.public {
            self.add_sentence(&mut redacted.status, locale);
        }
        Decision {
            status: redacted.status,
            raw: None,
            metadata: MetadataMap::new(),
            advice: redacted.advice,
            request_id: Some(redacted.request_id),
            code: None,
            masked: false,
        }
    }

    /// Adds a sentence that must not depend on the error, because it would then reveal
    /// which upstream failed.
    fn add_sentence(&self, status: &mut pb::Status, locale: &str) {
        let tables = self.tables.list.iter();
        let tables = tables.filter(|table| !table.neutral.is_empty());
        if let Some(table) = tables.min_by_key(|table| &table.domain) {
            localize(status, &table.neutral, locale);
        }
    }

    /// Returns whether a status is a mask byte for byte. Another server may send a
    /// request id beside details that explain the error.
    pub(crate) fn made_mask(&self, status: &Status) -> bool {
        let details = read::details(status).unwrap_or_default();
        let Some(id) = read::request_id(&details) else {
            return false;
        };
        let mut mask = mask::redacted(status.code(), Advice::default(), id).status;
        let delay = wire::retry_delay(&details);
        mask.details.extend(delay.map(retry_info));
        let sentence: Option<LocalizedMessage> = wire::first(&details, LOCALIZED_MESSAGE);
        if let Some(sentence) = sentence {
            self.add_sentence(&mut mask, &sentence.locale);
        }
        mask.message == status.message() && mask.encode_to_vec() == status.details()
    }

    /// Limits the size, and returns the names of what was removed for it.
    fn encode(&self, decision: &mut Decision) -> (Status, Vec<String>) {
        let message = &mut decision.status;
        let fitted = fit(
            &self.tables_of(decision.code.as_ref()),
            message,
            self.budget,
        );
        // The received bytes may have fields that prost drops.
        let whole = |raw: &Bytes| !fitted.changed && raw.len() <= self.budget;
        let raw = decision.raw.take().filter(whole);
        let details = if message.details.is_empty() {
            Bytes::new()
        } else {
            message.encode_to_vec().into()
        };
        let mut metadata = std::mem::take(&mut decision.metadata);
        metadata.insert(PUSHBACK, decision.advice.pushback().into());
        let code = Code::from_i32(message.code);
        let details = raw.unwrap_or(details);
        let status =
            Status::with_details_and_metadata(code, message.message.clone(), details, metadata);
        (status, fitted.shed)
    }

    fn tables_of(&self, code: Option<&CodeError>) -> Tables {
        let mut tables = self.tables.clone();
        tables
            .list
            .extend(code.and_then(|code| code.content.table.clone()));
        tables
    }
}
