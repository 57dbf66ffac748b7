//! What the layers of a channel and of a server read.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};

use codetable::{ClientLayer, Layer as _, RetryLayer, ServerLayer, Translator};
use http_body_util::{BodyExt as _, Empty, Full};
use proptest::collection::vec;
use proptest::prelude::*;
use tonic::body::Body;
use tonic::codegen::http::{HeaderMap, HeaderValue, Request, Response};
use tonic::codegen::{BoxFuture, Bytes, Service, StdError};
use tonic::{Code, Status};

use super::check;
use super::inputs::headers;
use crate::service::TABLE;

type Headers = Vec<(&'static str, Vec<u8>)>;

/// Answers with headers, or with trailers after them.
#[derive(Clone)]
struct Answering {
    headers: HeaderMap,
    trailers: HeaderMap,
    calls: Arc<AtomicU32>,
}

impl Answering {
    fn new(sent: &Headers, trailing: bool) -> Self {
        let mut map = HeaderMap::new();
        for (name, value) in sent {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                map.append(*name, value);
            }
        }
        let (headers, trailers) = if trailing {
            (HeaderMap::new(), map)
        } else {
            (map, HeaderMap::new())
        };
        Self {
            headers,
            trailers,
            calls: Arc::default(),
        }
    }

    /// Returns the gRPC code that it sends.
    fn code(&self) -> Option<Code> {
        let mut all = [&self.headers, &self.trailers].into_iter();
        let status = all.find_map(|headers| headers.get("grpc-status"))?;
        Some(Code::from_bytes(status.as_bytes()))
    }
}

impl Service<Request<Body>> for Answering {
    type Response = Response<Body>;
    type Error = StdError;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let (headers, trailers) = (self.headers.clone(), self.trailers.clone());
        Box::pin(async move {
            request.into_body().collect().await?;
            let body = Empty::<Bytes>::new().with_trailers(ready(Some(Ok(trailers))));
            let mut response = Response::new(Body::new(body));
            *response.headers_mut() = headers;
            Ok(response)
        })
    }
}

/// Returns the headers and the trailers of an answer, or its failure.
async fn answer<S, B>(mut service: S, request: Request<Body>) -> Result<HeaderMap, StdError>
where
    S: Service<Request<Body>, Response = Response<B>, Error = StdError>,
    B: tonic::codegen::Body,
    B::Error: Into<StdError>,
{
    let (parts, body) = service.call(request).await?.into_parts();
    let body = body.collect().await.map_err(Into::into)?;
    let mut all = parts.headers;
    all.extend(body.trailers().cloned().unwrap_or_default());
    Ok(all)
}

/// Runs one call. Time passes only while nothing else can run.
fn run<T>(call: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    runtime.expect("it starts").block_on(call)
}

/// Returns a request of one empty message.
fn request() -> Request<Body> {
    let message = Full::new(Bytes::from_static(&[0; 5]));
    Request::new(Body::new(message))
}

#[test]
fn a_failure_in_headers_or_trailers_is_a_failure_of_the_call() {
    check(1000, &(headers(), any::<bool>()), |(sent, trailing)| {
        let server = Answering::new(&sent, trailing);
        let code = server.code();
        let client = ClientLayer::new(&*TABLE).layer(server);
        match run(answer(client, request())) {
            Ok(headers) => {
                assert!(code.is_none_or(|code| code == Code::Ok), "{code:?} is lost");
                // tonic reads them after the layer.
                let status = Status::from_header_map(&headers).map(|status| status.code());
                assert_eq!(status, code);
            }
            Err(error) => {
                let got = Status::from_error(error).code();
                // tonic makes Unknown of a message that is not UTF-8.
                let unreadable = got == Code::Unknown && code.is_some();
                assert!(
                    got != Code::Ok && (Some(got) == code || unreadable),
                    "{got:?}"
                );
            }
        }
    });
}

#[test]
fn a_server_sends_a_failure_of_its_handler_as_one() {
    let language = vec(any::<u8>(), 0..40);
    let all = (headers(), any::<bool>(), language, any::<bool>());
    let inside = Translator::new(&*TABLE);
    check(500, &all, |(sent, trailing, language, public)| {
        let handler = Answering::new(&sent, trailing);
        let code = handler.code();
        let translator = if public {
            inside.clone().public_boundary()
        } else {
            inside.clone()
        };
        let mut request = request();
        if let Ok(language) = HeaderValue::from_bytes(&language) {
            request.headers_mut().insert("accept-language", language);
        }
        let server = ServerLayer::new(translator).layer(handler);
        let headers = run(answer(server, request)).expect("a failure is an answer");
        let got = Status::from_header_map(&headers);
        if code.is_some_and(|code| code != Code::Ok) {
            let got = got.expect("it has a status");
            assert_ne!(got.code(), Code::Ok, "{code:?} is lost");
            assert!(got.details().len() <= 4096, "{}", got.details().len());
            let all = headers.get_all("grpc-retry-pushback-ms").iter().count();
            assert_eq!(all, 1, "the values of the pushback");
        }
    });
}

/// Says whether a server allows the same request, and after at most a minute.
fn allows(server: &Answering) -> bool {
    let mut all = server.headers.get_all("grpc-retry-pushback-ms").iter();
    let (first, second) = (all.next(), all.next());
    let text = first.and_then(|value| value.to_str().ok());
    let millis = text.and_then(|text| text.parse::<u32>().ok());
    let failed = server
        .headers
        .get("grpc-status")
        .is_some_and(|code| code != "0");
    failed && second.is_none() && millis.is_some_and(|millis| millis <= 60_000)
}

#[test]
fn a_call_is_repeated_only_if_its_server_allows_it() {
    let timeout = prop_oneof!["[0-9]{1,9}[HMSmunx]", ".{0,8}"];
    let all = (headers(), any::<bool>(), proptest::option::of(timeout));
    check(500, &all, |(sent, trailing, timeout)| {
        let server = Answering::new(&sent, trailing);
        let (calls, allowed) = (Arc::clone(&server.calls), allows(&server));
        let mut request = request();
        let timeout = timeout.and_then(|text| HeaderValue::from_str(&text).ok());
        let unlimited = timeout.is_none();
        if let Some(timeout) = timeout {
            request.headers_mut().insert("grpc-timeout", timeout);
        }
        let client = RetryLayer::new().layer(server);
        let headers = run(answer(client, request)).expect("the last answer");
        assert!(headers.len() <= sent.len(), "nothing is added");
        let calls = calls.load(Ordering::SeqCst);
        let most = if allowed { 3 } else { 1 };
        let least = if unlimited { most } else { 1 };
        assert!((least..=most).contains(&calls), "{calls} calls");
    });
}
