//! Reads the response code of a failed call from its [`tonic::Status`]. What the
//! code means comes from the options of the enum, by descriptor, so no table is
//! written a second time.

mod locale;
mod reading;
mod table;

pub use reading::{Reading, Retry};
pub use table::{CodeTable, TableError};
