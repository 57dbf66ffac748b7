//! The parts of `google/protobuf/descriptor.proto` that a table is read from.
//! prost-types has the same messages, but drops the custom options in them.

use codetable_proto::codetable::v1;

// The number of the extensions, 79142, is wire contract.

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct FileSet {
    #[prost(message, repeated, tag = "1")]
    pub files: Vec<File>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct File {
    #[prost(string, tag = "2")]
    pub package: String,
    #[prost(message, repeated, tag = "4")]
    pub messages: Vec<MessageType>,
    #[prost(message, repeated, tag = "5")]
    pub enums: Vec<EnumType>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct MessageType {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, repeated, tag = "3")]
    pub messages: Vec<MessageType>,
    #[prost(message, repeated, tag = "4")]
    pub enums: Vec<EnumType>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct EnumType {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, repeated, tag = "2")]
    pub values: Vec<Value>,
    #[prost(message, optional, tag = "3")]
    pub options: Option<EnumOptions>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct EnumOptions {
    #[prost(message, optional, tag = "79142")]
    pub table: Option<v1::Table>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Value {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(int32, tag = "2")]
    pub number: i32,
    #[prost(message, optional, tag = "3")]
    pub options: Option<ValueOptions>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ValueOptions {
    #[prost(message, optional, tag = "79142")]
    pub code: Option<v1::Code>,
}

impl FileSet {
    /// Returns the enum with a full name such as `acme.shop.v1.OrderCode`.
    pub(crate) fn find(&self, name: &str) -> Option<&EnumType> {
        self.files.iter().find_map(|file| {
            let name = match file.package.as_str() {
                "" => name,
                package => name.strip_prefix(package)?.strip_prefix('.')?,
            };
            find(&file.enums, &file.messages, name)
        })
    }
}

fn find<'a>(
    enums: &'a [EnumType],
    messages: &'a [MessageType],
    name: &str,
) -> Option<&'a EnumType> {
    let Some((first, rest)) = name.split_once('.') else {
        return enums.iter().find(|candidate| candidate.name == name);
    };
    let message = messages.iter().find(|message| message.name == first)?;
    find(&message.enums, &message.messages, rest)
}
