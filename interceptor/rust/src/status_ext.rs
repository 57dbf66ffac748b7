use tonic::Status;

use crate::{CodeError, CodeTable, read};

/// Reads the response code of a failed call from its [`Status`].
///
/// `tonic_types` has a trait of this name for the details. Import one of them as
/// `_` to use both.
pub trait StatusExt {
    /// Returns the code of a failed call: the first one of the table, else the
    /// first one of any other domain, else the masked error. `None` means that the
    /// status has no code, that its details are malformed, or that they contradict
    /// its gRPC code.
    ///
    /// [`Tables::read`](crate::Tables::read) does the same for several tables.
    fn code_error<C>(&self, table: &CodeTable<C>) -> Option<CodeError>;

    /// Returns the id by which the operator finds the failure in the logs. Masked
    /// errors and errors without a code have one.
    fn request_id(&self) -> Option<String>;

    /// Returns whether the server hid the code of the failure. `code_error` reads
    /// the rest.
    fn is_masked(&self) -> bool;
}

impl StatusExt for Status {
    fn code_error<C>(&self, table: &CodeTable<C>) -> Option<CodeError> {
        table.read(self)
    }

    fn request_id(&self) -> Option<String> {
        read::request_id(&read::details(self)?)
    }

    fn is_masked(&self) -> bool {
        let details = read::details(self);
        details.is_some_and(|details| read::masked(self.code(), &details).is_some())
    }
}
