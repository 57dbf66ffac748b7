use std::error::Error;
use std::fmt;

use tonic::Status;

use crate::mark::BoxError;
use crate::{CodeError, Translator};

/// Makes the [`Status`] of an error that a handler returns.
pub trait IntoStatus {
    /// Returns what is sent of this error, without a public boundary and a language.
    /// Its [`source`](Error::source) chain has the error. A
    /// [`ServerLayer`](crate::ServerLayer) decides again what is sent, by its own
    /// options.
    ///
    /// - A [`CodeError`] in the chain of the error is sent with its own status.
    /// - Another [`Status`] in the chain is sent unchanged.
    /// - Any other error is sent as Internal with a fixed text and a request id, so
    ///   that its own text stays in the server.
    fn into_status(self) -> Status;
}

impl<E: Into<BoxError>> IntoStatus for E {
    fn into_status(self) -> Status {
        Translator::default().translate(self, None)
    }
}

impl From<CodeError> for Status {
    fn from(error: CodeError) -> Self {
        error.into_status()
    }
}

/// The source of a status that this crate made of an error.
#[derive(Debug)]
pub(crate) struct Sent {
    pub origin: BoxError,
    /// The request id of a status that does not explain the error.
    pub request_id: Option<String>,
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.origin.fmt(f)
    }
}

impl Error for Sent {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.origin.as_ref())
    }
}
