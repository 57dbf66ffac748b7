//! Verifies a phone number: cargo run -- 127.0.0.1:8090 code-9003
use codetable::{CodeTable, Layer as _, RetryLayer, StatusExt as _};
use codetable_jverification::FILE_DESCRIPTOR_SET;
use codetable_jverification::jiguang::jverification::v1 as jv;
use jv::{ResponseCode as Code, verification_service_client::VerificationServiceClient as Client};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let address = args.next().ok_or("usage: cargo run -- ADDRESS TOKEN")?;
    let name = "jiguang.jverification.v1.ResponseCode";
    let table = CodeTable::<Code>::new(FILE_DESCRIPTOR_SET, name)?;
    let endpoint = tonic::transport::Endpoint::from_shared(format!("http://{address}"))?;
    let channel = RetryLayer::new().layer(endpoint.connect().await?);
    let mut request = tonic::Request::new(jv::VerifyNumberRequest::default());
    request.get_mut().phone = "13800138000".to_owned();
    request.get_mut().token = args.next().unwrap_or_default();
    let metadata = request.metadata_mut();
    metadata.insert("accept-language", "zh-CN".parse()?);
    let Err(status) = Client::new(channel).verify_number(request).await else {
        println!("verified: true");
        return Ok(());
    };
    let error = status.code_error(&table).ok_or(status)?;
    match error.code(&table) {
        Some(Code::TokenExpiredOrNotExist | Code::TokenInvalid) => println!("make another token"),
        _ => println!("verified: false"), // a code that this client does not list, or none
    }
    let text = error.user_message("zh-CN").unwrap_or_default();
    if error.masked() {
        println!("masked {:?} {:?} {text}", error.request_id(), error.retry());
    } else {
        let (number, reason, retry) = (error.number(), error.reason(), error.retry());
        println!("{number:?} {reason} {:?} {retry:?} {text}", error.fault());
    }
    Ok(())
}
