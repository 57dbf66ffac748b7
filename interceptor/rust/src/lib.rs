#![doc = include_str!("../README.md")]

#[cfg(feature = "client")]
mod client;
mod descriptor;
mod error;
#[cfg(any(feature = "client", feature = "server"))]
mod header;
mod locale;
#[cfg(feature = "server")]
mod made;
#[cfg(any(feature = "client", feature = "server"))]
mod mark;
mod read;
#[cfg(feature = "retry")]
mod retry;
#[cfg(feature = "server")]
mod server;
mod status_ext;
mod table;
mod table_error;
#[cfg(feature = "server")]
mod text;
#[cfg(feature = "server")]
mod window;
mod wire;

#[cfg(feature = "client")]
pub use client::{Client, ClientBody, ClientLayer};
pub use codetable_proto::codetable::v1::{CalendarWindow, Fault, RetryAction};
pub use error::{CodeError, Failure, Retry};
#[cfg(feature = "server")]
pub use prost_types::Any;
#[cfg(feature = "retry")]
pub use retry::{RetryLayer, Retrying};
#[cfg(feature = "server")]
pub use server::{Event, IntoStatus, Server, ServerLayer, Translator};
pub use status_ext::StatusExt;
pub use table::{CodeTable, Tables};
pub use table_error::TableError;
#[cfg(any(feature = "client", feature = "server"))]
pub use tower_layer::Layer;
