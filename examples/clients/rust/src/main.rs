//! Calls each method of a gateway, and shows what a client does with the answers: it
//! switches on the code, reads the retry advice, and has a message for the end user.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use code_reader::{CodeError, CodeTable};
use codetable_jverification::codetable::v1::RetryAction;
use codetable_jverification::jiguang::jverification::v1::verification_service_client::VerificationServiceClient;
use codetable_jverification::jiguang::jverification::v1::{
    CheckCaptchaRequest, EnableOneClickLoginRequest, ExchangeLoginTokenRequest, Platform,
    QueryBusinessRiskRequest, ResponseCode, VerifyNumberRequest, VerifyNumbersRequest,
};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Endpoint;
use tonic::{Request, Status};

const USAGE: &str = "\
usage: cargo run -- ADDRESS [TOKEN [LOCALE]]

  ADDRESS  host:port of a gateway without TLS
  TOKEN    sent by every call; the simulator answers code-N with N (default code-9003)
  LOCALE   language of the message for the end user (default en)";

/// Bounds the whole run: tonic sets no deadline by itself.
const TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let Some(address) = args.next() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let token = args.next().unwrap_or_else(|| "code-9003".to_owned());
    let locale = args.next().unwrap_or_else(|| "en".to_owned());
    let outcome = tokio::time::timeout(TIMEOUT, run(&address, &token, &locale)).await;
    match outcome.unwrap_or_else(|elapsed| Err(elapsed.into())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("client: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(address: &str, token: &str, locale: &str) -> Result<(), Box<dyn Error>> {
    let table = CodeTable::get()?;
    let printer = Printer { table, locale };
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?;
    let language: MetadataValue<Ascii> = locale.parse()?;
    let mut client = VerificationServiceClient::with_interceptor(
        endpoint.connect().await?,
        move |mut request: Request<()>| {
            let headers = request.metadata_mut();
            headers.insert("accept-language", language.clone());
            Ok(request)
        },
    );

    let verify = VerifyNumberRequest {
        phone: "13800138000".into(),
        token: token.into(),
        ..Default::default()
    };
    let answer = client.verify_number(verify.clone()).await;
    printer.print(
        "VerifyNumber",
        answer.map(|answer| answer.into_inner().code),
    );

    let login = ExchangeLoginTokenRequest {
        login_token: token.into(),
        ..Default::default()
    };
    let answer = client.exchange_login_token(login).await;
    printer.print(
        "ExchangeLoginToken",
        answer.map(|answer| answer.into_inner().code),
    );

    let risk = QueryBusinessRiskRequest {
        phone: token.into(),
        ..Default::default()
    };
    let answer = client.query_business_risk(risk).await;
    printer.print(
        "QueryBusinessRisk",
        answer.map(|answer| answer.into_inner().code),
    );

    let captcha = CheckCaptchaRequest {
        captcha_content: token.into(),
        ..Default::default()
    };
    let answer = client.check_captcha(captcha).await;
    printer.print(
        "CheckCaptcha",
        answer.map(|answer| answer.into_inner().code),
    );

    let enable = EnableOneClickLoginRequest {
        app_key: token.into(),
        platform: Platform::Ios.into(),
        package_name: "com.example".into(),
        ..Default::default()
    };
    let answer = client.enable_one_click_login(enable).await;
    printer.print(
        "EnableOneClickLogin",
        answer.map(|answer| answer.into_inner().code),
    );

    // Each item of the stream is answered with a code of its own.
    let other = VerifyNumberRequest {
        token: "code-9000".into(),
        ..verify.clone()
    };
    let items = [verify, other].map(|item| VerifyNumbersRequest { item: Some(item) });
    let mut answers = client
        .verify_numbers(tokio_stream::iter(items))
        .await?
        .into_inner();
    while let Some(answer) = answers.message().await? {
        let grpc_code = answer.grpc_code().as_str_name();
        match answer.item.and_then(|item| item.code) {
            Some(code) => printer.print("VerifyNumbers", Ok(Some(code))),
            None => println!(
                "VerifyNumbers: no code: {}",
                grpc_code.trim_start_matches("GRPC_CODE_")
            ),
        }
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
            Ok(Some(number)) => format!("{number} {}", self.table.reason(number)),
            Ok(None) => "no code".to_owned(), // which is not a success
            Err(status) => match self.table.read(&status) {
                Some(error) => self.explain(&error),
                None => format!("no code: {:?}: {}", status.code(), status.message()),
            },
        };
        println!("{method}: {text}");
    }

    fn explain(&self, error: &CodeError) -> String {
        let number = error.number.map(|number| number.to_string());
        let wait = match error.retry.delay {
            Duration::ZERO => String::new(),
            delay => format!(", in {} s", delay.as_secs()),
        };
        format!(
            "{} {} of {}\n  fault: {}\n  retry: {}{wait}\n  next:  {}\n  user:  {}",
            number.as_deref().unwrap_or("no number"),
            error.reason,
            error.domain,
            error.fault.as_str_name().trim_start_matches("FAULT_"),
            error
                .retry
                .action
                .as_str_name()
                .trim_start_matches("RETRY_ACTION_"),
            next_step(error),
            error.user_message(self.locale).unwrap_or_default(),
        )
    }
}

/// Switches on the codes that need a step of their own; the table has advice for the
/// rest.
fn next_step(error: &CodeError) -> &'static str {
    match error.code() {
        Some(ResponseCode::TokenExpiredOrNotExist | ResponseCode::TokenInvalid) => {
            return "have the SDK make another token";
        }
        Some(ResponseCode::VerifyNotConsistent) => return "take it for a no",
        _ => {}
    }
    match error.retry.action {
        RetryAction::SameRequest => "send the same request again",
        RetryAction::NewInput | RetryAction::NextWindow => "try again with a fresh token",
        RetryAction::ConfirmOutcome => "ask for the outcome before anything is repeated",
        RetryAction::OperatorAction | RetryAction::Never | RetryAction::Unspecified => {
            "show the message to the user"
        }
    }
}
