#![doc = include_str!("../README.md")]
//!
//! The options of `codetable.v1`, which turn a protobuf enum into a table of
//! response codes, as messages of prost.
//!
//! To annotate an enum, import `codetable/v1/codetable.proto` from [`PROTO_DIR`].
//! Tell prost that this crate has the types, so that all tables share them:
//! `extern_path(".codetable.v1", "::codetable_proto::codetable::v1")`.
//!
//! prost keeps no custom options, so the program needs the descriptors of the
//! annotated enum. The crate `codetable` reads them.

/// The folder with the .proto files of this crate, for the include path of a
/// build script.
pub const PROTO_DIR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proto");

/// Descriptors of the .proto files of this crate and of what they import, as a
/// serialized `google.protobuf.FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("gen/descriptor_set.binpb");

/// The package `codetable`.
pub mod codetable {
    /// The options of the first version.
    #[allow(
        rustdoc::broken_intra_doc_links,
        reason = "the comments of a .proto are not written for rustdoc"
    )]
    pub mod v1 {
        include!("gen/codetable.v1.rs");
    }
}
