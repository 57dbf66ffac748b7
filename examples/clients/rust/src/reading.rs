use std::collections::HashMap;
use std::time::Duration;

use codetable_jverification::codetable::v1::retry::After;
use codetable_jverification::codetable::v1::{self as options, CalendarWindow, Fault, RetryAction};
use codetable_jverification::jiguang::jverification::v1::ResponseCode;
use prost::Message;
use prost_types::Any;
use tonic::{Code, Status};
use tonic_types::pb::{self, ErrorInfo, LocalizedMessage, RetryInfo};

use crate::CodeTable;
use crate::locale::sentence_for;

const CODE_KEY: &str = "code";
const UNRECOGNIZED: &str = "UNRECOGNIZED_CODE";
/// The longest reason that AIP-193 allows, in bytes.
const MAX_REASON: usize = 63;

/// What a failed call says. Text for developers is in the status itself.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reading {
    /// Whether the code is one of this table. If not, the rest is as the server
    /// sent it.
    pub known: bool,
    /// The number, which the table need not list: the upstream adds codes. A known
    /// code that came with neither a number nor a listed reason has one that the
    /// table does not list.
    pub code: Option<i32>,
    /// Name of the code: that of the table, or as it was sent if the table does
    /// not list the code. `UNRECOGNIZED_CODE` for one without a name.
    pub reason: String,
    /// The service that the code comes from.
    pub domain: String,
    /// Who must act.
    pub fault: Fault,
    /// Whether and when to call again.
    pub retry: Retry,
    /// What else the server tells, such as the upstream's serial under `id`.
    pub metadata: HashMap<String, String>,
    /// The server's own sentence, where the table has none for the code.
    sentence: Option<String>,
    sentences: HashMap<String, String>,
    default_locale: String,
}

/// Advice on repeating a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// What has to happen first.
    pub action: RetryAction,
    /// How long to wait at least.
    pub delay: Duration,
    /// The calendar window that has to end, for `RetryAction::NextWindow`.
    pub window: CalendarWindow,
}

impl Reading {
    /// Returns the code to switch on. `None` means that the table does not list
    /// it, or that it is not of this table.
    #[must_use]
    pub fn response_code(&self) -> Option<ResponseCode> {
        let number = self.code.filter(|_| self.known)?;
        ResponseCode::try_from(number).ok()
    }

    /// Returns a sentence that an end user may see, in the language that the BCP
    /// 47 tag `locale` names, or in the default one where the table lacks that. The
    /// server's own sentence comes in the language that the call asked for with
    /// `accept-language`.
    #[must_use]
    pub fn user_message(&self, locale: &str) -> Option<&str> {
        let own = self.sentence.as_deref();
        let default = || Some(self.sentences.get(&self.default_locale)?.as_str());
        own.or_else(|| sentence_for(&self.sentences, locale))
            .or_else(default)
    }
}

impl CodeTable {
    /// Reads the first `ErrorInfo` that this table knows, otherwise the first
    /// one at all. `None` means that the status is OK or has none. Details that
    /// are malformed are passed over, so that they hide no other.
    #[must_use]
    pub fn read(&self, status: &Status) -> Option<Reading> {
        if status.code() == Code::Ok {
            return None;
        }
        let details = pb::Status::decode(status.details()).ok()?.details;
        let mut first = None;
        for info in messages::<ErrorInfo>(&details, "/google.rpc.ErrorInfo") {
            if let Some(number) = self.number(&info) {
                return Some(self.known(number, info, &details));
            }
            first.get_or_insert(info);
        }
        first.map(|info| self.unknown(info, &details))
    }

    /// Trusts the domain, then the number, then the reason. What says neither is a
    /// code that the table does not list. A failed call is never read as a success.
    fn number(&self, info: &ErrorInfo) -> Option<i32> {
        if info.domain != self.options.domain {
            return None;
        }
        let number = stated_number(info)
            .or_else(|| self.numbers.get(&info.reason).copied())
            .unwrap_or(self.absent);
        (!self.is_success(number)).then_some(number)
    }

