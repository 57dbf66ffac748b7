use std::time::Duration;

use codetable_proto::codetable::v1::RetryAction;
use prost_types::Any;
use tonic::Code;
use tonic_types::pb;

use crate::made::{pack, retry_info};
use crate::window::whole_seconds;
use crate::wire::{MAX_SAME_REQUEST_DELAY, REQUEST_INFO, retry_delay};

/// The least delay of a mask that means a calendar window. By
/// [`MAX_SAME_REQUEST_DELAY`] clients tell it from a delay of the same request.
const MIN_WINDOW_DELAY: Duration = Duration::from_secs(61);

/// The characters of a request id: 5 bits each.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Retry advice, as far as what is sent depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Advice {
    pub action: RetryAction,
    pub delay: Duration,
}

/// How a caller can wait, ordered by strictness.
#[derive(PartialEq, PartialOrd)]
enum Wait {
    SameRequest,
    Window,
    Useless,
}

impl Advice {
    fn wait(self) -> Wait {
        match self.action {
            RetryAction::SameRequest => Wait::SameRequest,
            RetryAction::NextWindow => Wait::Window,
            _ => Wait::Useless,
        }
    }

    /// Returns advice that suits both errors: a retry is advised only if it can help
    /// both.
    pub(crate) fn and(self, other: Self) -> Self {
        let action = if other.wait() > self.wait() {
            other.action
        } else {
            self.action
        };
        Self {
            action,
            delay: self.delay.max(other.delay),
        }
    }

    /// Returns the value of the trailer `grpc-retry-pushback-ms`. A negative one
    /// forbids the retry. Implementations parse 32 bits.
    pub(crate) fn pushback(self) -> i32 {
        if self.action != RetryAction::SameRequest {
            return -1;
        }
        self.delay
            .as_nanos()
            .div_ceil(1_000_000)
            .try_into()
            .unwrap_or(i32::MAX)
    }
}

/// A status that does not explain an error.
pub(crate) struct Redacted {
    pub status: pb::Status,
    pub request_id: String,
    pub advice: Advice,
}

/// Returns the status of a masked error. It reveals only whether waiting helps and
/// for how long, in whole seconds.
pub(crate) fn mask(mut advice: Advice, id: String) -> Redacted {
    advice.delay = whole_seconds(advice.delay);
    if advice.wait() == Wait::SameRequest && advice.delay > MAX_SAME_REQUEST_DELAY {
        advice.action = RetryAction::NextWindow;
    }
    match advice.wait() {
        Wait::SameRequest => {}
        Wait::Window => advice.delay = advice.delay.max(MIN_WINDOW_DELAY),
        Wait::Useless => return opaque(id),
    }
    let mut masked = redacted(Code::Unavailable, advice, id);
    masked.status.details.push(retry_info(advice.delay));
    masked
}

/// Keeps the code and the `RetryInfo` of a status that the handler made. For
/// Unavailable the delay is that of a window at least, because the handler did not
/// state that the same request may be sent again.
pub(crate) fn redact(code: Code, details: &[Any], id: String) -> Redacted {
    let mut status = redacted(code, Advice::default(), id);
    if let Some(delay) = retry_delay(details).map(whole_seconds) {
        let least = if code == Code::Unavailable {
            MIN_WINDOW_DELAY
        } else {
            Duration::ZERO
        };
        status.status.details.push(retry_info(delay.max(least)));
    }
    status
}

/// Returns a status that reveals nothing of the error.
pub(crate) fn opaque(id: String) -> Redacted {
    redacted(Code::Internal, Advice::default(), id)
}

/// Returns a status with nothing but a code and a request id.
pub(crate) fn redacted(code: Code, advice: Advice, request_id: String) -> Redacted {
    let request = pb::RequestInfo {
        request_id: request_id.clone(),
        ..Default::default()
    };
    let status = pb::Status {
        code: code.into(),
        message: fixed_text(code).to_owned(),
        details: vec![pack(REQUEST_INFO, &request)],
    };
    Redacted {
        status,
        request_id,
        advice,
    }
}

fn fixed_text(code: Code) -> &'static str {
    match code {
        Code::Unavailable => "service temporarily unavailable",
        Code::Unimplemented => "not implemented",
        Code::DeadlineExceeded => "context deadline exceeded",
        _ => "internal error",
    }
}

/// Returns 26 characters from the operating system, which hold 130 random bits.
pub(crate) fn request_id() -> String {
    let mut random = [0; 26];
    // It fails on no system that tonic supports. The id is for the operator only.
    let _ = getrandom::fill(&mut random);
    let letter = |byte: u8| {
        ALPHABET
            .get(usize::from(byte % 32))
            .copied()
            .unwrap_or(b'A')
    };
    random.into_iter().map(letter).map(char::from).collect()
}

/// Returns whether a code stands for an HTTP 5xx (google/rpc/code.proto).
pub(crate) fn blames_server(code: Code) -> bool {
    use Code::{DataLoss, DeadlineExceeded, Internal, Unavailable, Unimplemented, Unknown};
    matches!(
        code,
        Unknown | Internal | DataLoss | Unimplemented | Unavailable | DeadlineExceeded
    )
}
