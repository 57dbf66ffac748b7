use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use codetable_proto::codetable::v1::{self, GrpcCode};
use prost::Message;
use tonic::{Code, Status};

use crate::descriptor::{EnumType, FileSet, Value};
use crate::locale::Messages;
use crate::{CodeError, TableError};

/// `ErrorInfo.reason` of a number that the table does not list. It is wire contract.
pub(crate) const UNRECOGNIZED: &str = "UNRECOGNIZED_CODE";

/// The response codes of one annotated enum. `C` is the enum that prost generates;
/// [`i32`] works for every enum. A clone shares the table.
///
/// ```
/// use codetable::CodeTable;
/// use codetable_jverification::FILE_DESCRIPTOR_SET;
/// use codetable_jverification::jiguang::jverification::v1::ResponseCode;
///
/// let name = "jiguang.jverification.v1.ResponseCode";
/// let table = CodeTable::<ResponseCode>::new(FILE_DESCRIPTOR_SET, name)?;
/// assert_eq!(table.domain(), "jverification.jiguang.cn");
/// # Ok::<(), codetable::TableError>(())
/// ```
pub struct CodeTable<C = i32> {
    pub(crate) table: Arc<Table>,
    code: PhantomData<fn() -> C>,
}

impl<C: TryFrom<i32>> CodeTable<C> {
    /// Reads the table of the enum with the full name `name` from a serialized
    /// `google.protobuf.FileDescriptorSet`.
    ///
    /// # Errors
    ///
    /// The descriptors have no annotated enum of that name, or its codes are not
    /// those of `C`. This depends only on the program, not on what a server sends.
    pub fn new(descriptors: &[u8], name: &str) -> Result<Self, TableError> {
        let files = FileSet::decode(descriptors).map_err(TableError::Descriptors)?;
        let codes = files
            .find(name)
            .ok_or_else(|| TableError::Missing(name.to_owned()))?;
        let strange = codes
            .values
            .iter()
            .find(|value| C::try_from(value.number).is_err());
        if let Some(value) = strange {
            return Err(TableError::OtherEnum(value.name.clone()));
        }
        let table = Table::new(codes).ok_or_else(|| TableError::Unannotated(name.to_owned()))?;
        Ok(Self {
            table: Arc::new(table),
            code: PhantomData,
        })
    }
}

impl<C> CodeTable<C> {
    /// Returns the domain of the table, as in `ErrorInfo.domain`.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.table.domain
    }

    /// Returns the reason of a number: `UNRECOGNIZED_CODE` if the table does not
    /// list it.
    #[must_use]
    pub fn reason(&self, number: i32) -> &str {
        &self.table.entry(number).reason
    }

    /// Reads the code of a failed call. See [`StatusExt::code_error`](crate::StatusExt::code_error).
    #[must_use]
    pub fn read(&self, status: &Status) -> Option<CodeError> {
        Tables::from(self).read(status)
    }
}

impl<C> Clone for CodeTable<C> {
    fn clone(&self) -> Self {
        Self {
            table: Arc::clone(&self.table),
            code: PhantomData,
        }
    }
}

impl<C> fmt::Debug for CodeTable<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("CodeTable");
        fields
            .field("domain", &self.table.domain)
            .finish_non_exhaustive()
    }
}

/// Several tables: a client that calls several services reads the codes of all of
/// them.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    pub(crate) list: Vec<Arc<Table>>,
}

impl Tables {
    /// Adds a table. If two tables have one domain, the first one reads its codes.
    #[must_use]
    pub fn and<C>(mut self, table: &CodeTable<C>) -> Self {
        self.list.push(Arc::clone(&table.table));
        self
    }

    /// Reads the code of a failed call. See [`StatusExt::code_error`](crate::StatusExt::code_error).
    #[must_use]
    pub fn read(&self, status: &Status) -> Option<CodeError> {
        crate::read::read(self, status)
    }

    pub(crate) fn find(&self, domain: &str) -> Option<&Arc<Table>> {
        self.list.iter().find(|table| table.domain == domain)
    }
}

impl<C> From<&CodeTable<C>> for Tables {
    fn from(table: &CodeTable<C>) -> Self {
        Self::default().and(table)
    }
}