    fn known(&self, number: i32, info: ErrorInfo, details: &[Any]) -> Reading {
        let entry = self.entries.get(&number);
        let meaning = entry.map(|entry| &entry.meaning);
        let numbered = entry.is_some() || stated_number(&info).is_some();
        let mut metadata = info.metadata;
        metadata.remove(CODE_KEY);
        if numbered {
            metadata.insert(CODE_KEY.to_owned(), number.to_string());
        }
        Reading {
            known: true,
            code: Some(number),
            reason: entry.map_or_else(|| sent_reason(info.reason), |entry| entry.reason.clone()),
            domain: info.domain,
            fault: meaning.map_or(Fault::Unspecified, options::Code::fault),
            retry: retry(meaning.and_then(|code| code.retry.as_ref()), details),
            metadata,
            sentence: sent_sentence(details).filter(|_| entry.is_none()),
            sentences: sentences(&self.options, meaning),
            default_locale: self.options.default_locale.clone(),
        }
    }

    fn unknown(&self, info: ErrorInfo, details: &[Any]) -> Reading {
        Reading {
            known: false,
            // Under the domain of the table it would be one that was refused.
            code: stated_number(&info).filter(|_| info.domain != self.options.domain),
            reason: info.reason,
            domain: info.domain,
            fault: Fault::Unspecified,
            retry: retry(None, details),
            metadata: info.metadata,
            sentence: sent_sentence(details),
            sentences: HashMap::new(),
            default_locale: String::new(),
        }
    }
}

/// `i32::from_str` alone takes a plus sign, which no writer sends.
fn stated_number(info: &ErrorInfo) -> Option<i32> {
    let digits = info.metadata.get(CODE_KEY)?;
    digits.parse().ok().filter(|_| !digits.starts_with('+'))
}

/// In each language the sentence of the code, otherwise that of the table.
fn sentences(table: &options::Table, meaning: Option<&options::Code>) -> HashMap<String, String> {
    let mut sentences = table.default_user_messages.clone();
    if let Some(code) = meaning {
        sentences.extend(code.user_messages.clone());
    }
    sentences
}

/// The name that a later table has for a code.
fn sent_reason(mut reason: String) -> String {
    while reason.len() > MAX_REASON {
        reason.pop();
    }
    if reason.is_empty() {
        UNRECOGNIZED.clone_into(&mut reason);
    }
    reason
}

/// Every detail of one type, where `tonic_types::StatusExt` gives the first with
/// one spelling of the type URL. Which `ErrorInfo` counts is for the table to say.
fn messages<M: Message + Default>(details: &[Any], name: &str) -> impl Iterator<Item = M> {
    let wanted = details
        .iter()
        .filter(move |any| any.type_url.ends_with(name));
    wanted.filter_map(|any| M::decode(any.value.as_slice()).ok())
}

fn sent_sentence(details: &[Any]) -> Option<String> {
    let mut sent = messages::<LocalizedMessage>(details, "/google.rpc.LocalizedMessage");
    sent.next().map(|localized| localized.message)
}

/// The delay of the server counts before that of the table: it knows the time
/// that is left of a window.
fn retry(advice: Option<&options::Retry>, details: &[Any]) -> Retry {
    let (delay, window) = match advice.and_then(|advice| advice.after) {
        Some(After::Delay(delay)) => (Some(delay), CalendarWindow::Unspecified),
        Some(After::Window(window)) => (None, window.try_into().unwrap_or_default()),
        None => (None, CalendarWindow::Unspecified),
    };
    let sent = messages::<RetryInfo>(details, "/google.rpc.RetryInfo").next();
    Retry {
        action: advice.map_or(RetryAction::Unspecified, options::Retry::action),
        delay: sent
            .map_or(delay, |info| info.retry_delay)
            .map_or(Duration::ZERO, saturate),
        window,
    }
}

/// The conversion that prost offers overflows on `i64::MIN` seconds. Like Go,
/// this one ends at the nanoseconds of an `i64`.
fn saturate(delay: prost_types::Duration) -> Duration {
    let nanos = i128::from(delay.seconds) * 1_000_000_000 + i128::from(delay.nanos);
    let nanos = nanos.clamp(0, i64::MAX.into());
    Duration::from_nanos(nanos.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_of_the_table_stands_in_for_each_language_that_a_code_lacks() {
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
        assert_eq!(sentences(&table, Some(&code)), want);
        assert_eq!(sentences(&table, None), table.default_user_messages);
    }

    /// No code of this table has the action; another table may.
    #[test]
    fn an_outcome_that_has_to_be_asked_for_is_advice_like_the_others() {
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
