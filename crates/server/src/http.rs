//! Serving routes within limits: connections in number and time, headers in time, bodies in bytes; and an end in good order.
//!
//! What the routes do is theirs. There is no TLS here: a proxy in front of the service ends it.
//!
//! # Guarantee
//!
//! A client that is slow, silent or greedy costs one of [`Limits::connections`] for at most [`Limits::connection`] and
//! [`Limits::stop`]. After
//! [`Service::stop`] no request is running.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::{Semaphore, oneshot, watch};

/// How long to wait when the operating system has no connection to give, such as when all descriptors are used.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What a service grants.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at a time; more wait to be accepted.
    pub connections: usize,
    /// Time for the head of a request.
    pub head: Duration,
    /// Time for the body of a request.
    pub body: Duration,
    /// Time for a connection, after which it takes no more requests.
    pub connection: Duration,
    /// Time for a running request to finish once its connection or the service ends.
    pub stop: Duration,
}

impl Default for Limits {
    /// For an office: a receiver on a slow line gets a large bundle within the minute, a silent one is gone in ten seconds.
    fn default() -> Self {
        Self {
            connections: 256,
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            connection: Duration::from_secs(60),
            stop: Duration::from_secs(10),
        }
    }
}

/// A running service on threads of its own.
pub struct Service {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Service {
    /// Serves `routes` on `listener` until [`Service::stop`].
    ///
    /// # Errors
    ///
    /// When the operating system refuses the runtime or its threads.
    pub fn start(listener: TcpListener, routes: Router, limits: Limits) -> io::Result<Self> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let listener = {
            let _entered = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let run = move || {
            // A service whose handle is gone without a word stops as well.
            runtime.block_on(serve(listener, routes, limits, async { stopped.await.unwrap_or(()) }));
            runtime.shutdown_timeout(limits.stop);
        };
        let thread = std::thread::Builder::new().name("http".to_owned()).spawn(run)?;
        Ok(Self { address, stop, thread })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more connections, lets running requests finish within [`Limits::stop`], and returns when all is quiet.
    pub fn stop(self) {
        // If it is gone already there is nobody to tell, and nothing to wait for.
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

/// Serves until `stop`, for a caller with a runtime of its own.
pub async fn serve(
    listener: tokio::net::TcpListener,
    routes: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let all = u32::try_from(limits.connections).unwrap_or(u32::MAX);
    let places = Arc::new(Semaphore::new(all as usize));
    let (stopping, _) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let place = tokio::select! {
            () = &mut stop => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let stream = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = stream else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let (routes, stopping) = (routes.clone(), stopping.subscribe());
        tokio::spawn(async move {
            connection(stream, routes, limits, stopping).await;
            drop(place);
        });
    }
    drop(listener);
    // Who has not seen it by then is cut off with the runtime.
    let _ = stopping.send(());
    let _ = tokio::time::timeout(limits.stop, places.acquire_many(all)).await;
}

/// One connection to its end: the client's, that of its time, or that of the service. A request that runs then is finished.
async fn connection(
    stream: tokio::net::TcpStream,
    routes: Router,
    limits: Limits,
    mut stopping: watch::Receiver<()>,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    let mut connection = pin!(connection);
    tokio::select! {
        // However it ended, the client knows.
        _ = connection.as_mut() => return,
        () = tokio::time::sleep(limits.connection) => {}
        _ = stopping.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(limits.stop, connection).await;
}

/// The body of a request, of `length_max` bytes at most and in time; otherwise the answer to give.
///
/// # Errors
///
/// 413 for a longer body, or one that breaks off; 408 for a slow one.
pub async fn read_body(body: Body, length_max: usize, time: Duration) -> Result<Vec<u8>, Box<Response>> {
    match tokio::time::timeout(time, to_bytes(body, length_max)).await {
        Ok(Ok(bytes)) => Ok(bytes.to_vec()),
        Ok(Err(_)) => {
            Err(Box::new(text(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long or broke off\n")))
        }
        Err(_) => Err(Box::new(text(StatusCode::REQUEST_TIMEOUT, "the body did not come in time\n"))),
    }
}

/// An answer in plain text.
pub fn text(status: StatusCode, body: impl Into<String>) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body.into()).into_response()
}

/// Runs blocking work away from the threads that serve; a panic in it is an answer of status 500.
pub async fn blocking(work: impl FnOnce() -> Response + Send + 'static) -> Response {
    let failed = || text(StatusCode::INTERNAL_SERVER_ERROR, "the service failed\n");
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| failed())
}
