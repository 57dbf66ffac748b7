use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use codetable_proto::codetable::v1::retry::After;
use codetable_proto::codetable::v1::{CalendarWindow, Fault, RetryAction};
use tonic::Status;

use crate::locale::Messages;
use crate::table::{CodeTable, Entry, Table};
use crate::wire;

/// A failed call with a response code, or a masked one.
///
/// Read it with [`StatusExt::code_error`](crate::StatusExt::code_error). For a
/// received error, [`source`](Error::source) is the original [`Status`]. With the
/// feature `server`, [`CodeTable::error`] makes one.
#[derive(Clone)]
pub struct CodeError {
    pub(crate) content: Box<Content>,
}

/// The name of [`CodeError`] in the signatures of programs that have a `CodeError`
/// of their own.
pub type Failure = CodeError;

#[derive(Clone, Default)]
pub(crate) struct Content {
    /// The table of the code. `None` for a masked error and for another domain.
    pub table: Option<Arc<Table>>,
    pub number: Option<i32>,
    pub reason: String,
    pub domain: String,
    pub message: String,
    pub metadata: BTreeMap<String, String>,
    /// The action of a masked error, which no table has.
    pub action: RetryAction,
    /// The delay of the server.
    pub after: Option<Duration>,
    pub request_id: Option<String>,
    pub masked: bool,
    pub messages: Messages,
    /// The sentence of the server for the end user.
    pub sent: Option<String>,
    /// Details that were added to those of the table.
    #[cfg(feature = "server")]
    pub details: Vec<prost_types::Any>,
    pub origin: Origin,
}

/// Where an error comes from.
#[derive(Clone)]
pub(crate) enum Origin {
    Made(Option<Arc<dyn Error + Send + Sync>>),
    Received(Status),
}

impl Default for Origin {
    fn default() -> Self {
        Self::Made(None)
    }
}

/// Advice on repeating a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// What has to happen first. `Unspecified` means: do not repeat the call.
    pub action: RetryAction,
    /// The time to wait at least. Zero if none is defined.
    pub delay: Duration,
    /// The calendar window that has to end first, if `action` is `NextWindow`.
    pub window: CalendarWindow,
}

impl CodeError {
    /// Returns the code to switch on. `None` means that the code belongs to another
    /// table, that the table does not list it, or that the error is masked.
    #[must_use]
    pub fn code<C: TryFrom<i32>>(&self, table: &CodeTable<C>) -> Option<C> {
        let own = self.content.table.as_ref()?;
        let number = self.number().filter(|_| own.domain == table.domain())?;
        C::try_from(number).ok()
    }

    /// Returns the number of the code. `None` if the error is masked, or if the
    /// server sent no number and no table knows the domain.
    #[must_use]
    pub fn number(&self) -> Option<i32> {
        self.content.number
    }

    /// Returns the name of the code: the table's, or the sent one if the table does
    /// not list the code. It is empty for a masked error.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.content.reason
    }

    /// Returns the service that defines the code. It is empty for a masked error.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.content.domain
    }

    /// Returns whether a table has the domain, even if it does not list the code.
    #[must_use]
    pub fn known(&self) -> bool {
        self.content.table.is_some()
    }

    /// Returns who must act before the call can succeed.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.entry()
            .map_or(Fault::Unspecified, |entry| entry.options.fault())
    }

    /// Returns whether and when the call may be repeated. The delay of the server
    /// takes precedence, because the server knows when a window ends.
    #[must_use]
    pub fn retry(&self) -> Retry {
        let mut retry = Retry {
            action: self.content.action,
            delay: Duration::ZERO,
            window: CalendarWindow::Unspecified,
        };
        if let Some(advice) = self.entry().and_then(|entry| entry.options.retry.as_ref()) {
            retry.action = advice.action();
            match advice.after {
                Some(After::Delay(delay)) => retry.delay = wire::saturate(delay),
                Some(After::Window(window)) => retry.window = window.try_into().unwrap_or_default(),
                _ => {}
            }
        }
        if let Some(after) = self.content.after {
            retry.delay = after;
        }
        retry
    }

    /// Returns what the server added, such as `id`; and `code`, the number of a
    /// known code.
    #[must_use]
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.content.metadata
    }

    /// Returns the id by which the operator finds the failure in the logs. Masked
    /// errors have one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.content.request_id.as_deref()
    }

    /// Returns whether the server hid the code, because only its operator can
    /// resolve the failure.
    #[must_use]
    pub fn masked(&self) -> bool {
        self.content.masked
    }

    /// Returns the sentence for the end user in the language of a BCP 47 tag, else
    /// in the closest or the default language of the table. For a code that the
    /// table does not list, the sentence of the server is one of its language.
    #[must_use]
    pub fn user_message(&self, locale: &str) -> Option<&str> {
        let found = self.content.messages.get(locale);
        found.or(self.content.sent.as_deref())
    }

    /// Returns the message for developers.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.content.message
    }

    pub(crate) fn entry(&self) -> Option<&Entry> {
        let table = self.content.table.as_ref()?;
        Some(table.entry(self.content.number.unwrap_or(table.absent)))
    }
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.masked() {
            let id = self.request_id().unwrap_or_default();
            return write!(f, "masked, request {id}: {}", self.message());
        }
        let number = self
            .number()
            .map_or_else(String::new, |number| format!(" {number}"));
        write!(
            f,
            "{}{number} {}: {}",
            self.domain(),
            self.reason(),
            self.message()
        )
    }
}

impl fmt::Debug for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeError")
            .field("number", &self.number())
            .field("reason", &self.reason())
            .field("domain", &self.domain())
            .field("fault", &self.fault())
            .field("retry", &self.retry())
            .field("metadata", &self.metadata())
            .field("request_id", &self.request_id())
            .field("masked", &self.masked())
            .field("message", &self.message())
            .field("source", &self.source())
            .finish_non_exhaustive()
    }
}

impl Error for CodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.content.origin {
            Origin::Made(cause) => cause.as_ref().map(|cause| cause.as_ref() as _),
            Origin::Received(status) => Some(status),
        }
    }
}
