//! A gateway process on a free port. It ends with the test.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use codetable_jverification::jiguang::jverification::v1::verification_service_client::VerificationServiceClient;
use tonic::transport::{Channel, Endpoint};

const TIMEOUT: Duration = Duration::from_secs(20);

pub struct Gateway {
    process: Child,
    pub address: String,
}

impl Gateway {
    pub fn start() -> Self {
        let binary = env::var_os("CODETABLE_GATEWAY")
            .expect("set CODETABLE_GATEWAY to the path of the gateway, as make test does");
        let mut process = Command::new(binary)
            .args(["-simulate", "-internal", "-addr", "127.0.0.1:0"])
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

    pub async fn client(&self) -> VerificationServiceClient<Channel> {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.address));
        let channel = endpoint
            .expect("the address is valid")
            .connect_timeout(TIMEOUT)
            .connect()
            .await;
        VerificationServiceClient::new(channel.expect("the gateway accepts connections"))
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

/// Fails a test that hangs.
pub async fn bounded<F: Future>(test: F) -> F::Output {
    let outcome = tokio::time::timeout(TIMEOUT, test).await;
    outcome.expect("the test ends in time")
}
