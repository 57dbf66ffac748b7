//! Generated messages and gRPC stubs of `JiGuang` `JVerification`, and the code
//! table that its response codes come from.
//!
//! The features `client` (default) and `server` choose the stubs.
//!
//! prost keeps no custom options, so [`FILE_DESCRIPTOR_SET`] carries them:
//! prost-reflect reads what a code means from the options of
//! [`ResponseCode`](jiguang::jverification::v1::ResponseCode).
//!
//! Read a response code with [`TryFrom`], as in `answer.code.map(ResponseCode::try_from)`.
//! The accessors that prost generates for enum fields, such as `answer.code()`,
//! return the zero value for an unset field and for a number that is not listed,
//! and here zero is success.

/// Descriptors of every proto of this crate and of what they import, as a
/// serialized `google.protobuf.FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("gen/descriptor_set.binpb");

/// The options that turn an enum into a code table.
pub mod codetable {
    pub mod v1 {
        include!("gen/codetable.v1.rs");
    }
}

/// The first table, and the gRPC service that answers with its codes.
pub mod jiguang {
    pub mod jverification {
        pub mod v1 {
            include!("gen/jiguang.jverification.v1.rs");
        }
    }
}
