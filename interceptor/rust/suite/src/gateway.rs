//! Every code of the table and six that it does not list, sent by a gateway in Go.

use std::collections::HashMap;
use std::fs;

use codetable::{ClientLayer, CodeError, Layer as _, RetryAction, StatusExt as _};
use codetable_jverification::jiguang::jverification::v1::verification_service_client::VerificationServiceClient;
use codetable_jverification::jiguang::jverification::v1::{
    CheckCaptchaRequest, EnableOneClickLoginRequest, ExchangeLoginTokenRequest, Platform,
    QueryBusinessRiskRequest,
};
use tonic::Status;
use tonic::transport::Channel;

use crate::process::{Gateway, bounded};
use crate::service::{TABLE, channel, verify};
use crate::vectors::{Reading, testdata, vectors};

type Client = VerificationServiceClient<codetable::Client<Channel>>;

const UNLISTED: [i32; 6] = [1, 77, 424_242, -7, i32::MIN, i32::MAX];
const DAY_MS: u128 = 24 * 60 * 60 * 1000;

#[tokio::test]
async fn every_code_is_read() {
    let failures = failures("code ");
    let gateway = Gateway::start(&["-internal"]);
    let mut client = client(&gateway);
    for number in numbers() {
        let answer = bounded(force(&mut client, number, "zh-CN")).await;
        assert_code(number, answer, failures.get(&number));
    }
}

#[tokio::test]
async fn every_unlisted_code_is_read() {
    let gateway = Gateway::start(&["-internal"]);
    let mut client = client(&gateway);
    for number in UNLISTED {
        let answer = bounded(force(&mut client, number, "zh-CN")).await;
        let status = answer.expect_err("it is a failure");
        let error = status.code_error(&TABLE).expect("the status has a code");
        assert_eq!(error.number(), Some(number));
        assert_eq!(error.reason(), "UNRECOGNIZED_CODE");
        assert_eq!(error.code(&TABLE), None);
        assert!(error.known() && !error.masked());
        // The neutral sentences of the table, of which the gateway sent one.
        let english = error.user_message("en").expect("the table has one");
        let chinese = error.user_message("zh-CN").expect("the gateway sent one");
        assert_ne!(english, chinese);
    }
}

#[tokio::test]
async fn a_public_gateway_masks_what_its_operator_has_to_resolve() {
    let (shown, hidden) = (failures("code "), failures("hidden: code "));
    let gateway = Gateway::start(&[]);
    let mut client = client(&gateway);
    let mut masked = 0;
    for number in numbers().into_iter().chain(UNLISTED) {
        let answer = bounded(force(&mut client, number, "zh-CN")).await;
        if UNLISTED.contains(&number) || hidden.contains_key(&number) {
            let status = answer.expect_err("it is a failure");
            let action = hidden.get(&number).map(|want| want.retry.action.as_str());
            assert_mask(
                number,
                &status,
                action.unwrap_or("RETRY_ACTION_UNSPECIFIED"),
            );
            masked += 1;
        } else {
            assert_code(number, answer, shown.get(&number));
        }
    }
    assert_eq!(masked, 21 + UNLISTED.len());
}

fn assert_mask(number: i32, status: &Status, action: &str) {
    let error = status.code_error(&TABLE).expect("the mask is readable");
    assert!(error.masked() && status.is_masked(), "{number}");
    assert_eq!(
        (error.number(), error.reason(), error.domain()),
        (None, "", "")
    );
    assert_eq!(error.code(&TABLE), None);
    assert_eq!(error.retry().action.as_str_name(), action, "{number}");
    let waits = error.retry().action != RetryAction::Unspecified;
    assert_eq!(!error.retry().delay.is_zero(), waits, "{number}");
    let id = error.request_id().expect("a mask has an id");
    assert_eq!(id.len(), 26);
    assert_eq!(status.request_id().as_deref(), Some(id));
    // The sentence that was sent is the only one.
    let sentence = error.user_message("en").expect("there is one");
    assert!(!sentence.is_ascii());
    assert_eq!(error.user_message("zh-CN"), Some(sentence));
}

