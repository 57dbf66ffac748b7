use std::collections::HashMap;
use std::time::Duration;

use codetable_jverification::codetable::v1::retry::After;
use codetable_jverification::codetable::v1::{self as options, CalendarWindow, Fault, RetryAction};
use codetable_jverification::jiguang::jverification::v1::ResponseCode;
use prost::Message;
use prost_types::Any;
use tonic::{Code, Status};
use tonic_types::pb::{self, ErrorInfo, LocalizedMessage, RetryInfo};

use crate::code_table::{CodeTable, UNRECOGNIZED};
use crate::locale::message_for;

const CODE_KEY: &str = "code";
/// The longest reason that AIP-193 allows, in bytes.
const MAX_REASON: usize = 63;

/// What a failed call says. The text for developers is in the status.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CodeError {
    /// Whether the code is one of this table's domain. If not, the rest is as it was
    /// sent.
    pub known: bool,
    /// The number of the code. A known code without a number and without a listed
    /// reason has an unlisted number.
    pub number: Option<i32>,
    /// The name of the code: the table's, or the sent one if the table does not list
    /// the code.
    pub reason: String,
    /// The service that defines the code.
    pub domain: String,
    /// Who must act before the call can succeed.
    pub fault: Fault,
    /// Whether and when the call may be repeated.
    pub retry: Retry,
    /// What the server added, such as `id`; and `code`, the number of a known code.
    pub metadata: HashMap<String, String>,
    /// The server's message, for a code that the table does not list.
    sent_message: Option<String>,
    messages: HashMap<String, String>,
    default_locale: String,
}

/// Advice on repeating a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// What has to happen first. `Unspecified` means: do not repeat the call.
    pub action: RetryAction,
    /// The time to wait at least.
    pub delay: Duration,
    /// The calendar window that has to end first, if `action` is `NextWindow`.
    pub window: CalendarWindow,
}

impl CodeError {
    /// Returns the code to switch on. `None` means that the table does not list it.
    #[must_use]
    pub fn code(&self) -> Option<ResponseCode> {
        let number = self.number.filter(|_| self.known)?;
        ResponseCode::try_from(number).ok()
    }

    /// Returns the message for the end user in the language of a BCP 47 tag, else in
    /// the closest or the default language of the table. For a code that is newer
    /// than this table, it is the server's message.
    #[must_use]
    pub fn user_message(&self, locale: &str) -> Option<&str> {
        let sent = self.sent_message.as_deref();
        let default = || Some(self.messages.get(&self.default_locale)?.as_str());
        sent.or_else(|| message_for(&self.messages, locale))
            .or_else(default)
    }
}

impl CodeTable {
    /// Reads the first `ErrorInfo` that this table knows, else the first one. `None`
    /// means that the status is OK or has none. Malformed details are ignored.
    #[must_use]
    pub fn read(&self, status: &Status) -> Option<CodeError> {
        if status.code() == Code::Ok {
            return None;
        }
        let details = pb::Status::decode(status.details()).ok()?.details;
        let mut first = None;
        for info in unpack::<ErrorInfo>(&details, "/google.rpc.ErrorInfo") {
            if let Some(number) = self.number(&info) {
                return Some(self.known(number, info, &details));
            }
            first.get_or_insert(info);
        }
        first.map(|info| self.unknown(info, &details))
    }

    /// Trusts the domain, then the number, then the reason. Without a number and a
    /// listed reason the code is an unlisted one. Returns `None` for a success, since
    /// the call failed.
    fn number(&self, info: &ErrorInfo) -> Option<i32> {
        if info.domain != self.options.domain {
            return None;
        }
        let number = stated_number(info)
            .or_else(|| self.numbers.get(&info.reason).copied())
            .unwrap_or(self.absent);
        (!self.is_success(number)).then_some(number)
    }

    fn known(&self, number: i32, info: ErrorInfo, details: &[Any]) -> CodeError {
        let entry = self.entries.get(&number);
        let meaning = entry.map(|entry| &entry.meaning);
        let numbered = entry.is_some() || stated_number(&info).is_some();
        let mut metadata = info.metadata;
        metadata.remove(CODE_KEY);
        if numbered {
            metadata.insert(CODE_KEY.to_owned(), number.to_string());
        }
        CodeError {
            known: true,
            number: Some(number),
            reason: entry.map_or_else(|| sent_reason(info.reason), |entry| entry.reason.clone()),
            domain: info.domain,
            fault: meaning.map_or(Fault::Unspecified, options::Code::fault),
            retry: retry(meaning.and_then(|code| code.retry.as_ref()), details),
            metadata,
            sent_message: sent_message(details).filter(|_| entry.is_none()),
            messages: messages(&self.options, meaning),
            default_locale: self.options.default_locale.clone(),
        }
    }

