use std::error::Error;
use std::fmt;

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Marks an error without a code that came from another server. A public boundary
/// hides the text of such an error, but not the text of a status that the handler
/// made.
#[derive(Debug)]
pub(crate) struct Received(BoxError);

impl Received {
    #[cfg(feature = "client")]
    pub(crate) fn mark(error: impl Into<BoxError>) -> BoxError {
        Box::new(Self(error.into()))
    }
}

impl fmt::Display for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Received {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.0.as_ref())
    }
}