fn client(gateway: &Gateway) -> Client {
    let layer = ClientLayer::new(&*TABLE);
    VerificationServiceClient::new(layer.layer(channel(&gateway.address)))
}

/// Returns the readings of the vectors `{prefix}{number}` by number.
fn failures(prefix: &str) -> HashMap<i32, Reading> {
    let vectors = vectors().into_iter().filter_map(|vector| {
        let name = vector.name.strip_prefix(prefix)?;
        let number = name.trim_end_matches(", public").parse().ok()?;
        Some((number, vector.reading?))
    });
    vectors.collect()
}

/// Returns the numbers of the table that the enum is written from.
fn numbers() -> Vec<i32> {
    let csv = fs::read_to_string(testdata("response_codes.csv")).expect("read the table");
    let rows = csv.lines().skip(1).filter_map(|row| row.split(',').next());
    let numbers = rows.map(|number| number.parse().expect("a row starts with a number"));
    let numbers: Vec<_> = numbers.collect();
    assert_eq!(numbers.len(), 49);
    numbers
}

fn assert_code(number: i32, answer: Result<Option<i32>, Status>, failure: Option<&Reading>) {
    let Some(failure) = failure else {
        let code = answer.expect("a code without a vector is a success");
        assert_eq!(code, Some(number));
        return;
    };
    let status = answer.expect_err("a failing code is a status");
    let error = status.code_error(&TABLE).expect("the status has a code");
    assert_eq!(error.code(&TABLE).map(i32::from), Some(number));
    let attached = std::error::Error::source(&status).expect("the layer attaches the error");
    let attached = attached
        .downcast_ref::<CodeError>()
        .expect("it is a code error");
    assert_eq!(attached.number(), Some(number));
    let mut got = Reading::of(&error, &failure.user_message);
    let mut want = failure.clone();
    // The time left of a window depends on when the test runs.
    if want.retry.action == "RETRY_ACTION_NEXT_WINDOW" {
        let left = got.retry.delay_ms;
        assert!((1..=DAY_MS).contains(&left), "{number}: {left} ms are left");
        want.retry.delay_ms = left;
    }
    // Only the gateway adds the id of an answer.
    got.metadata.retain(|key, _| key == "code");
    assert_eq!(got, want);
}

/// Makes the simulator answer `number`, by the method that it belongs to.
async fn force(
    client: &mut Client,
    number: i32,
    language: &'static str,
) -> Result<Option<i32>, Status> {
    let token = format!("code-{number}");
    let language = language.parse().expect("is ASCII");
    let mut request = tonic::Request::new(());
    request.metadata_mut().insert("accept-language", language);
    match number {
        0 | 1801..=1805 | 2000 => {
            let message = QueryBusinessRiskRequest {
                phone: token,
                ..Default::default()
            };
            let answer = client
                .query_business_risk(request.map(|()| message))
                .await?;
            Ok(answer.into_inner().code)
        }
        6003..=6005 | 7101..=7112 => {
            let message = CheckCaptchaRequest {
                captcha_content: token,
                ..Default::default()
            };
            let answer = client.check_captcha(request.map(|()| message)).await?;
            Ok(answer.into_inner().code)
        }
        8000 | 8001 => {
            let message = ExchangeLoginTokenRequest {
                login_token: token,
                ..Default::default()
            };
            let answer = client
                .exchange_login_token(request.map(|()| message))
                .await?;
            Ok(answer.into_inner().code)
        }
        9200..=9301 => {
            let message = EnableOneClickLoginRequest {
                app_key: token,
                platform: Platform::Android.into(),
                package_name: "com.example".into(),
                app_sign: "sign".into(),
                ..Default::default()
            };
            let answer = client
                .enable_one_click_login(request.map(|()| message))
                .await?;
            Ok(answer.into_inner().code)
        }
        _ => {
            let message = verify(&token, "").into_inner();
            let answer = client.verify_number(request.map(|()| message)).await?;
            Ok(answer.into_inner().code)
        }
    }
}
