//! Bytes, statuses and headers that no server of good will sends.

use std::fmt;
use std::sync::LazyLock;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use prost::Message as _;
use prost_types::Any;
use tonic::{Code, Status};
use tonic_types::pb::{self, ErrorInfo, LocalizedMessage, RequestInfo, RetryInfo};

use super::encoded;
use crate::client::any as any_of;
use crate::service::TABLE;
use crate::vectors::{Vector, vectors};

static VECTORS: LazyLock<Vec<Vector>> = LazyLock::new(vectors);

/// A status as it arrives.
#[derive(Clone)]
pub struct Sent {
    pub code: i32,
    pub message: String,
    pub details: Vec<u8>,
}

/// A failing test prints it, so it is what a test can be made of.
impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = self.details.escape_ascii();
        write!(f, "{} {:?} b\"{details}\"", self.code, self.message)
    }
}

impl Sent {
    pub fn status(&self) -> Status {
        let code = Code::from_i32(self.code);
        Status::with_details(code, &self.message, self.details.clone().into())
    }
}

/// One change of bytes.
#[derive(Clone, Debug)]
enum Mutation {
    Set(Index, u8),
    Cut(Index),
    Insert(Index, Vec<u8>),
    /// The rest is that of another vector.
    Splice(Index, Index),
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>, vectors: &[Vector]) {
        let length = bytes.len();
        match self {
            Self::Set(at, byte) if length > 0 => bytes[at.index(length)] = *byte,
            Self::Set(_, byte) => bytes.push(*byte),
            Self::Cut(at) => bytes.truncate(at.index(length + 1)),
            Self::Insert(at, more) => {
                let at = at.index(length + 1);
                bytes.splice(at..at, more.iter().copied());
            }
            Self::Splice(at, other) if !vectors.is_empty() => {
                let at = at.index(length + 1);
                let other = vectors[other.index(vectors.len())].details();
                bytes.truncate(at);
                bytes.extend(other.iter().skip(at));
            }
            Self::Splice(..) => {}
        }
    }
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let index = any::<Index>;
    let mutation = prop_oneof![
        4 => (index(), any::<u8>()).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        1 => index().prop_map(Mutation::Cut),
        2 => (index(), vec(any::<u8>(), 1..9)).prop_map(|(at, more)| Mutation::Insert(at, more)),
        1 => (index(), index()).prop_map(|(at, other)| Mutation::Splice(at, other)),
    ];
    vec(mutation, 0..4)
}

/// Changes bytes in a few places.
pub fn mutated(bytes: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    mutations().prop_map(move |changes| {
        let mut bytes = bytes.to_vec();
        for change in &changes {
            change.apply(&mut bytes, &[]);
        }
        bytes
    })
}

/// Details that were committed for all languages, changed in a few places.
fn vector() -> impl Strategy<Value = Vec<u8>> {
    (any::<Index>(), mutations()).prop_map(|(at, changes)| {
        let mut bytes = VECTORS[at.index(VECTORS.len())].details();
        for change in &changes {
            change.apply(&mut bytes, &VECTORS);
        }
        bytes
    })
}

/// The texts of numbers and of what is almost one.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "9004",
            "1804",
            "9000",
            "0",
            "+9004",
            "-1",
            "2147483648",
            "",
            " 1",
            "９"
        ])
        .prop_map(String::from),
        any::<i32>().prop_map(|number| number.to_string()),
    ]
}

fn info() -> impl Strategy<Value = Any> {
    let reason = select(vec![
        "",
        "AUTH_FAILED",
        "INTERNAL_ERROR",
        "UNRECOGNIZED_CODE",
    ]);
    let reason = prop_oneof![reason.prop_map(String::from), ".{0,80}"];
    let domain = select(vec!["jverification.jiguang.cn", "orders.acme.example", ""]);
    let domain = prop_oneof![6 => domain.prop_map(String::from), 1 => ".{0,300}"];
    let metadata = btree_map(".{0,8}", ".{0,400}", 0..8);
    let all = (reason, domain, proptest::option::of(number()), metadata);
    all.prop_map(|(reason, domain, number, mut metadata)| {
        metadata.extend(number.map(|number| ("code".to_owned(), number)));
        let metadata = metadata.into_iter().collect();
        let info = ErrorInfo {
            reason,
            domain,
            metadata,
        };
        any_of("ErrorInfo", &info)
    })
}

