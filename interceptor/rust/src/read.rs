use std::sync::Arc;
use std::time::Duration;

use codetable_proto::codetable::v1::RetryAction;
use prost::Message;
use prost_types::Any;
use tonic::{Code, Status};
use tonic_types::pb::{self, LocalizedMessage, RequestInfo};

use crate::CodeError;
use crate::error::{Content, Origin};
use crate::locale::Messages;
use crate::table::{Tables, UNRECOGNIZED};
use crate::wire::{
    self, CODE_KEY, ERROR_INFO, Info, LOCALIZED_MESSAGE, MAX_REASON, Named, REQUEST_INFO,
};

/// Reads the first `ErrorInfo` that names a failing code of a table, else the first
/// one, else a masked error.
pub(crate) fn read(tables: &Tables, status: &Status) -> Option<CodeError> {
    let details = details(status)?;
    let infos: Vec<Info> = wire::all(&details, ERROR_INFO).collect();
    let named = infos.iter().find_map(|info| {
        let named = Named::of(tables, info).filter(Named::failing)?;
        Some(known(&named, info, &details))
    });
    let mut content = named
        .or_else(|| infos.first().map(|info| unknown(tables, info, &details)))
        .or_else(|| masked(status.code(), &details))?;
    content.after = wire::retry_delay(&details);
    content.request_id = request_id(&details);
    status.message().clone_into(&mut content.message);
    content.origin = Origin::Received(status.clone());
    Some(CodeError {
        content: Box::new(content),
    })
}

/// Returns the details of a failed call. Malformed ones, and those that contradict
/// the code of the status, are `None`.
pub(crate) fn details(status: &Status) -> Option<Vec<Any>> {
    let sent = pb::Status::decode(status.details()).ok()?;
    let agrees = status.code() != Code::Ok && sent.code == i32::from(status.code());
    agrees.then_some(sent.details)
}

pub(crate) fn request_id(details: &[Any]) -> Option<String> {
    let request: RequestInfo = wire::first(details, REQUEST_INFO)?;
    Some(request.request_id)
}

fn known(named: &Named<'_>, info: &Info, details: &[Any]) -> Content {
    let entry = named.entry();
    let mut metadata = info.pairs();
    metadata.remove(CODE_KEY);
    if entry.listed || named.numbered {
        metadata.insert(CODE_KEY.to_owned(), named.number.to_string());
    }
    let mut messages = entry.messages.clone();
    let sent = localized(details).filter(|_| !entry.listed);
    if let Some(sent) = &sent {
        messages.insert(&sent.locale, &sent.message);
    }
    Content {
        table: Some(Arc::clone(named.table)),
        number: Some(named.number),
        reason: if entry.listed {
            entry.reason.clone()
        } else {
            sent_reason(info)
        },
        domain: named.table.domain.clone(),
        metadata,
        messages,
        sent: sent.map(|sent| sent.message),
        ..Content::default()
    }
}

fn unknown(tables: &Tables, info: &Info, details: &[Any]) -> Content {
    Content {
        // In the domain of a table the number is a success, which was refused.
        number: info
            .number()
            .filter(|_| tables.find(&info.domain).is_none()),
        reason: info.reason.clone(),
        domain: info.domain.clone(),
        metadata: info.pairs(),
        messages: Messages::default(),
        sent: localized(details).map(|sent| sent.message),
        ..Content::default()
    }
}

/// Returns the part of a hidden error that a client can read: a `RequestInfo`
/// without any `ErrorInfo`.
pub(crate) fn masked(code: Code, details: &[Any]) -> Option<Content> {
    let has = |name| details.iter().any(|detail| wire::is(detail, name));
    (has(REQUEST_INFO) && !has(ERROR_INFO)).then(|| Content {
        masked: true,
        action: masked_action(code, wire::retry_delay(details)),
        sent: localized(details).map(|sent| sent.message),
        ..Content::default()
    })
}

fn masked_action(code: Code, delay: Option<Duration>) -> RetryAction {
    match delay {
        Some(delay) if code == Code::Unavailable && delay <= wire::MAX_SAME_REQUEST_DELAY => {
            RetryAction::SameRequest
        }
        Some(_) if code == Code::Unavailable => RetryAction::NextWindow,
        _ => RetryAction::Unspecified,
    }
}

/// Returns the reason that a newer table has for the code.
fn sent_reason(info: &Info) -> String {
    let reason = match info.reason.as_str() {
        "" => UNRECOGNIZED,
        reason => reason,
    };
    wire::cut(reason, MAX_REASON).to_owned()
}

fn localized(details: &[Any]) -> Option<LocalizedMessage> {
    let sent: LocalizedMessage = wire::first(details, LOCALIZED_MESSAGE)?;
    (!sent.message.is_empty()).then_some(sent)
}
