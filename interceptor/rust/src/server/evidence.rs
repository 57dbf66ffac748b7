use std::error::Error;

use codetable_proto::codetable::v1::{Fault, RetryAction};
use prost::Message;
use prost_types::Any;
use tonic::{Code, Status};
use tonic_types::pb;

use super::mask::Advice;
use crate::CodeError;
use crate::error::Origin;
use crate::mark::Received;
use crate::read;
use crate::table::Tables;
use crate::wire::{self, ERROR_INFO, Info, Named};

/// The number of errors that are examined, because a `source` may return its own
/// error.
const MAX_NODES: usize = 1 << 12;

/// The result of one walk through the chain of an error. For each field the first
/// finding is used.
#[derive(Default)]
pub(crate) struct Evidence {
    public: bool,
    tables: Tables,
    pub code: Option<CodeError>,
    decoded: Option<CodeError>,
    /// A status without a code.
    pub status: Option<Status>,
    /// Whether that status came from another server.
    pub received: bool,
    /// Advice that suits all errors that the public must not see.
    pub hidden: Option<Advice>,
}

impl Evidence {
    /// Walks through the chain of an error. Known are the tables of the server, and
    /// those of the codes in the chain.
    pub(crate) fn collect(error: &(dyn Error + 'static), tables: &Tables, public: bool) -> Self {
        let chain = std::iter::successors(Some(error), |error: &&(dyn Error + 'static)| {
            (*error).source()
        });
        let nodes: Vec<_> = chain.take(MAX_NODES + 1).collect();
        let mut found = Self {
            public,
            tables: tables.clone(),
            ..Self::default()
        };
        let own = nodes
            .iter()
            .filter_map(|node| node.downcast_ref::<CodeError>());
        found
            .tables
            .list
            .extend(own.filter_map(|error| error.content.table.clone()));
        let mut received = false;
        for node in nodes.iter().take(MAX_NODES) {
            received = received || is_mark(*node);
            if let Some(error) = node.downcast_ref::<CodeError>() {
                found.add_error(error);
            } else if let Some(status) = node.downcast_ref::<Status>() {
                // tonic puts the mark into the source of a copy of the status.
                found.add_status(status, received || status.source().is_some_and(is_mark));
            }
        }
        if nodes.len() > MAX_NODES {
            found.hide(Advice::default());
        }
        found.code = found.code.or(found.decoded.take());
        found
    }

    fn add_error(&mut self, error: &CodeError) {
        match &error.content.origin {
            Origin::Received(status) if !error.known() => return self.add_status(status, true),
            Origin::Received(status) => self.hide_infos(status),
            Origin::Made(_) => {}
        }
        self.hide_code(error);
        if self.code.is_none() {
            self.code = Some(error.clone());
        }
    }

    fn add_status(&mut self, status: &Status, received: bool) {
        if status.code() == Code::Ok {
            return; // it can't be the status of a failure
        }
        self.hide_infos(status);
        if let Some(error) = self.tables.read(status).filter(CodeError::known) {
            self.hide_code(&error);
            self.decoded.get_or_insert(error);
            return;
        }
        if received {
            self.hide(advice_of(status));
        }
        if self.status.is_none() {
            self.status = Some(status.clone());
            self.received = received;
        }
    }

    fn hide_code(&mut self, error: &CodeError) {
        if hidden_fault(error.fault()) {
            self.hide(Advice {
                action: error.retry().action,
                delay: error.delay(),
            });
        }
    }

    /// Hides a status with an `ErrorInfo` that the public must not see or that can't
    /// be identified.
    fn hide_infos(&mut self, status: &Status) {
        let Ok(message) = pb::Status::decode(status.details()) else {
            return self.hide(Advice::default());
        };
        for detail in message
            .details
            .iter()
            .filter(|detail| wire::is(detail, ERROR_INFO))
        {
            if let Some(advice) = self.hidden_info(detail, &message.details) {
                self.hide(advice);
            }
        }
    }

    fn hidden_info(&self, detail: &Any, details: &[Any]) -> Option<Advice> {
        let Ok(info) = Info::decode(detail.value.as_slice()) else {
            return Some(Advice::default());
        };
        let named = Named::of(&self.tables, &info)?;
        if !named.failing() || named.ambiguous() {
            return Some(Advice::default());
        }
        let error = CodeError::of(named.table, named.number);
        hidden_fault(error.fault()).then(|| Advice {
            action: error.retry().action,
            delay: wire::retry_delay(details).unwrap_or_else(|| error.delay()),
        })
    }

    /// Records an error that the public must not see.
    fn hide(&mut self, advice: Advice) {
        if self.public {
            self.hidden = Some(self.hidden.map_or(advice, |hidden| hidden.and(advice)));
        }
    }
}

/// Returns whether an error says that it came from another server.
fn is_mark(error: &(dyn Error + 'static)) -> bool {
    let code = error.downcast_ref::<CodeError>();
    let received = code.is_some_and(|code| matches!(code.content.origin, Origin::Received(_)));
    received || error.is::<Received>()
}

/// Returns whether the public must not see a fault. Unknown faults are hidden too.
fn hidden_fault(fault: Fault) -> bool {
    !matches!(fault, Fault::Caller | Fault::EndUser | Fault::Upstream)
}

/// Returns the retry advice of a status without a code. Only a mask states that the
/// same request may be sent again.
fn advice_of(status: &Status) -> Advice {
    let details = read::details(status).unwrap_or_default();
    let delay = wire::retry_delay(&details);
    let action = match read::masked(status.code(), &details) {
        Some(masked) => masked.action,
        None if delay.is_some() && status.code() == Code::Unavailable => RetryAction::NextWindow,
        None => return Advice::default(),
    };
    Advice {
        action,
        delay: delay.unwrap_or_default(),
    }
}
