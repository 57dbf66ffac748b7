use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::OnceLock;

use codetable_jverification::FILE_DESCRIPTOR_SET;
use codetable_jverification::codetable::v1::{Code, GrpcCode, Table};
use prost::{DecodeError, Message};
use prost_reflect::{DescriptorError, DescriptorPool, DynamicMessage};

pub(crate) const UNRECOGNIZED: &str = "UNRECOGNIZED_CODE";
const ENUM: &str = "jiguang.jverification.v1.ResponseCode";

/// A code table: what the options of `ResponseCode` say of its codes.
#[derive(Debug)]
pub struct CodeTable {
    pub(crate) options: Table,
    pub(crate) numbers: HashMap<String, i32>,
    pub(crate) entries: HashMap<i32, Entry>,
    /// An unlisted number, for a failure without a number and without a listed reason.
    pub(crate) absent: i32,
}

/// One listed code.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) reason: String,
    pub(crate) meaning: Code,
}

impl CodeTable {
    /// Returns the table of `ResponseCode`, which is parsed once a process.
    ///
    /// # Errors
    ///
    /// The descriptors or the options of the generated crate are broken. This does not
    /// depend on what a server sends.
    pub fn get() -> Result<&'static Self, &'static TableError> {
        static TABLE: OnceLock<Result<CodeTable, TableError>> = OnceLock::new();
        TABLE.get_or_init(Self::parse).as_ref()
    }

    fn parse() -> Result<Self, TableError> {
        let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET)?;
        let codes = pool
            .get_enum_by_name(ENUM)
            .ok_or(TableError::Missing(ENUM))?;
        let mut table = Self {
            options: option(&pool, &codes.options(), "codetable.v1.table")?,
            numbers: HashMap::new(),
            entries: HashMap::new(),
            absent: i32::MIN,
        };
        for value in codes.values() {
            let meaning: Code = option(&pool, &value.options(), "codetable.v1.code")?;
            let reason = reason(codes.name(), value.name(), &meaning).to_owned();
            table.numbers.insert(reason.clone(), value.number());
            let entry = Entry { reason, meaning };
            table.entries.insert(value.number(), entry);
        }
        while table.entries.contains_key(&table.absent) {
            table.absent += 1;
        }
        Ok(table)
    }

    /// Returns the reason of a number, `UNRECOGNIZED_CODE` if it is not listed.
    #[must_use]
    pub fn reason(&self, number: i32) -> &str {
        let entry = self.entries.get(&number);
        entry.map_or(UNRECOGNIZED, |entry| &entry.reason)
    }

    /// Returns whether `number` is a success. A code without a gRPC code is none.
    pub(crate) fn is_success(&self, number: i32) -> bool {
        self.entries
            .get(&number)
            .is_some_and(|entry| entry.meaning.grpc_code == Some(GrpcCode::Ok.into()))
    }
}

/// Returns the reason that the options state, else the name without the enum's prefix.
fn reason<'a>(enumeration: &str, value: &'a str, meaning: &'a Code) -> &'a str {
    if !meaning.reason.is_empty() {
        return &meaning.reason;
    }
    value.strip_prefix(&prefix(enumeration)).unwrap_or(value)
}

/// Returns the prefix that buf lint requires: words begin at an upper-case letter
/// beside a lower-case one.
fn prefix(enumeration: &str) -> String {
    let mut prefix = String::new();
    let mut before = '_';
    let mut letters = enumeration.chars().peekable();
    while let Some(letter) = letters.next() {
        let beside_lower =
            before.is_ascii_lowercase() || letters.peek().is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && beside_lower && before != '_' {
            prefix.push('_');
        }
        prefix.push(letter.to_ascii_uppercase());
        before = letter;
    }
    prefix + "_"
}

/// Reads the extension `name` of `options` into its generated type.
fn option<T: Message + Default>(
    pool: &DescriptorPool,
    options: &DynamicMessage,
    name: &'static str,
) -> Result<T, TableError> {
    let missing = TableError::Missing(name);
    let Some(extension) = pool.get_extension_by_name(name) else {
        return Err(missing);
    };
    if !options.has_extension(&extension) {
        return Err(missing);
    }
    let value = options.get_extension(&extension);
    Ok(value.as_message().ok_or(missing)?.transcode_to()?)
}

/// Why the descriptors of the generated crate are not a table.
#[derive(Debug)]
#[non_exhaustive]
pub enum TableError {
    /// The descriptors contradict each other.
    Descriptors(DescriptorError),
    /// The enum or an option of this name is missing.
    Missing(&'static str),
    /// An option differs from its generated type.
    Option(DecodeError),
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Descriptors(_) => f.write_str("read the embedded descriptors"),
            Self::Missing(name) => write!(f, "{name} is missing"),
            Self::Option(_) => f.write_str("read an option of the enum"),
        }
    }
}

impl Error for TableError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Descriptors(error) => Some(error),
            Self::Missing(_) => None,
            Self::Option(error) => Some(error),
        }
    }
}

impl From<DescriptorError> for TableError {
    fn from(error: DescriptorError) -> Self {
        Self::Descriptors(error)
    }
}

impl From<DecodeError> for TableError {
    fn from(error: DecodeError) -> Self {
        Self::Option(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_no_enum_prefix() {
        for (enumeration, value, want) in [
            ("A2AError", "A2A_ERROR_BUSY", "BUSY"),
            ("HTTPCode", "HTTP_CODE_BUSY", "BUSY"),
            ("IPv4Code", "I_PV4_CODE_BUSY", "BUSY"),
            ("Code2", "CODE2_BUSY", "BUSY"),
            ("ResponseCode", "OTHER_BUSY", "OTHER_BUSY"),
        ] {
            assert_eq!(reason(enumeration, value, &Code::default()), want);
        }
    }

    #[test]
    fn a_stated_reason_is_the_reason() {
        let meaning = Code {
            reason: "SOLD_OUT".to_owned(),
            ..Default::default()
        };
        assert_eq!(reason("Acme", "ACME_E17", &meaning), "SOLD_OUT");
    }
}
