use std::error::Error;
use std::fmt;

use prost::DecodeError;

/// Why descriptors are not a table.
#[derive(Debug)]
#[non_exhaustive]
pub enum TableError {
    /// The bytes are no `google.protobuf.FileDescriptorSet`.
    Descriptors(DecodeError),
    /// There is no enum of this name.
    Missing(String),
    /// The enum of this name has no option `codetable.v1.table`.
    Unannotated(String),
    /// The Rust enum does not have this value.
    OtherEnum(String),
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Descriptors(_) => f.write_str("read the file descriptor set"),
            Self::Missing(name) => write!(f, "find the enum {name} in the file descriptor set"),
            Self::Unannotated(name) => {
                write!(f, "the enum {name} has no option codetable.v1.table")
            }
            Self::OtherEnum(name) => write!(f, "the type of the codes lacks the value {name}"),
        }
    }
}

impl Error for TableError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Descriptors(error) => Some(error),
            _ => None,
        }
    }
}
