//! The network side: connections, bodies in and out, and the faults that only a connection can show.

use std::future;
use std::io;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::reply::{Delivery, Envelope};
use super::service::Service;

/// The largest body that is taken.
const LARGEST_BODY: usize = 1 << 20;

/// How much of a larger one is still read: a client that is cut off while it writes never sees the answer.
const LARGEST_READ: usize = 16 << 20;

/// How long to wait where no connection can be accepted.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// Accepts connections until this future is dropped; all of them end with it.
pub(super) async fn serve(listener: TcpListener, service: Arc<Service>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&service)));
                }
                Err(_) => sleep(ACCEPT_AGAIN).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, service: Arc<Service>) {
    // Without it answers are slower, but right.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(move |request| respond(Arc::clone(&service), request));
    // What ends a connection early is the client's doing, or a fault that was asked for.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}

/// An error closes the connection.
async fn respond(service: Arc<Service>, request: Request<Incoming>) -> io::Result<Response<ResponseBody>> {
    let (head, body) = request.into_parts();
    let body = read(body).await.map_err(io::Error::other)?;
    let delivery = service.receive(&head, body.as_deref());
    if !service.latency.is_zero() {
        sleep(service.latency).await;
    }
    match delivery {
        Delivery::Whole(answer) => Ok(json(&answer, false)),
        Delivery::Half(answer) => Ok(json(&answer, true)),
        Delivery::Page(page) => {
            Ok(response(200, "text/html; charset=utf-8", ResponseBody::whole(page.into())))
        }
        Delivery::Closed => Err(io::Error::from(io::ErrorKind::ConnectionReset)),
        Delivery::Silence => future::pending().await,
    }
}

/// The whole body, or none if it is too large.
async fn read(mut body: Incoming) -> Result<Option<Vec<u8>>, hyper::Error> {
    let mut bytes = Vec::new();
    let mut total = 0_usize;
    while let Some(frame) = body.frame().await.transpose()? {
        let Ok(data) = frame.into_data() else { continue };
        total = total.saturating_add(data.len());
        if total > LARGEST_READ {
            break;
        }
        if total > LARGEST_BODY {
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&data);
        }
    }
    Ok((total <= LARGEST_BODY).then_some(bytes))
}

fn json(answer: &Envelope, cut: bool) -> Response<ResponseBody> {
    let bytes = Bytes::from(answer.body.to_string());
    let payload = if cut { ResponseBody::half(bytes) } else { ResponseBody::whole(bytes) };
    let mut response = response(answer.status, "application/json", payload);
    if let Some(seconds) = answer.retry_after {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

fn response(status: u16, content_type: &'static str, payload: ResponseBody) -> Response<ResponseBody> {
    let mut response = Response::new(payload);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A body that can stop before it is as long as its header says.
struct ResponseBody {
    promised: u64,
    data: Bytes,
    ending: Ending,
}

enum Ending {
    Whole,
    /// One more poll before the cut, so that the first half has left.
    Flush,
    Cut,
}

impl ResponseBody {
    fn whole(data: Bytes) -> Self {
        Self { promised: data.len() as u64, data, ending: Ending::Whole }
    }

    fn half(mut data: Bytes) -> Self {
        let promised = data.len() as u64;
        data.truncate(data.len() / 2);
        Self { promised, data, ending: Ending::Flush }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if !self.data.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(mem::take(&mut self.data)))));
        }
        match self.ending {
            Ending::Whole => Poll::Ready(None),
            Ending::Flush => {
                self.ending = Ending::Cut;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Ending::Cut => Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::ConnectionReset)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_empty() && matches!(self.ending, Ending::Whole)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}
