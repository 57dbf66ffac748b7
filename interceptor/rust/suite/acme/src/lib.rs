//! The table of a shop.

/// Descriptors of the table, as a serialized `google.protobuf.FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("gen/descriptor_set.binpb");

include!("gen/acme.shop.v1.rs");
