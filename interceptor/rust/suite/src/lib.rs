//! Tests of the crates of this project.
#![cfg(test)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "that is how a test fails"
)]

mod boundary;
mod client;
mod example;
mod fuzz;
mod gateway;
mod hop;
mod hostile;
mod making;
mod own_table;
mod process;
mod relays;
mod retry;
mod server;
mod service;
mod table;
mod vectors;
