use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::ACCEPT_LANGUAGE;
use http::{HeaderMap, Request, Response};
use http_body::Body;
use http_body_util::BodyExt as _;
use tonic::metadata::KeyAndValueRef;
use tonic::{Code, Status};
use tower_layer::Layer;
use tower_service::Service;

use super::mask::request_id;
use super::translator::Translator;
use crate::header;
use crate::mark::BoxError;

/// A layer of a server that decides what is sent of each failed call, by a
/// [`Translator`]. A handler returns `Status` as ever: made with `?` from a
/// [`CodeError`](crate::CodeError), or with
/// [`into_status`](crate::IntoStatus::into_status) from any error. The layer finds
/// the error in the source of the status.
///
/// tonic drops the source of a status that a stream sends after its first message.
/// The layer then decides by the status alone. Call [`Translator::translate`] on the
/// items of such a stream if they can fail with an error of another server.
///
/// ```no_run
/// # fn serve(table: codetable::CodeTable) {
/// use codetable::{ServerLayer, Translator};
///
/// let layer = ServerLayer::new(Translator::new(&table).public_boundary());
/// let server = tonic::transport::Server::builder().layer(layer);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ServerLayer {
    translator: Translator,
}

impl ServerLayer {
    /// Makes a layer. A clone of the translator can serve the items of streams.
    #[must_use]
    pub fn new(translator: Translator) -> Self {
        Self { translator }
    }
}

impl<S> Layer<S> for ServerLayer {
    type Service = Server<S>;

    fn layer(&self, inner: S) -> Server<S> {
        Server {
            inner,
            translator: self.translator.clone(),
        }
    }
}

/// The service of a [`ServerLayer`].
#[derive(Clone, Debug)]
pub struct Server<S> {
    inner: S,
    translator: Translator,
}

impl<S, B, R> Service<Request<B>> for Server<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    R: Body<Data = Bytes> + Send + 'static,
    R::Error: Into<BoxError>,
{
    type Response = Response<tonic::body::Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let translator = self.translator.clone();
        let locale = request.headers().get(ACCEPT_LANGUAGE).cloned();
        let call = self.inner.call(request);
        Box::pin(async move {
            let locale = locale
                .as_ref()
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default();
            let mut response = match call.await {
                Ok(response) => response,
                // Else tonic sends the status in the chain of this error.
                Err(error) => {
                    let status = Status::from_error(error.into());
                    let sent = translator.translate_box(status.into(), locale, request_id());
                    return Ok(sent.into_http());
                }
            };
            if let Some(status) = failure(&mut response) {
                replace(&translator, response.headers_mut(), status, locale);
                return Ok(response.map(tonic::body::Body::new));
            }
            let locale = locale.to_owned();
            Ok(response.map(|body| {
                let end = move |trailers: &mut HeaderMap| close(&translator, trailers, &locale);
                tonic::body::Body::new(body.map_frame(move |mut frame| {
                    frame.trailers_mut().map(&end);
                    frame
                }))
            }))
        })
    }
}

/// Returns the status of a response without messages. tonic keeps it, with its
/// source, in the extensions. A handler that fails with the code of a success fails.
fn failure<R>(response: &mut Response<R>) -> Option<Status> {
    let kept = response.extensions_mut().remove::<Status>();
    kept.or_else(|| header::failure(response.headers_mut()))
}

/// Replaces the status at the end of a stream, unless it hides an error already.
fn close(translator: &Translator, trailers: &mut HeaderMap, locale: &str) {
    let status = header::failure(trailers);
    if let Some(status) = status.filter(|status| !translator.made_mask(status)) {
        replace(translator, trailers, status, locale);
    }
}

fn replace(translator: &Translator, headers: &mut HeaderMap, status: Status, locale: &str) {
    for entry in status.metadata().iter() {
        match entry {
            KeyAndValueRef::Ascii(key, _) => headers.remove(key.as_str()),
            KeyAndValueRef::Binary(key, _) => headers.remove(key.as_str()),
        };
    }
    for name in [
        Status::GRPC_STATUS,
        Status::GRPC_MESSAGE,
        Status::GRPC_STATUS_DETAILS,
    ] {
        headers.remove(name);
    }
    let sent = translator.translate_box(status.into(), locale, request_id());
    if sent.add_header(headers).is_err() {
        headers.insert(Status::GRPC_STATUS, (Code::Internal as i32).into());
    }
}
