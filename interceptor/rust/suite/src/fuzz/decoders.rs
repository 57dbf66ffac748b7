//! What the functions of the library read.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::time::Duration;

use codetable::{CodeError, CodeTable, Fault, StatusExt as _, Translator};
use proptest::collection::btree_map;
use proptest::option;
use proptest::prelude::*;
use tonic::{Code, Status};

use super::check;
use super::inputs::{mutated, numbers, statuses};
use crate::service::TABLE;
use crate::vectors::Reading;

const BUDGET: usize = 4096;

fn reading(error: &CodeError) -> Reading {
    let locales = ["", "-", "en", "zh-CN", "*"];
    let locales: BTreeMap<_, _> = locales.map(|tag| (tag.to_owned(), String::new())).into();
    Reading::of(error, &locales)
}

/// Returns what a program reads, after the checks that hold for every status.
fn read(status: &Status) -> Option<Reading> {
    let error = status.code_error(&TABLE)?;
    assert_ne!(status.code(), Code::Ok, "a success has no error");
    assert_eq!(error.message(), status.message());
    let source = error.source().and_then(|source| source.downcast_ref());
    let code = source.map(Status::code);
    assert_eq!(code, Some(status.code()), "its source is the status");
    let facts = reading(&error);
    let again = status.code_error(&TABLE).map(|error| reading(&error));
    assert_eq!(again.as_ref(), Some(&facts), "it is read twice alike");
    assert!(!format!("{error} {error:?}").is_empty());
    if facts.known {
        let number = facts.code.expect("a code of a table has a number");
        assert!(TABLE.check(number).is_err(), "{number} is a success");
        let typed = error.code(&TABLE).map(i32::from);
        assert!(typed.is_none_or(|typed| typed == number), "{typed:?}");
        let sent = facts.metadata.get("code");
        assert!(sent.is_none_or(|sent| *sent == number.to_string()));
    }
    if facts.masked {
        let nothing = (None, "", "", 0);
        let (reason, domain) = (facts.reason.as_str(), facts.domain.as_str());
        assert_eq!((facts.code, reason, domain, facts.metadata.len()), nothing);
    }
    Some(facts)
}

/// Checks what is sent of a status, and returns what is read of it.
fn sent(translator: &Translator, status: &Status, language: &str) -> (Code, Option<Reading>) {
    let sent = translator.translate(status.clone(), Some(language));
    assert_ne!(sent.code(), Code::Ok, "a failure is sent as a success");
    assert!(sent.details().len() <= BUDGET, "{}", sent.details().len());
    let pushback = sent.metadata().get("grpc-retry-pushback-ms");
    let pushback = pushback.and_then(|value| value.to_str().ok());
    let pushback: i32 = pushback.expect("there is one").parse().expect("32 bits");
    assert!(pushback >= -1, "{pushback}");
    (sent.code(), read(&sent))
}

#[test]
fn a_status_is_read_alike_and_never_as_a_success() {
    check(1000, &statuses(), |received| {
        read(&received.status());
    });
}

#[test]
fn a_received_status_is_sent_with_its_code() {
    let inside = Translator::new(&*TABLE);
    let public = inside.clone().public_boundary();
    check(500, &(statuses(), ".{0,300}"), |(received, language)| {
        let status = received.status();
        let (code, facts) = sent(&inside, &status, &language);
        if status.code() != Code::Ok {
            assert_eq!(
                code,
                status.code(),
                "also after a panic, which gives Internal"
            );
        }
        if let Some(before) = read(&status).filter(|facts| facts.known) {
            let after = facts.expect("a code is never lost");
            let identity =
                |facts: &Reading| (facts.code, facts.domain.clone(), facts.retry.clone());
            assert_eq!(identity(&after), identity(&before));
        }
        let (_, seen) = sent(&public, &status, &language);
        if let Some(seen) = seen.filter(|seen| seen.known) {
            let own = [Fault::Caller, Fault::EndUser, Fault::Upstream];
            let own = own.map(|fault| fault.as_str_name());
            assert!(own.contains(&seen.fault.as_str()), "{} leaks", seen.fault);
        }
    });
}

#[test]
fn an_error_is_read_as_it_was_made() {
    let metadata = btree_map("[a-z][a-zA-Z0-9_-]{1,20}", ".{0,40}", 0..4);
    let delay = option::of(any::<Duration>());
    let inside = Translator::new(&*TABLE);
    let all = (numbers(), ".{0,60}", metadata, delay);
    check(500, &all, |(number, message, mut metadata, delay)| {
        let mut error = TABLE.error(number).with_message(&message);
        metadata.remove("code");
        for (key, value) in metadata {
            error = error.with_metadata(&key, value);
        }
        if let Some(delay) = delay {
            error = error.with_retry_after(delay);
        }
        let made = reading(&error);
        let status = inside.translate(error, None);
        let mut got = read(&status).expect("it has a code");
        if delay.is_none() {
            got.retry.delay_ms = made.retry.delay_ms; // the time that is left of a window
        }
        assert_eq!(got, made);
    });
}

#[test]
fn descriptors_are_refused_or_are_a_table_of_failures() {
    let descriptors = mutated(acme_orders::FILE_DESCRIPTOR_SET);
    check(100, &(descriptors, numbers()), |(descriptors, number)| {
        let Ok(table) = CodeTable::<i32>::new(&descriptors, "acme.shop.v1.OrderCode") else {
            return;
        };
        for number in (0..20).chain([number]) {
            let Err(error) = table.check(number) else {
                continue;
            };
            let status = Status::from(error);
            assert_ne!(status.code(), Code::Ok, "{number}");
            let read = status.code_error(&table).expect("it has a code");
            assert_eq!(read.number(), Some(number));
        }
    });
}
