use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use tonic::Status;
use tower_layer::Layer;
use tower_service::Service;

use crate::Tables;
use crate::header::failure;
use crate::mark::{BoxError, Received};

/// A layer of a channel that reads the code of each failed call, of a unary call
/// and of a stream. The calls return the same [`Status`] as without it; its
/// [`source`](std::error::Error::source) is a [`CodeError`](crate::CodeError) if the status has
/// a code or is masked. A handler that returns the status of such a call sends it
/// again byte for byte, and a [`ServerLayer`](crate::ServerLayer) at a public
/// boundary can tell it from a status of the handler.
///
/// ```no_run
/// # async fn call(table: codetable::CodeTable) -> Result<(), Box<dyn std::error::Error>> {
/// use codetable::{ClientLayer, Layer as _};
/// use codetable_jverification::jiguang::jverification::v1::verification_service_client::VerificationServiceClient;
///
/// let channel = tonic::transport::Endpoint::from_static("http://127.0.0.1:8090").connect_lazy();
/// let client = VerificationServiceClient::new(ClientLayer::new(&table).layer(channel));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ClientLayer {
    tables: Tables,
}

impl ClientLayer {
    /// Makes a layer that reads the codes of a table, or of several [`Tables`].
    #[must_use]
    pub fn new(tables: impl Into<Tables>) -> Self {
        Self {
            tables: tables.into(),
        }
    }
}

impl<S> Layer<S> for ClientLayer {
    type Service = Client<S>;

    fn layer(&self, inner: S) -> Client<S> {
        Client {
            inner,
            tables: self.tables.clone(),
        }
    }
}

/// The service of a [`ClientLayer`].
#[derive(Clone, Debug)]
pub struct Client<S> {
    inner: S,
    tables: Tables,
}

impl<S, B, R> Service<Request<B>> for Client<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    type Response = Response<ClientBody<R>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Received::mark)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let call = self.inner.call(request);
        let tables = self.tables.clone();
        Box::pin(async move {
            let mut response = call.await.map_err(Received::mark)?;
            match failure(response.headers_mut()) {
                Some(status) => Err(error(&tables, status)),
                None => Ok(response.map(|inner| ClientBody { inner, tables })),
            }
        })
    }
}

/// The body of a response. A failure in its trailers becomes an error of the body.
#[derive(Debug)]
pub struct ClientBody<B> {
    inner: B,
    tables: Tables,
}

impl<B> Body for ClientBody<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let next = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        Poll::Ready(next.map(|next| {
            let mut frame = next.map_err(Received::mark)?;
            match frame.trailers_mut().and_then(failure) {
                Some(status) => Err(error(&self.tables, status)),
                None => Ok(frame),
            }
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// tonic finds the status in the chain of the error, and keeps the error as the
/// source of the status that the call returns.
fn error(tables: &Tables, status: Status) -> BoxError {
    match tables.read(&status) {
        Some(error) => error.into(),
        None => Received::mark(status),
    }
}
