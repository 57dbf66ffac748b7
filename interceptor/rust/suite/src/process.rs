//! The programs that the tests run. They end with the test.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(60);

/// A gateway process on a free port.
pub struct Gateway {
    process: Child,
    pub address: String,
}

impl Gateway {
    pub fn start(flags: &[&str]) -> Self {
        let mut process = Command::new(path("CODETABLE_GATEWAY"))
            .args(["-simulate", "-addr", "127.0.0.1:0"])
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("start the gateway");
        let log = process.stderr.take().expect("the log is piped");
        // From here on a panic also ends the process.
        let mut gateway = Self {
            process,
            address: String::new(),
        };
        gateway.address = address_in(log)
            .recv_timeout(TIMEOUT)
            .expect("the gateway says where it listens");
        gateway
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // This fails only if the process has ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads the log to its end, so that the gateway never blocks on a full pipe.
fn address_in(log: ChildStderr) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            let address = line
                .split_once(r#"msg="gateway is listening" address="#)
                .and_then(|(_, rest)| rest.split_whitespace().next());
            if let Some(address) = address {
                // The receiver is gone after the timeout.
                let _ = sender.send(address.to_owned());
            }
        }
    });
    receiver
}

/// Runs a program that a variable of the environment names, and bounds its time.
pub async fn run(variable: &str, args: &[&str]) -> Output {
    let mut command = Command::new(path(variable));
    command.args(args).stdin(Stdio::null());
    let run = tokio::task::spawn_blocking(move || command.output());
    let outcome = bounded(run).await;
    let output = outcome.expect("the program does not panic");
    output.expect("run the program")
}

fn path(variable: &str) -> String {
    env::var(variable).unwrap_or_else(|_| panic!("set {variable} to a path, as make test does"))
}

/// Fails a test that hangs.
pub async fn bounded<F: Future>(test: F) -> F::Output {
    let outcome = tokio::time::timeout(TIMEOUT, test).await;
    outcome.expect("the test ends in time")
}
