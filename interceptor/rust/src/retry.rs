use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use tokio::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

const PUSHBACK: &str = "grpc-retry-pushback-ms";
const TIMEOUT: &str = "grpc-timeout";
const PREVIOUS_ATTEMPTS: &str = "grpc-previous-rpc-attempts";

/// A layer of a channel that repeats a failed call where the server allows the same
/// request: its trailer `grpc-retry-pushback-ms` is the time to wait (gRFC A6). tonic
/// itself does not retry. A [`ServerLayer`](crate::ServerLayer), like the servers
/// of all languages of this project, sends the trailer by the advice of the table.
///
/// A call is repeated only if its request is one message, and if the server has
/// answered with nothing but the failure. So a stream that has begun is never
/// repeated. Nothing is repeated after the timeout of the request
/// ([`tonic::Request::set_timeout`]), which limits all attempts together.
///
/// Put this layer directly over the channel, and a
/// [`ClientLayer`](crate::ClientLayer) over it.
#[derive(Clone, Copy, Debug)]
pub struct RetryLayer {
    attempts: u32,
    max_delay: Duration,
    max_request: usize,
}

impl Default for RetryLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl RetryLayer {
    /// Makes a layer with at most 3 attempts, for requests of at most 64 KiB and
    /// delays of at most 60 seconds.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            attempts: 3,
            max_delay: Duration::from_secs(60),
            max_request: 64 << 10,
        }
    }

    /// Sets how often a call is made at most, the first time included.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the longest delay to wait for. A failure that demands a longer one is
    /// returned at once.
    #[must_use]
    pub const fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Sets the size in bytes up to which the message of a request is kept. A call
    /// with a larger one is made once.
    #[must_use]
    pub const fn max_request(mut self, bytes: usize) -> Self {
        self.max_request = bytes;
        self
    }
}

impl<S> Layer<S> for RetryLayer {
    type Service = Retrying<S>;

    fn layer(&self, inner: S) -> Retrying<S> {
        Retrying {
            inner,
            policy: *self,
        }
    }
}

/// The service of a [`RetryLayer`].
#[derive(Clone, Debug)]
pub struct Retrying<S> {
    inner: S,
    policy: RetryLayer,
}

impl<S, R> Service<Request<tonic::body::Body>> for Retrying<S>
where
    S: Service<Request<tonic::body::Body>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    R: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<tonic::body::Body>) -> Self::Future {
        let next = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, next);
        Box::pin(repeat(ready, self.policy, request))
    }
}

async fn repeat<S, R>(
    mut service: S,
    policy: RetryLayer,
    request: Request<tonic::body::Body>,
) -> Result<S::Response, S::Error>
where
    S: Service<Request<tonic::body::Body>, Response = Response<R>>,
{
    let (mut parts, body) = request.into_parts();
    let deadline = timeout(&parts.headers).and_then(|timeout| Instant::now().checked_add(timeout));
    let record = Record::new(policy.max_request);
    let mut body = tonic::body::Body::new(Recorder {
        inner: body,
        record: record.clone(),
    });
    for attempt in 1.. {
        let response = service
            .call(Request::from_parts(parts.clone(), body))
            .await?;
        let allowed = pushback(response.headers())
            .filter(|delay| attempt < policy.attempts && *delay <= policy.max_delay);
        let (Some(delay), Some(message)) = (allowed, record.message()) else {
            return Ok(response);
        };
        let again = Instant::now() + delay;
        if !limit(
            &mut parts.headers,
            deadline.map(|end| end.saturating_duration_since(again)),
        ) {
            return Ok(response);
        }
        parts.headers.insert(PREVIOUS_ATTEMPTS, attempt.into());
        tokio::time::sleep_until(again).await;
        std::future::poll_fn(|cx| service.poll_ready(cx)).await?;
        body = tonic::body::Body::new(Full::from(message));
    }
    unreachable!("a call has fewer attempts than numbers exist")
}

/// Returns the time to wait, if a response is nothing but a failure that allows the
/// same request. Several values of the trailer allow nothing.
fn pushback(headers: &HeaderMap) -> Option<Duration> {
    headers.get("grpc-status").filter(|status| *status != "0")?;
    let mut values = headers.get_all(PUSHBACK).iter();
    let millis: u32 = values.next()?.to_str().ok()?.parse().ok()?;
    values
        .next()
        .is_none()
        .then(|| Duration::from_millis(millis.into()))
}

/// Parses the header of a timeout: digits and a unit.
fn timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(TIMEOUT)?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: u64 = digits.parse().ok()?;
    match unit {
        "H" => number.checked_mul(3600).map(Duration::from_secs),
        "M" => number.checked_mul(60).map(Duration::from_secs),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

/// Sets the time that is left for the next attempt. Returns false if there is none.
fn limit(headers: &mut HeaderMap, left: Option<Duration>) -> bool {
    let Some(left) = left else { return true };
    let text = match left.as_millis() {
        millis @ 0..100_000_000 => format!("{millis}m"), // at most 8 digits
        millis => format!("{}S", millis / 1000),
    };
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert(TIMEOUT, value);
    }
    left >= Duration::from_millis(1)
}

/// The bytes of a request that were sent.
#[derive(Clone)]
struct Record(Arc<Mutex<Sent>>);

struct Sent {
    bytes: BytesMut,
    limit: usize,
    ended: bool,
}

impl Record {
    fn new(limit: usize) -> Self {
        let (bytes, ended) = (BytesMut::new(), false);
        Self(Arc::new(Mutex::new(Sent {
            bytes,
            limit,
            ended,
        })))
    }

    fn with<T>(&self, f: impl FnOnce(&mut Sent) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, data: &Bytes) {
        self.with(|sent| {
            // One byte more than the limit says that the message is too large.
            let most = sent.limit.saturating_add(PREFIX + 1);
            let room = most.saturating_sub(sent.bytes.len());
            sent.bytes
                .extend_from_slice(data.get(..room).unwrap_or(data));
        });
    }

    /// Returns the whole request if it is one message that is not too large.
    fn message(&self) -> Option<Bytes> {
        self.with(|sent| {
            let length = sent
                .bytes
                .get(1..PREFIX)?
                .try_into()
                .ok()
                .map(u32::from_be_bytes)?;
            let length = usize::try_from(length)
                .ok()
                .filter(|length| *length <= sent.limit)?;
            let whole = sent.ended && sent.bytes.len() == PREFIX + length;
            whole.then(|| sent.bytes.clone().freeze())
        })
    }
}

/// The bytes before each message: whether it is compressed, and its length.
const PREFIX: usize = 5;

/// Records a request while it is sent, so that a stream is not delayed.
struct Recorder {
    inner: tonic::body::Body,
    record: Record,
}

impl Body for Recorder {
    type Data = Bytes;
    type Error = tonic::Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, tonic::Status>>> {
        let next = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        match next
            .as_ref()
            .map(|frame| frame.as_ref().map(Frame::data_ref))
        {
            None => self.record.with(|sent| sent.ended = true),
            Some(Ok(Some(data))) => self.record.add(data),
            Some(_) => {}
        }
        Poll::Ready(next)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
