#![doc = include_str!("../README.md")]
//!
//! Stubs of `JiGuang` `JVerification` over gRPC, and its table of response codes.
//!
//! The features `client` (default) and `server` choose the stubs.
//!
//! prost keeps no custom options, so [`FILE_DESCRIPTOR_SET`] carries them. The crate
//! `codetable` reads from it what each
//! [`ResponseCode`](jiguang::jverification::v1::ResponseCode) means.
//!
//! Read a response code with [`TryFrom`], as in `answer.code.map(ResponseCode::try_from)`.
//! The accessors that prost generates for enum fields, such as `answer.code()`,
//! return the zero value for an unset field and for a number that is not listed,
//! and here zero is success.

/// Descriptors of the .proto files of this crate and of what they import, as a
/// serialized `google.protobuf.FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("gen/descriptor_set.binpb");

/// The package `jiguang`.
pub mod jiguang {
    /// The package `jiguang.jverification`.
    pub mod jverification {
        /// The tables of the first version, and the service that answers with their
        /// codes.
        #[allow(
            rustdoc::broken_intra_doc_links,
            reason = "the comments of a .proto are not written for rustdoc"
        )]
        pub mod v1 {
            include!("gen/jiguang.jverification.v1.rs");
        }
    }
}
