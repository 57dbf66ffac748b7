use prost::Message;
use prost::encoding::encoded_len_varint;
use prost_types::Any;

use crate::made::pack;
use crate::table::Tables;
use crate::wire::{self, CODE_KEY, ERROR_INFO, Info, MAX_REASON, Named, Pair};

/// The longest DNS name, in bytes.
const MAX_DOMAIN: usize = 253;
const LONGEST_NUMBER: usize = "-2147483648".len();

/// The `ErrorInfo` of the code of a status: the one that a reader uses, or else the
/// first one.
#[derive(Default)]
pub(crate) struct CodeInfo {
    /// Its place among the details. `None` if there is none to keep.
    pub at: Option<usize>,
    reason: String,
    domain: String,
    code: String,
    metadata: Vec<(String, String)>,
    pub is_cut: bool,
}

impl CodeInfo {
    /// Never cuts the domain and the number, because a cut value would name another
    /// code. Drops the `ErrorInfo` of an unknown domain that is longer than a DNS
    /// name.
    pub(crate) fn new(tables: &Tables, details: &[Any]) -> Self {
        let infos = || {
            details
                .iter()
                .enumerate()
                .filter(|(_, detail)| wire::is(detail, ERROR_INFO))
        };
        let read = |detail: &Any| Info::decode(detail.value.as_slice()).ok();
        let coded = infos().find_map(|(at, detail)| {
            let info = read(detail)?;
            Named::of(tables, &info)
                .is_some_and(|named| named.failing())
                .then_some((at, info))
        });
        let first = || {
            infos()
                .next()
                .and_then(|(at, detail)| Some((at, read(detail)?)))
        };
        match coded.or_else(|| first().filter(|(_, info)| info.domain.len() <= MAX_DOMAIN)) {
            Some((at, info)) => Self::of(tables, at, &info),
            None => Self::default(),
        }
    }

    fn of(tables: &Tables, at: usize, info: &Info) -> Self {
        let named = Named::of(tables, info).filter(Named::failing);
        let mut metadata = info.pairs();
        metadata.remove(CODE_KEY);
        let mut code = info.sent_code().unwrap_or_default().to_owned();
        if code.len() > LONGEST_NUMBER {
            code.clear();
        }
        let mut reason = info.reason.clone();
        if let Some(named) = named.as_ref().filter(|named| named.numbered) {
            code = named.number.to_string();
        }
        if named.is_none_or(|named| named.entry().reason != reason) {
            reason.truncate(wire::cut(&reason, MAX_REASON).len());
        }
        Self {
            at: Some(at),
            reason,
            domain: info.domain.clone(),
            code,
            metadata: metadata.into_iter().collect(),
            is_cut: false,
        }
    }

    /// Shortens every value to `limit` bytes and drops unknown fields.
    pub(crate) fn cut(&mut self, details: &mut [Any], limit: usize) {
        for (_, value) in &mut self.metadata {
            *value = wire::cut(value, limit).to_owned();
        }
        self.repack(details);
    }

    /// Removes entries until `over` bytes are removed, the largest first.
    pub(crate) fn drop(&mut self, details: &mut [Any], mut over: usize) {
        let mut order: Vec<_> = self
            .metadata
            .iter()
            .map(|(key, value)| (entry_size(key, value), key.clone()))
            .collect();
        order.sort_by_key(|(size, _)| std::cmp::Reverse(*size)); // stable
        for (size, key) in order {
            if over == 0 {
                break;
            }
            over = over.saturating_sub(1 + size_with_length(size));
            self.metadata.retain(|(other, _)| *other != key);
        }
        self.repack(details);
    }

    fn repack(&mut self, details: &mut [Any]) {
        let Some(detail) = self.at.and_then(|at| details.get_mut(at)) else {
            return;
        };
        let code = (!self.code.is_empty()).then(|| (CODE_KEY.to_owned(), self.code.clone()));
        let all = code.into_iter().chain(self.metadata.iter().cloned());
        let info = Info {
            reason: self.reason.clone(),
            domain: self.domain.clone(),
            metadata: all.map(pair).collect(),
        };
        let packed = pack(ERROR_INFO, &info);
        self.is_cut |= packed.value.len() < detail.value.len();
        *detail = packed;
    }
}

fn pair((key, value): (String, String)) -> Pair {
    Pair {
        key: Some(key),
        value: Some(value),
    }
}

/// Returns the size of an entry without its own tag and length.
fn entry_size(key: &str, value: &str) -> usize {
    2 + size_with_length(key.len()) + size_with_length(value.len())
}

pub(crate) fn size_with_length(size: usize) -> usize {
    encoded_len_varint(size.try_into().unwrap_or(u64::MAX)) + size
}
