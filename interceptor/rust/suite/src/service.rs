//! A server whose answers are those of a function, and calls of it.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};

use codetable::{CodeTable, ServerLayer, Translator};
use codetable_jverification::FILE_DESCRIPTOR_SET;
use codetable_jverification::jiguang::jverification::v1::verification_service_client::VerificationServiceClient;
use codetable_jverification::jiguang::jverification::v1::verification_service_server::{
    VerificationService, VerificationServiceServer,
};
use codetable_jverification::jiguang::jverification::v1::{
    CheckCaptchaRequest, CheckCaptchaResponse, EnableOneClickLoginRequest,
    EnableOneClickLoginResponse, ExchangeLoginTokenRequest, ExchangeLoginTokenResponse,
    QueryBusinessRiskRequest, QueryBusinessRiskResponse, ResponseCode, VerifyNumberRequest,
    VerifyNumberResponse, VerifyNumbersRequest, VerifyNumbersResponse,
};
use tokio::task::JoinHandle;
use tokio_stream::{Stream, StreamExt as _};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status, Streaming};

pub static TABLE: LazyLock<CodeTable<ResponseCode>> = LazyLock::new(|| {
    let table = CodeTable::new(FILE_DESCRIPTOR_SET, "jiguang.jverification.v1.ResponseCode");
    table.expect("the generated table is valid")
});

type Answer = Pin<Box<dyn Future<Output = Result<i32, Status>> + Send>>;

/// Answers each call by its token, or by what the method has in its place.
#[derive(Clone)]
pub struct Service(Arc<dyn Fn(String) -> Answer + Send + Sync>);

impl Service {
    pub fn new(answer: impl Fn(&str) -> Result<i32, Status> + Send + Sync + 'static) -> Self {
        Self::later(move |token| std::future::ready(answer(&token)))
    }

    pub fn later<F>(answer: impl Fn(String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<i32, Status>> + Send + 'static,
    {
        Self(Arc::new(move |token| Box::pin(answer(token))))
    }

    async fn code(&self, token: &str) -> Result<Option<i32>, Status> {
        (self.0)(token.to_owned()).await.map(Some)
    }
}

/// A server in this process. It ends with the test.
pub struct Server {
    task: JoinHandle<()>,
    pub address: String,
}

impl Server {
    pub fn start(service: Service, translator: Translator) -> Self {
        let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into()).expect("listen");
        let address = incoming.local_addr().expect("it has an address");
        let server = tonic::transport::Server::builder()
            .layer(ServerLayer::new(translator))
            .add_service(VerificationServiceServer::new(service));
        let task = tokio::spawn(async move {
            let outcome = server.serve_with_incoming(incoming).await;
            outcome.expect("serve until the end of the test");
        });
        Self {
            task,
            address: address.to_string(),
        }
    }

    /// Starts a server that is no public boundary.
    pub fn internal(answer: impl Fn(&str) -> Result<i32, Status> + Send + Sync + 'static) -> Self {
        Self::start(Service::new(answer), Translator::new(&*TABLE))
    }

    /// Starts a server at a public boundary.
    pub fn public(answer: impl Fn(&str) -> Result<i32, Status> + Send + Sync + 'static) -> Self {
        let translator = Translator::new(&*TABLE).public_boundary();
        Self::start(Service::new(answer), translator)
    }

    pub fn channel(&self) -> Channel {
        channel(&self.address)
    }

    pub fn client(&self) -> VerificationServiceClient<Channel> {
        VerificationServiceClient::new(self.channel())
    }

    /// Returns the failure of a call without a language.
    pub async fn fail(&self, token: &str) -> Status {
        self.fail_in(token, "").await
    }

    pub async fn fail_in(&self, token: &str, language: &str) -> Status {
        let call = self.client().verify_number(verify(token, language)).await;
        call.expect_err("the call fails")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub fn channel(address: &str) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{address}"));
    endpoint.expect("the address is valid").connect_lazy()
}

pub fn verify(token: &str, language: &str) -> Request<VerifyNumberRequest> {
    let mut request = Request::new(VerifyNumberRequest {
        phone: "13800138000".into(),
        token: token.into(),
        ..Default::default()
    });
    if !language.is_empty() {
        let language = language.parse().expect("is ASCII");
        request.metadata_mut().insert("accept-language", language);
    }
    request
}

#[tonic::async_trait]
impl VerificationService for Service {
    async fn verify_number(
        &self,
        request: Request<VerifyNumberRequest>,
    ) -> Result<Response<VerifyNumberResponse>, Status> {
        let code = self.code(&request.get_ref().token).await?;
        Ok(Response::new(VerifyNumberResponse {
            code,
            ..Default::default()
        }))
    }

    type VerifyNumbersStream =
        Pin<Box<dyn Stream<Item = Result<VerifyNumbersResponse, Status>> + Send>>;

    /// Ends the stream at the first item that fails.
    async fn verify_numbers(
        &self,
        request: Request<Streaming<VerifyNumbersRequest>>,
    ) -> Result<Response<Self::VerifyNumbersStream>, Status> {
        if let Some(token) = request.metadata().get("token") {
            self.code(token.to_str().expect("is ASCII")).await?;
        }
        let service = self.clone();
        let items = request.into_inner().then(move |item| {
            let service = service.clone();
            async move {
                let token = item?.item.unwrap_or_default().token;
                let code = service.code(&token).await?;
                let item = VerifyNumberResponse {
                    code,
                    ..Default::default()
                };
                Ok(VerifyNumbersResponse {
                    item: Some(item),
                    ..Default::default()
                })
            }
        });
        Ok(Response::new(Box::pin(items)))
    }

    async fn exchange_login_token(
        &self,
        request: Request<ExchangeLoginTokenRequest>,
    ) -> Result<Response<ExchangeLoginTokenResponse>, Status> {
        let code = self.code(&request.get_ref().login_token).await?;
        Ok(Response::new(ExchangeLoginTokenResponse {
            code,
            ..Default::default()
        }))
    }

    async fn query_business_risk(
        &self,
        request: Request<QueryBusinessRiskRequest>,
    ) -> Result<Response<QueryBusinessRiskResponse>, Status> {
        let code = self.code(&request.get_ref().phone).await?;
        Ok(Response::new(QueryBusinessRiskResponse {
            code,
            ..Default::default()
        }))
    }

    async fn check_captcha(
        &self,
        request: Request<CheckCaptchaRequest>,
    ) -> Result<Response<CheckCaptchaResponse>, Status> {
        let code = self.code(&request.get_ref().captcha_content).await?;
        Ok(Response::new(CheckCaptchaResponse {
            code,
            ..Default::default()
        }))
    }

    async fn enable_one_click_login(
        &self,
        request: Request<EnableOneClickLoginRequest>,
    ) -> Result<Response<EnableOneClickLoginResponse>, Status> {
        let code = self.code(&request.get_ref().app_key).await?;
        Ok(Response::new(EnableOneClickLoginResponse {
            code,
            ..Default::default()
        }))
    }
}
