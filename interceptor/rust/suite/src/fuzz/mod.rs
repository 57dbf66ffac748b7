//! Random and changed bytes for everything that reads what another program sent. The
//! cases are the same in every run. More are run with `PROPTEST_CASES=100000`, and other
//! ones with `PROPTEST_RNG_SEED=7`.

mod decoders;
mod inputs;
mod layers;

use std::env;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// Runs a test with values of a strategy. A failure names the seed and the smallest value
/// that fails.
fn check<S: Strategy>(cases: u32, values: &S, test: impl Fn(S::Value)) {
    let given = Config::default(); // by the environment
    let cases = env::var_os("PROPTEST_CASES").map_or(cases, |_| given.cases);
    let rng_seed = match given.rng_seed {
        RngSeed::Random => RngSeed::Fixed(14),
        seed @ RngSeed::Fixed(_) => seed,
    };
    let mut runner = TestRunner::new(Config {
        cases,
        rng_seed,
        failure_persistence: None,
        ..given
    });
    let outcome = runner.run(values, |value| {
        test(value);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("seed {rng_seed}: {failure}");
    }
}

/// Encodes bytes as gRPC does for a header.
fn encoded(bytes: &[u8]) -> Vec<u8> {
    BASE64_STANDARD_NO_PAD.encode(bytes).into()
}
