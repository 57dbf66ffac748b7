use std::error::Error;

use bytes::Bytes;
use prost::Message;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};
use tonic_types::pb::{self, LocalizedMessage};

use super::mask::Advice;
use super::sent::Sent;
use crate::CodeError;
use crate::error::Origin;
use crate::locale::Messages;
use crate::made::pack;
use crate::wire::{self, LOCALIZED_MESSAGE};

/// What is sent of an error.
pub(crate) struct Decision {
    pub status: pb::Status,
    /// The serialized status if it was received and is sent unchanged.
    pub raw: Option<Bytes>,
    pub metadata: MetadataMap,
    pub advice: Advice,
    pub request_id: Option<String>,
    pub code: Option<CodeError>,
    pub masked: bool,
}

/// Returns the error that a status of this crate, or a bare error in a status of
/// tonic, was made of.
pub(crate) fn inner<'a>(
    error: &'a (dyn Error + 'static),
    id: String,
) -> (&'a (dyn Error + 'static), String) {
    let Some(status) = error.downcast_ref::<Status>() else {
        return (error, id);
    };
    let Some(source) = status.source() else {
        return (error, id);
    };
    if let Some(sent) = source.downcast_ref::<Sent>() {
        let (error, id) = (sent.origin.as_ref(), sent.request_id.clone().unwrap_or(id));
        return inner(error, id);
    }
    // Status::from_error publishes the text of an error.
    let bare = status.code() == Code::Unknown
        && status.details().is_empty()
        && status.message() == source.to_string();
    (if bare { source } else { error }, id)
}

pub(crate) fn coded(code: CodeError, locale: &str) -> Decision {
    let (mut status, raw) = match &code.content.origin {
        Origin::Made(_) => (code.made(), None),
        Origin::Received(status) => (
            parse(status),
            Some(Bytes::copy_from_slice(status.details())),
        ),
    };
    let added = code
        .entry()
        .is_some_and(|entry| localize(&mut status, &entry.messages, locale));
    let retry = code.retry();
    Decision {
        status,
        raw: raw.filter(|_| !added),
        metadata: MetadataMap::new(),
        advice: Advice {
            action: retry.action,
            delay: code.delay(),
        },
        request_id: None,
        code: Some(code),
        masked: false,
    }
}

/// Returns a status without a code, with the trailers of the handler.
pub(crate) fn own(status: &Status, received: bool) -> Decision {
    Decision {
        status: parse(status),
        raw: Some(Bytes::copy_from_slice(status.details())),
        metadata: if received {
            MetadataMap::new()
        } else {
            status.metadata().clone()
        },
        advice: Advice::default(),
        request_id: None,
        code: None,
        masked: false,
    }
}

fn parse(status: &Status) -> pb::Status {
    pb::Status {
        code: status.code().into(),
        message: status.message().to_owned(),
        details: pb::Status::decode(status.details())
            .unwrap_or_default()
            .details,
    }
}

/// Adds the sentence for the end user unless there is one.
pub(crate) fn localize(status: &mut pb::Status, messages: &Messages, locale: &str) -> bool {
    let sent = status
        .details
        .iter()
        .any(|detail| wire::is(detail, LOCALIZED_MESSAGE));
    let Some((tag, text)) = messages
        .accept(locale)
        .filter(|_| !sent && !locale.is_empty())
    else {
        return false;
    };
    let (locale, message) = (tag.to_owned(), text.to_owned());
    status.details.push(pack(
        LOCALIZED_MESSAGE,
        &LocalizedMessage { locale, message },
    ));
    true
}