/// What the options of an enum say of its codes.
#[derive(Debug)]
pub(crate) struct Table {
    pub domain: String,
    pub options: v1::Table,
    pub entries: BTreeMap<i32, Entry>,
    pub numbers: HashMap<String, i32>,
    /// The entry of all numbers that the enum does not list.
    pub unlisted: Entry,
    /// A number that the enum does not list, for a failure without a number and
    /// without a listed reason.
    pub absent: i32,
    /// The sentences that do not depend on a code.
    #[cfg(feature = "server")]
    pub neutral: Messages,
}

/// One listed code, or all that are not listed.
#[derive(Debug)]
pub(crate) struct Entry {
    pub listed: bool,
    pub reason: String,
    pub grpc_code: Code,
    pub options: v1::Code,
    pub messages: Messages,
}

impl Table {
    fn new(codes: &EnumType) -> Option<Self> {
        let options = codes.options.as_ref()?.table.clone()?;
        let neutral = Messages::new([], &options.default_user_messages, &options.default_locale);
        let mut table = Self {
            domain: options.domain.clone(),
            unlisted: Entry {
                listed: false,
                reason: UNRECOGNIZED.to_owned(),
                grpc_code: failure(options.unrecognized_grpc_code),
                options: v1::Code::default(),
                messages: neutral.clone(),
            },
            entries: BTreeMap::new(),
            numbers: HashMap::new(),
            absent: i32::MIN,
            #[cfg(feature = "server")]
            neutral,
            options,
        };
        for value in &codes.values {
            table.add(&codes.name, value);
        }
        while table.entries.contains_key(&table.absent) {
            table.absent += 1;
        }
        Some(table)
    }

    /// Adds a value. If a number has several names, the first one is its reason.
    fn add(&mut self, name: &str, value: &Value) {
        let options = value
            .options
            .as_ref()
            .and_then(|options| options.code.clone());
        let options = options.unwrap_or_default();
        let reason = reason(name, &value.name, &options).to_owned();
        self.numbers.entry(reason.clone()).or_insert(value.number);
        let locale = &self.options.default_locale;
        let neutral = &self.options.default_user_messages;
        self.entries.entry(value.number).or_insert_with(|| Entry {
            listed: true,
            reason,
            grpc_code: options.grpc_code.map_or(Code::Unknown, Code::from_i32),
            messages: Messages::new(&options.user_messages, neutral, locale),
            options,
        });
    }

    pub(crate) fn entry(&self, number: i32) -> &Entry {
        self.entries.get(&number).unwrap_or(&self.unlisted)
    }
}

/// A number that is not listed is never a success.
fn failure(code: Option<i32>) -> Code {
    let code = code.filter(|code| *code != i32::from(GrpcCode::Ok));
    code.map_or(Code::Unknown, Code::from_i32)
}

/// Returns the reason that the options state, else the name without the enum's prefix.
fn reason<'a>(name: &str, value: &'a str, options: &'a v1::Code) -> &'a str {
    if !options.reason.is_empty() {
        return &options.reason;
    }
    value.strip_prefix(&prefix(name)).unwrap_or(value)
}

/// Returns the prefix that buf lint requires: words begin at an upper-case letter
/// beside a lower-case one.
fn prefix(name: &str) -> String {
    let mut prefix = String::new();
    let mut before = '_';
    let mut letters = name.chars().peekable();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_no_enum_prefix() {
        for (name, value, want) in [
            ("A2AError", "A2A_ERROR_BUSY", "BUSY"),
            ("HTTPCode", "HTTP_CODE_BUSY", "BUSY"),
            ("IPv4Code", "I_PV4_CODE_BUSY", "BUSY"),
            ("Code2", "CODE2_BUSY", "BUSY"),
            ("ResponseCode", "OTHER_BUSY", "OTHER_BUSY"),
        ] {
            assert_eq!(reason(name, value, &v1::Code::default()), want);
        }
    }

    #[test]
    fn a_stated_reason_is_the_reason() {
        let stated = v1::Code {
            reason: "SOLD_OUT".to_owned(),
            ..Default::default()
        };
        assert_eq!(reason("Acme", "ACME_E17", &stated), "SOLD_OUT");
    }
}
