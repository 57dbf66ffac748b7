//! The parts of `google.rpc.Status` that carry a code.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use prost_types::Any;
use tonic::Code;
use tonic_types::pb;

use crate::table::{Entry, Table, Tables};

/// The key of the number in `ErrorInfo.metadata`. It is wire contract.
pub(crate) const CODE_KEY: &str = "code";
/// The longest reason that AIP-193 allows, in bytes.
pub(crate) const MAX_REASON: usize = 63;
/// The longest delay of a masked error after which the same request may be sent
/// again. A longer delay means a calendar window.
pub(crate) const MAX_SAME_REQUEST_DELAY: Duration = Duration::from_secs(60);

pub(crate) const ERROR_INFO: &str = "google.rpc.ErrorInfo";
pub(crate) const RETRY_INFO: &str = "google.rpc.RetryInfo";
pub(crate) const LOCALIZED_MESSAGE: &str = "google.rpc.LocalizedMessage";
pub(crate) const REQUEST_INFO: &str = "google.rpc.RequestInfo";

/// A `google.rpc.ErrorInfo` whose metadata keeps its order.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Info {
    #[prost(string, tag = "1")]
    pub reason: String,
    #[prost(string, tag = "2")]
    pub domain: String,
    #[prost(message, repeated, tag = "3")]
    pub metadata: Vec<Pair>,
}

/// An entry of the metadata. Both fields are always written.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Pair {
    #[prost(string, optional, tag = "1")]
    pub key: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub value: Option<String>,
}

impl Info {
    /// Returns the number that was sent. A plus sign is not part of the contract.
    pub(crate) fn number(&self) -> Option<i32> {
        let digits = self.sent_code()?;
        digits.parse().ok().filter(|_| !digits.starts_with('+'))
    }

    pub(crate) fn sent_code(&self) -> Option<&str> {
        let mut last_first = self.metadata.iter().rev();
        let code = last_first.find(|pair| pair.key() == CODE_KEY)?;
        Some(code.value())
    }

    /// Returns the metadata. The last value of a key is used.
    pub(crate) fn pairs(&self) -> BTreeMap<String, String> {
        let pairs = self.metadata.iter();
        pairs
            .map(|pair| (pair.key().to_owned(), pair.value().to_owned()))
            .collect()
    }
}

/// The code of a table that an `ErrorInfo` names.
pub(crate) struct Named<'a> {
    pub table: &'a Arc<Table>,
    pub number: i32,
    /// Whether the number was sent.
    pub numbered: bool,
    info: &'a Info,
}

impl<'a> Named<'a> {
    /// Uses the number, or else the reason. Returns `None` if no table has the domain.
    pub(crate) fn of(tables: &'a Tables, info: &'a Info) -> Option<Self> {
        let table = tables.find(&info.domain)?;
        let by_reason = || table.numbers.get(&info.reason).copied();
        let sent = info.number();
        Some(Self {
            number: sent.or_else(by_reason).unwrap_or(table.absent),
            numbered: sent.is_some(),
            table,
            info,
        })
    }

    pub(crate) fn entry(&self) -> &'a Entry {
        self.table.entry(self.number)
    }

    /// Returns false for a success, which a failed status must not name, and if the
    /// `ErrorInfo` names no code at all.
    pub(crate) fn failing(&self) -> bool {
        let named = self.entry().listed || self.numbered || !self.info.reason.is_empty();
        self.entry().grpc_code != Code::Ok && named
    }

    /// Returns whether the number and the reason contradict each other, or neither
    /// identifies a code.
    #[cfg(feature = "server")]
    pub(crate) fn ambiguous(&self) -> bool {
        let listed = self.entry().listed;
        if !self.numbered && (!listed || self.info.sent_code().is_some_and(|code| !code.is_empty()))
        {
            return true;
        }
        let reason = &self.info.reason;
        listed && !reason.is_empty() && self.table.numbers.get(reason) != Some(&self.number)
    }
}

/// Returns whether a detail is a message with a full name.
pub(crate) fn is(detail: &Any, name: &str) -> bool {
    let prefix = detail.type_url.strip_suffix(name);
    prefix.is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('/'))
}

/// Returns the readable details with a full name.
pub(crate) fn all<'a, M: Message + Default>(
    details: &'a [Any],
    name: &'a str,
) -> impl Iterator<Item = M> + 'a {
    let wanted = details.iter().filter(move |detail| is(detail, name));
    wanted.filter_map(|detail| M::decode(detail.value.as_slice()).ok())
}

pub(crate) fn first<M: Message + Default>(details: &[Any], name: &str) -> Option<M> {
    all(details, name).next()
}

/// Returns the delay of the first `RetryInfo`.
pub(crate) fn retry_delay(details: &[Any]) -> Option<Duration> {
    let sent: pb::RetryInfo = first(details, RETRY_INFO)?;
    Some(sent.retry_delay.map_or(Duration::ZERO, saturate))
}

/// The conversion of prost overflows at `i64::MIN` seconds. Like Go, this one saturates
/// at the nanoseconds of an `i64`.
pub(crate) fn saturate(delay: prost_types::Duration) -> Duration {
    let nanos = i128::from(delay.seconds) * 1_000_000_000 + i128::from(delay.nanos);
    let nanos = nanos.clamp(0, i64::MAX.into());
    Duration::from_nanos(nanos.try_into().unwrap_or_default())
}

/// Shortens a text to at most `limit` bytes, at a character boundary.
pub(crate) fn cut(text: &str, limit: usize) -> &str {
    let end = (0..=limit.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_a_character() {
        for (limit, want) in [
            (0, ""),
            (2, ""),
            (3, "验"),
            (5, "验"),
            (6, "验证"),
            (9, "验证"),
        ] {
            assert_eq!(cut("验证", limit), want, "{limit}");
        }
    }
}