    fn unknown(&self, info: ErrorInfo, details: &[Any]) -> CodeError {
        CodeError {
            known: false,
            // In this table's own domain the number is a success, which was refused.
            number: stated_number(&info).filter(|_| info.domain != self.options.domain),
            reason: info.reason,
            domain: info.domain,
            fault: Fault::Unspecified,
            retry: retry(None, details),
            metadata: info.metadata,
            sent_message: sent_message(details),
            messages: HashMap::new(),
            default_locale: String::new(),
        }
    }
}

/// `i32::from_str` accepts a plus sign, which is not part of the contract.
fn stated_number(info: &ErrorInfo) -> Option<i32> {
    let digits = info.metadata.get(CODE_KEY)?;
    digits.parse().ok().filter(|_| !digits.starts_with('+'))
}

/// Returns the code's message in each language, else the table's.
fn messages(table: &options::Table, meaning: Option<&options::Code>) -> HashMap<String, String> {
    let mut messages = table.default_user_messages.clone();
    if let Some(code) = meaning {
        messages.extend(code.user_messages.clone());
    }
    messages
}

/// Returns the reason that a newer table has for the code, cut at a character boundary.
fn sent_reason(mut reason: String) -> String {
    while reason.len() > MAX_REASON {
        reason.pop();
    }
    if reason.is_empty() {
        UNRECOGNIZED.clone_into(&mut reason);
    }
    reason
}

/// Returns every well-formed detail of one type. `tonic_types::StatusExt` returns only
/// the first.
fn unpack<M: Message + Default>(details: &[Any], name: &str) -> impl Iterator<Item = M> {
    let wanted = details
        .iter()
        .filter(move |any| any.type_url.ends_with(name));
    wanted.filter_map(|any| M::decode(any.value.as_slice()).ok())
}

fn sent_message(details: &[Any]) -> Option<String> {
    let mut sent = unpack::<LocalizedMessage>(details, "/google.rpc.LocalizedMessage");
    sent.next().map(|localized| localized.message)
}

/// The server's delay takes precedence: it knows when a window ends.
fn retry(advice: Option<&options::Retry>, details: &[Any]) -> Retry {
    let (delay, window) = match advice.and_then(|advice| advice.after) {
        Some(After::Delay(delay)) => (Some(delay), CalendarWindow::Unspecified),
        Some(After::Window(window)) => (None, window.try_into().unwrap_or_default()),
        None => (None, CalendarWindow::Unspecified),
    };
    let sent = unpack::<RetryInfo>(details, "/google.rpc.RetryInfo").next();
    Retry {
        action: advice.map_or(RetryAction::Unspecified, options::Retry::action),
        delay: sent
            .map_or(delay, |info| info.retry_delay)
            .map_or(Duration::ZERO, saturate),
        window,
    }
}

/// The conversion of prost overflows at `i64::MIN` seconds. Like Go, this one saturates
/// at the nanoseconds of an `i64`.
fn saturate(delay: prost_types::Duration) -> Duration {
    let nanos = i128::from(delay.seconds) * 1_000_000_000 + i128::from(delay.nanos);
    let nanos = nanos.clamp(0, i64::MAX.into());
    Duration::from_nanos(nanos.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_of_the_table_replaces_a_missing_one_in_each_language() {
        let tagged = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter();
            pairs
                .map(|&(tag, text)| (tag.into(), text.into()))
                .collect()
        };
        let table = options::Table {
            default_user_messages: tagged(&[("en", "Sorry."), ("zh-CN", "抱歉。")]),
            ..Default::default()
        };
        let code = options::Code {
            user_messages: tagged(&[("en", "Sold out.")]),
            ..Default::default()
        };
        let want = tagged(&[("en", "Sold out."), ("zh-CN", "抱歉。")]);
        assert_eq!(messages(&table, Some(&code)), want);
        assert_eq!(messages(&table, None), table.default_user_messages);
    }

    /// No code of this table has the action; another table may.
    #[test]
    fn an_unknown_outcome_has_advice_and_a_delay() {
        let advice = options::Retry {
            action: RetryAction::ConfirmOutcome.into(),
            after: Some(After::Delay(prost_types::Duration {
                seconds: 2,
                nanos: 0,
            })),
        };
        let got = retry(Some(&advice), &[]);
        assert_eq!(got.action, RetryAction::ConfirmOutcome);
        assert_eq!(got.delay, Duration::from_secs(2));
    }
}
