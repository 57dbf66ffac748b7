//! Calls each method of the gateway once or twice, and says what to do about
//! the answer. The tokens are those that the simulator answers with the code in
//! them; real ones come from the SDK.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use codetable_jverification::codetable::v1::RetryAction;
use codetable_jverification::jiguang::jverification::v1::verification_service_client::VerificationServiceClient;
use codetable_jverification::jiguang::jverification::v1::{
    CheckCaptchaRequest, EnableOneClickLoginRequest, ExchangeLoginTokenRequest, Platform,
    QueryBusinessRiskRequest, ResponseCode, VerifyNumberRequest, VerifyNumbersRequest,
};
use prost::UnknownEnumValue;
use reading::{CodeTable, Reading};
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

const PHONE: &str = "13800138000";
/// Bounds the whole run: tonic sets no deadline by itself.
const TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(address) = env::args().nth(1) else {
        eprintln!("usage: client ADDRESS [LOCALE]");
        return ExitCode::from(2);
    };
    let locale = env::args().nth(2).unwrap_or_else(|| "en".to_owned());
    let outcome = tokio::time::timeout(TIMEOUT, run(&address, &locale)).await;
    match outcome.unwrap_or_else(|elapsed| Err(elapsed.into())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("client: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(address: &str, locale: &str) -> Result<(), Box<dyn Error>> {
    let printer = Printer {
        table: CodeTable::get()?,
        locale,
    };
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?;
    let mut client = VerificationServiceClient::new(endpoint.connect().await?);
    verify(&mut client, &printer).await?;

    let login = client.exchange_login_token(ExchangeLoginTokenRequest {
        login_token: "code-8000".into(),
        ..Default::default()
    });
    let code = login.await.map(|answer| answer.into_inner().code);
    printer.print("ExchangeLoginToken", code);

    let risk = client.query_business_risk(QueryBusinessRiskRequest {
        phone: "code-1804".into(),
        ..Default::default()
    });
    let code = risk.await.map(|answer| answer.into_inner().code);
    printer.print("QueryBusinessRisk", code);

    let captcha = client.check_captcha(CheckCaptchaRequest {
        captcha_content: "code-7110".into(),
        ..Default::default()
    });
    let code = captcha.await.map(|answer| answer.into_inner().code);
    printer.print("CheckCaptcha", code);

    let activation = client.enable_one_click_login(EnableOneClickLoginRequest {
        app_key: "code-9200".into(),
        platform: Platform::Android.into(),
        package_name: "com.example".into(),
        app_sign: "sign".into(),
        ..Default::default()
    });
    let code = activation.await.map(|answer| answer.into_inner().code);
    printer.print("EnableOneClickLogin", code);
    Ok(())
}

/// Verifies one number at a time, then several over one stream.
async fn verify(
    client: &mut VerificationServiceClient<Channel>,
    printer: &Printer<'_>,
) -> Result<(), Status> {
    let request = |token: &str| VerifyNumberRequest {
        phone: PHONE.into(),
        token: token.into(),
        ..Default::default()
    };
    for token in ["code-9000", "code-9003", "code-424242"] {
        let answer = client.verify_number(request(token)).await;
        printer.print(
            "VerifyNumber",
            answer.map(|answer| answer.into_inner().code),
        );
    }

    let items = ["code-9000", "code-9001"].map(|token| VerifyNumbersRequest {
        item: Some(request(token)),
    });
    let answers = client.verify_numbers(tokio_stream::iter(items)).await?;
    let mut answers = answers.into_inner();
    while let Some(answer) = answers.message().await? {
        let code = answer.item.and_then(|item| item.code);
        printer.print("VerifyNumbers", Ok(code));
    }
    Ok(())
}

struct Printer<'a> {
    table: &'a CodeTable,
    locale: &'a str,
}

impl Printer<'_> {
    fn print(&self, method: &str, code: Result<Option<i32>, Status>) {
        let text = match code {
            Ok(code) => name(code),
            Err(status) => self
                .explain(&status)
                .unwrap_or_else(|| format!("{:?}, without a code", status.code())),
        };
        println!("{method}: {text}");
    }

    /// Switches on the few codes that this program treats apart, and leaves all
    /// others, present and future, to the advice of the table.
    fn explain(&self, status: &Status) -> Option<String> {
        let failure = self.table.read(status)?;
        let next = match failure.response_code() {
            Some(ResponseCode::TokenExpiredOrNotExist) => "have the SDK make another token",
            Some(_) => "follow the advice",
            None => "give up: this program does not know the code",
        };
        Some(format!(
            "{} {}\n  to do:  {next}\n  advice: {}\n  user:   {}",
            failure
                .code
                .map_or_else(|| "?".to_owned(), |n| n.to_string()),
            failure.reason,
            advice(&failure),
            failure.user_message(self.locale).unwrap_or("-"),
        ))
    }
}

/// An unset code is no success, so this does without the accessor of prost.
fn name(code: Option<i32>) -> String {
    match code.map(ResponseCode::try_from) {
        Some(Ok(code)) => code.as_str_name().to_owned(),
        Some(Err(UnknownEnumValue(number))) => number.to_string(),
        None => "no code".to_owned(),
    }
}

fn advice(failure: &Reading) -> String {
    let action = match failure.retry.action {
        RetryAction::SameRequest => "send the same request again",
        RetryAction::NewInput => "try with a fresh token or captcha",
        RetryAction::NextWindow => "wait for the next hour or day",
        RetryAction::OperatorAction => "wait for the operator",
        RetryAction::ConfirmOutcome => "ask for the outcome before anything is repeated",
        RetryAction::Never | RetryAction::Unspecified => "do not retry",
    };
    match failure.retry.delay {
        Duration::ZERO => action.to_owned(),
        delay => format!("{action}, in {delay:?}"),
    }
}
