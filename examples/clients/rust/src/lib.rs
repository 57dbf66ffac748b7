//! Reads the response code of a failed call from its [`tonic::Status`]. The meaning of
//! a code comes from the options of its enum.

mod code_error;
mod code_table;
mod locale;

pub use code_error::{CodeError, Retry};
pub use code_table::{CodeTable, TableError};
