//! Tables and the errors of wrong ones.

use std::error::Error;

use codetable::{CodeTable, Failure, TableError};
use codetable_jverification::FILE_DESCRIPTOR_SET;
use codetable_jverification::jiguang::jverification::v1::{GatewayCode, Platform, ResponseCode};

use crate::service::TABLE;

const NAME: &str = "jiguang.jverification.v1.ResponseCode";

#[test]
fn a_table_is_made_of_each_annotated_enum() {
    assert_eq!(TABLE.domain(), "jverification.jiguang.cn");
    assert_eq!(TABLE.reason(9003), "TOKEN_EXPIRED_OR_NOT_EXIST");
    assert_eq!(TABLE.reason(424_242), "UNRECOGNIZED_CODE");
    let name = "jiguang.jverification.v1.GatewayCode";
    let gateway = CodeTable::<GatewayCode>::new(FILE_DESCRIPTOR_SET, name).expect("is annotated");
    assert_ne!(gateway.domain(), TABLE.domain());
    let untyped: CodeTable = CodeTable::new(FILE_DESCRIPTOR_SET, NAME).expect("is annotated");
    let error = TABLE.error(424_242);
    assert_eq!(error.code(&untyped), Some(424_242), "i32 has every number");
    assert_eq!(error.code(&gateway), None);
}

#[test]
fn other_descriptors_are_refused() {
    let new = CodeTable::<ResponseCode>::new;
    let error = new(b"\xff", NAME).expect_err("is no message");
    assert!(matches!(error, TableError::Descriptors(_)) && error.source().is_some());
    for name in [
        "ResponseCode",
        "jiguang.jverification.v1.",
        "",
        "jiguang.jverification.v1.ResponseCode.X",
    ] {
        let error = new(FILE_DESCRIPTOR_SET, name).expect_err("there is no such enum");
        assert!(matches!(error, TableError::Missing(_)), "{error:?}");
        assert!(error.to_string().contains(name) && error.source().is_none());
    }
    let name = "jiguang.jverification.v1.Platform";
    let error = CodeTable::<Platform>::new(FILE_DESCRIPTOR_SET, name).expect_err("no table");
    assert!(matches!(error, TableError::Unannotated(_)), "{error:?}");
    let error = CodeTable::<GatewayCode>::new(FILE_DESCRIPTOR_SET, NAME).expect_err("another enum");
    assert!(matches!(error, TableError::OtherEnum(_)), "{error:?}");
}

#[test]
fn a_code_error_is_an_error() {
    fn is_error<E: Error + Clone + Send + Sync + 'static>(error: &E) -> String {
        format!("{error} {error:?}")
    }
    let error: Failure = TABLE
        .error(ResponseCode::TokenInvalid)
        .with_source("for logs only");
    let printed = is_error(&error);
    assert!(
        printed.starts_with("jverification.jiguang.cn "),
        "{printed}"
    );
    assert!(
        printed.contains("TOKEN_INVALID") && printed.contains("for logs only"),
        "{printed}"
    );
    assert!(
        !error.to_string().contains("for logs only"),
        "the chain has the cause"
    );
}
