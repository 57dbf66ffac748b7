//! Tests of the reader and of the client, against a gateway process.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "that is how a test fails"
)]

mod codes;
mod gateway;
mod program;
mod vectors;
