//! Every code of the table, sent by a gateway.

use std::collections::HashMap;
use std::fs;

use codetable_jverification::jiguang::jverification::v1::verification_service_client::VerificationServiceClient;
use codetable_jverification::jiguang::jverification::v1::{
    CheckCaptchaRequest, EnableOneClickLoginRequest, ExchangeLoginTokenRequest, Platform,
    QueryBusinessRiskRequest, ResponseCode, VerifyNumberRequest,
};
use prost::Message as _;
use tonic::transport::Channel;
use tonic::{IntoRequest, Request, Status};
use tonic_types::pb::{self, LocalizedMessage};

use crate::gateway::{Gateway, bounded};
use crate::vectors::{Expected, TESTDATA, table, vectors};

const DAY_MS: u128 = 24 * 60 * 60 * 1000;

#[tokio::test]
async fn every_code_is_read() {
    let numbers = published_numbers();
    assert_eq!(numbers.len(), 49);
    let failures: HashMap<_, _> = vectors()
        .into_iter()
        .filter_map(|vector| vector.reading)
        .filter_map(|want| Some((want.code?, want)))
        .collect();
    let gateway = Gateway::start();
    bounded(async {
        let mut client = gateway.client().await;
        for number in numbers {
            let answer = force(&mut client, number).await;
            assert_code(number, answer, failures.get(&number));
        }
    })
    .await;
}

/// Returns the numbers of the table that the enum is written from.
fn published_numbers() -> Vec<i32> {
    let csv = fs::read_to_string(format!("{TESTDATA}/response_codes.csv")).expect("read the table");
    let rows = csv.lines().skip(1).filter_map(|row| row.split(',').next());
    rows.map(|number| number.parse().expect("a row starts with a number"))
        .collect()
}

fn assert_code(number: i32, answer: Result<Option<i32>, Status>, failure: Option<&Expected>) {
    let Some(failure) = failure else {
        let code = answer.expect("a code without a vector is a success");
        assert_eq!(code, Some(number));
        return;
    };
    let status = answer.expect_err("a failing code is a status");
    let error = table().read(&status).expect("the status has a code");
    assert_eq!(error.code().map(i32::from), Some(number));
    let mut got = Expected::of(&error, &failure.user_message);
    let mut want = failure.clone();
    // The time left of a window depends on when the test runs.
    if want.retry.action == "RETRY_ACTION_NEXT_WINDOW" {
        let left = got.retry.delay_ms;
        assert!((1..=DAY_MS).contains(&left), "{number}: {left} ms are left");
        want.retry.delay_ms = left;
    }
    // Only the gateway adds the id of an answer.
    got.metadata.retain(|key, _| key == "code");
    want.metadata.retain(|key, _| key == "code");
    assert_eq!(got, want);
}

/// Makes the simulator answer `number`, by the method that it belongs to.
async fn force(
    client: &mut VerificationServiceClient<Channel>,
    number: i32,
) -> Result<Option<i32>, Status> {
    let token = format!("code-{number}");
    match number {
        0 | 1801..=1805 | 2000 => {
            let request = QueryBusinessRiskRequest {
                phone: token,
                ..Default::default()
            };
            let answer = client.query_business_risk(request).await?;
            Ok(answer.into_inner().code)
        }
        6003..=6005 | 7101..=7112 => {
            let request = CheckCaptchaRequest {
                captcha_content: token,
                ..Default::default()
            };
            let answer = client.check_captcha(request).await?;
            Ok(answer.into_inner().code)
        }
        8000 | 8001 => {
            let request = ExchangeLoginTokenRequest {
                login_token: token,
                ..Default::default()
            };
            let answer = client.exchange_login_token(request).await?;
            Ok(answer.into_inner().code)
        }
        9200..=9301 => {
            let request = EnableOneClickLoginRequest {
                app_key: token,
                platform: Platform::Android.into(),
                package_name: "com.example".into(),
                app_sign: "sign".into(),
                ..Default::default()
            };
            let answer = client.enable_one_click_login(request).await?;
            Ok(answer.into_inner().code)
        }
        _ => verify(client, verify_request(&token)).await,
    }
}

fn verify_request(token: &str) -> Request<VerifyNumberRequest> {
    let message = VerifyNumberRequest {
        phone: "13800138000".into(),
        token: token.into(),
        ..Default::default()
    };
    message.into_request()
}

async fn verify(
    client: &mut VerificationServiceClient<Channel>,
    request: Request<VerifyNumberRequest>,
) -> Result<Option<i32>, Status> {
    let answer = client.verify_number(request).await?;
    Ok(answer.into_inner().code)
}

async fn verify_in(
    client: &mut VerificationServiceClient<Channel>,
    token: &str,
    language: &'static str,
) -> Status {
    let mut request = verify_request(token);
    let metadata = request.metadata_mut();
    metadata.insert("accept-language", language.parse().expect("is ASCII"));
    let answer = verify(client, request).await;
    answer.expect_err("the code is a failing one")
}

fn localized(status: &Status) -> Option<LocalizedMessage> {
    let details = pb::Status::decode(status.details()).expect("details are a google.rpc.Status");
    let name = "type.googleapis.com/google.rpc.LocalizedMessage";
    let detail = details.details.iter().find(|any| any.type_url == name)?;
    Some(LocalizedMessage::decode(detail.value.as_slice()).expect("the detail is well-formed"))
}

#[tokio::test]
async fn accept_language_gives_a_localized_message() {
    let gateway = Gateway::start();
    bounded(async {
        let mut client = gateway.client().await;
        let silent = verify(&mut client, verify_request("code-9003")).await;
        assert_eq!(localized(&silent.expect_err("9003 fails")), None);

        for (locale, other) in [("en", "zh-CN"), ("zh-CN", "en")] {
            let status = verify_in(&mut client, "code-9003", locale).await;
            let sent = localized(&status).expect("there is a message");
            assert_eq!(sent.locale, locale);
            let error = table().read(&status).expect("the status has a code");
            assert_eq!(error.user_message(locale), Some(sent.message.as_str()));
            // The table has the other languages of a listed code.
            assert_ne!(error.user_message(other), Some(sent.message.as_str()));
        }
    })
    .await;
}

/// The upstream may add a code after this table was made.
#[tokio::test]
async fn an_unlisted_code_keeps_its_number_and_message() {
    let gateway = Gateway::start();
    bounded(async {
        let mut client = gateway.client().await;
        let status = verify_in(&mut client, "code-424242", "zh-CN").await;
        let error = table().read(&status).expect("the status has a code");
        assert!(error.known);
        assert_eq!(error.number, Some(424_242));
        assert_eq!(error.reason, "UNRECOGNIZED_CODE");
        assert_eq!(error.code(), None::<ResponseCode>);
        // The server's message, in the language that the call asked for.
        let sent = localized(&status).expect("there is a message");
        assert_eq!(sent.locale, "zh-CN");
        assert_eq!(error.user_message("en"), Some(sent.message.as_str()));
    })
    .await;
}
