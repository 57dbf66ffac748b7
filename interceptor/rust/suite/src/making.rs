//! What a server can add to an error.

use std::time::Duration;

use codetable::{CalendarWindow, IntoStatus as _, RetryAction, StatusExt as _, Translator};
use codetable_jverification::jiguang::jverification::v1::ResponseCode;
use tonic_types::pb;

use crate::client::{any, details_of};
use crate::service::TABLE;

#[test]
fn a_success_is_never_sent_as_a_failure_with_its_number() {
    assert!(TABLE.check(ResponseCode::VerifyConsistent).is_ok());
    assert!(TABLE.check(424_242).is_err());
    let status = TABLE.error(ResponseCode::VerifyConsistent).into_status();
    let error = status.code_error(&TABLE).expect("it is a failure");
    assert_eq!(error.code(&TABLE), None);
    assert_eq!(error.reason(), "UNRECOGNIZED_CODE");
}

/// The time that is left depends on when the test runs.
#[test]
fn a_window_is_sent_as_the_time_that_is_left() {
    let status = TABLE.error(9007).into_status();
    let retry = status
        .code_error(&TABLE)
        .expect("the status has a code")
        .retry();
    assert_eq!(retry.action, RetryAction::NextWindow);
    assert_eq!(retry.window, CalendarWindow::Day);
    let day = Duration::from_secs(24 * 60 * 60);
    assert!(
        retry.delay > Duration::ZERO && retry.delay <= day,
        "{:?}",
        retry.delay
    );
    assert_eq!(retry.delay.subsec_nanos(), 0);
}

#[test]
fn a_detail_replaces_one_of_its_type() {
    let help = |url: &str| {
        let url = url.to_owned();
        let links = vec![pb::help::Link {
            url,
            ..Default::default()
        }];
        any("Help", &pb::Help { links })
    };
    let quota = any("QuotaFailure", &pb::QuotaFailure::default());
    let error = TABLE
        .error(9005)
        .with_detail(help("a"))
        .with_detail(quota)
        .with_detail(help("b"));
    let error = error.with_detail(any("ErrorInfo", &pb::ErrorInfo::default()));
    let error = error.with_detail(any("RetryInfo", &pb::RetryInfo::default()));
    let status = error.with_detail(prost_types::Any::default()).into_status();
    let want = [
        "google.rpc.ErrorInfo",
        "google.rpc.RetryInfo",
        "google.rpc.QuotaFailure",
        "google.rpc.Help",
    ];
    assert_eq!(details_of(&status), want);
    assert!(status.details().ends_with(b"b"));
}

#[test]
fn a_received_error_stays_as_it_was_received() {
    let sent = TABLE.error(9003).with_metadata("id", "7").into_status();
    let received = sent.code_error(&TABLE).expect("the status has a code");
    let changed = received
        .with_message("x")
        .with_metadata("more", "8")
        .with_retry_after(Duration::from_secs(1));
    assert_eq!(changed.into_status().details(), sent.details());
}

#[test]
fn the_budget_bounds_a_status_with_any_details() {
    let translator = Translator::new(&*TABLE).detail_budget(0); // the least is 1024
    let mut error = TABLE.error(1804).with_message(&"m".repeat(5000));
    for number in 0..50 {
        let detail = prost_types::Any {
            type_url: format!("type.googleapis.com/acme.v1.Detail{number}"),
            value: vec![0; 100],
        };
        error = error
            .with_detail(detail)
            .with_metadata(&format!("key{number}"), "v".repeat(100));
    }
    let status = translator.translate(error, Some("zh-CN"));
    assert!(
        status.details().len() <= 1024,
        "{} bytes",
        status.details().len()
    );
    let read = status.code_error(&TABLE).expect("the code is kept");
    assert_eq!(read.number(), Some(1804));
    assert_eq!(read.retry().delay, Duration::from_secs(1));
    // A status without a code is bounded too.
    let long = tonic::Status::not_found("n".repeat(5000));
    assert_eq!(translator.translate(long, None).message().len(), 256);
}

/// Fuzzing found that a longer delay was sent as one that no `Duration` of protobuf is.
#[test]
fn a_delay_is_at_most_292_years() {
    let error = TABLE.error(1804).with_retry_after(Duration::MAX);
    let longest = error.retry().delay;
    assert_eq!(longest, Duration::from_nanos(i64::MAX.unsigned_abs()));
    let read = error.into_status().code_error(&TABLE);
    assert_eq!(read.expect("it has a code").retry().delay, longest);
}
