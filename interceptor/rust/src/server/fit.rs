use prost::Message;
use prost_types::Any;
use tonic::Code;
use tonic_types::pb::{self, RetryInfo};

use super::info::{CodeInfo, size_with_length};
use crate::made::{name, retry_info};
use crate::table::Tables;
use crate::text::{cut_message, encoded_len};
use crate::wire::{self, RETRY_INFO};

/// The longest value of a metadata entry in a status that is too large, in bytes.
const MAX_VALUE: usize = 1 << 10;

/// What [`fit`] did.
pub(crate) struct Fitted {
    pub changed: bool,
    /// The names of the removed parts, each once.
    pub shed: Vec<String>,
}

/// Changes a status so that it can be sent: a message that is not empty, and a size
/// within the budget. It drops the details that matter least to the caller first,
/// then the largest entries of the metadata.
pub(crate) fn fit(tables: &Tables, status: &mut pb::Status, budget: usize) -> Fitted {
    let unnamed = status.message.is_empty();
    if unnamed {
        status.message = code_name(Code::from_i32(status.code));
    }
    if fits(status, budget) {
        return Fitted {
            changed: unnamed,
            shed: Vec::new(),
        };
    }
    let mut shed = Vec::new();
    let short = cut_message(&status.message, message_share(budget));
    if short.len() < status.message.len() {
        status.message = short.to_owned();
        shed.push("message".to_owned());
    }
    let mut info = CodeInfo::new(tables, &status.details);
    info.cut(&mut status.details, MAX_VALUE);
    let over = status.encoded_len().saturating_sub(budget);
    shed.extend(drop_details(&mut status.details, &mut info.at, over));
    let over = status.encoded_len().saturating_sub(budget);
    if over > 0 {
        info.drop(&mut status.details, over);
    }
    if info.is_cut {
        shed.push("metadata".to_owned());
    }
    Fitted {
        changed: true,
        shed: unique(shed),
    }
}

/// Returns whether the status is within the budget, and whether the headers
/// grpc-message and grpc-status-details-bin (base64, only if there are details) are
/// within their shares.
fn fits(status: &pb::Status, budget: usize) -> bool {
    let size = status.encoded_len();
    let details = if status.details.is_empty() {
        0
    } else {
        base64_len(size)
    };
    let header = encoded_len(&status.message) + details;
    size <= budget && header <= base64_len(budget) + message_share(budget)
}

/// Returns the size that grpc-message may have in addition to the budget: 1 KiB for
/// the default budget.
fn message_share(budget: usize) -> usize {
    budget / 4
}

fn base64_len(size: usize) -> usize {
    size.div_ceil(3) * 4
}

/// Drops details until `over` bytes are removed: those that matter least to the
/// caller first, and among these the last one. Keeps the `ErrorInfo` of the code and
/// the first `RetryInfo`.
fn drop_details(
    details: &mut Vec<Any>,
    carrier: &mut Option<usize>,
    mut over: usize,
) -> Vec<String> {
    let retry = details.iter_mut().position(strip_retry_info);
    let mut order: Vec<_> = details.iter().enumerate().rev().collect();
    order.sort_by_key(|(_, detail)| rank(detail)); // stable
    let (mut gone, mut shed) = (Vec::new(), Vec::new());
    for (at, detail) in order {
        if over == 0 {
            break;
        }
        if Some(at) != retry && Some(at) != *carrier {
            over = over.saturating_sub(1 + size_with_length(detail.encoded_len()));
            gone.push(at);
            shed.push(full_name(detail).unwrap_or("detail").to_owned());
        }
    }
    *carrier = carrier.map(|at| at - gone.iter().filter(|other| **other < at).count());
    let mut at = 0..;
    details.retain(|_| at.next().is_some_and(|at| !gone.contains(&at)));
    shed
}

/// Returns how much a detail matters to the caller.
fn rank(detail: &Any) -> u8 {
    let Some(standard) = full_name(detail).and_then(|name| name.strip_prefix("google.rpc.")) else {
        return 0;
    };
    match standard {
        "Help" | "DebugInfo" | "ErrorInfo" => 1,
        "LocalizedMessage" => 2,
        "RequestInfo" => 4,
        nested if nested.contains('.') => 0,
        _ => 3,
    }
}

/// Removes everything but the delay from a `RetryInfo`, so that it is small enough to
/// keep. Returns false for any other detail.
fn strip_retry_info(detail: &mut Any) -> bool {
    let readable =
        wire::is(detail, RETRY_INFO) && RetryInfo::decode(detail.value.as_slice()).is_ok();
    if readable {
        let delay = wire::retry_delay(std::slice::from_ref(detail));
        *detail = retry_info(delay.unwrap_or_default());
    }
    readable
}

/// Returns the name of the message, if the type URL has a valid one.
fn full_name(detail: &Any) -> Option<&str> {
    let name = name(&detail.type_url);
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let valid = |part: &str| {
        part.starts_with(|c: char| is_word(c) && !c.is_ascii_digit()) && part.chars().all(is_word)
    };
    name.split('.').all(valid).then_some(name)
}

fn unique(mut names: Vec<String>) -> Vec<String> {
    let mut seen = Vec::new();
    names.retain(|name| {
        let new = !seen.contains(name);
        seen.push(name.clone());
        new
    });
    names
}

/// Returns the name of a code in the API of grpc-go.
fn code_name(code: Code) -> String {
    match code {
        Code::Cancelled => "Canceled".to_owned(),
        code => format!("{code:?}"),
    }
}