fn detail() -> impl Strategy<Value = Any> {
    let retry = (any::<i64>(), any::<i32>()).prop_map(|(seconds, nanos)| {
        let retry_delay = Some(prost_types::Duration { seconds, nanos });
        any_of("RetryInfo", &RetryInfo { retry_delay })
    });
    let request = ".{0,40}".prop_map(|request_id| {
        let serving_data = String::new();
        any_of(
            "RequestInfo",
            &RequestInfo {
                request_id,
                serving_data,
            },
        )
    });
    let sentence = ("[a-zA-Z-]{0,12}", ".{0,200}").prop_map(|(locale, message)| {
        any_of("LocalizedMessage", &LocalizedMessage { locale, message })
    });
    let name = prop_oneof![
        select(vec![
            "google.rpc.ErrorInfo",
            "x/google.rpc.RetryInfo",
            "/",
            "google.rpc.Help"
        ])
        .prop_map(String::from),
        ".{0,40}",
    ];
    let other = (name, vec(any::<u8>(), 0..2000));
    let other = other.prop_map(|(type_url, value)| Any { type_url, value });
    prop_oneof![4 => info(), 1 => retry, 1 => request, 1 => sentence, 2 => other]
}

fn built() -> impl Strategy<Value = Vec<u8>> {
    let all = (0..18, ".{0,80}", vec(detail(), 0..6));
    all.prop_map(|(code, message, details)| {
        let status = pb::Status {
            code,
            message,
            details,
        };
        status.encode_to_vec()
    })
}

/// Statuses of all kinds. Most have the gRPC code that is in their details.
pub fn statuses() -> impl Strategy<Value = Sent> {
    let details = prop_oneof![4 => vector(), 4 => built(), 1 => vec(any::<u8>(), 0..64)];
    let other = proptest::option::weighted(0.1, 0..18);
    (details, ".{0,40}", other).prop_map(|(details, message, other)| {
        let agreed = pb::Status::decode(details.as_slice()).map_or(2, |status| status.code);
        let code = other.unwrap_or(agreed);
        Sent {
            code,
            message,
            details,
        }
    })
}

/// Values of the headers of gRPC.
pub fn headers() -> impl Strategy<Value = Vec<(&'static str, Vec<u8>)>> {
    let bytes = || vec(any::<u8>(), 0..12);
    let code = prop_oneof![
        6 => select(vec!["5", "14", "16", "0", "00", "17", "-1", "x", ""]).prop_map(Vec::from),
        1 => bytes(),
    ];
    let message = prop_oneof![
        select(vec!["for developers", "%E9%AA%8C", "%FF", "%", "%2"]).prop_map(Vec::from),
        bytes(),
    ];
    let details = prop_oneof![
        6 => statuses().prop_map(|sent| encoded(&sent.details)),
        2 => statuses().prop_map(|sent| encoded(&sent.details).into_iter().skip(1).collect()),
        1 => bytes(),
    ];
    let pushback = prop_oneof![
        4 => select(vec!["0", "5", "-1", "60000", "60001", "4294967296", "1.5", "", " 1"])
            .prop_map(Vec::from),
        1 => bytes(),
    ];
    let one = prop_oneof![
        details.prop_map(|value| ("grpc-status-details-bin", value)),
        message.prop_map(|value| ("grpc-message", value)),
        pushback.prop_map(|value| ("grpc-retry-pushback-ms", value)),
        bytes().prop_map(|value| ("other-bin", value)),
    ];
    (vec(code, 0..3), vec(one, 0..5)).prop_map(|(codes, mut all)| {
        all.extend(codes.into_iter().map(|code| ("grpc-status", code)));
        all
    })
}

/// Numbers, of which about half are those of the table.
pub fn numbers() -> impl Strategy<Value = i32> {
    let listed: Vec<i32> = (0..10_000)
        .filter(|number| TABLE.reason(*number) != "UNRECOGNIZED_CODE")
        .collect();
    prop_oneof![select(listed), any::<i32>()]
}
