//! The writer and the network shell as a client meets them: on loopback, with ports from the operating system.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests stop at a fault")]

mod alliance;
mod kas;
mod limits;
mod office;
mod remote;
mod sequencer;
mod tls;
mod witnesses;

use std::net::TcpListener;

/// A listener on a port of the operating system's choice.
fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

/// A service with these routes on such a port, and its address.
fn serving(routes: axum::Router) -> (server::http::Service, String) {
    let service = server::http::Service::start(listener(), routes, server::http::Limits::default()).unwrap();
    let url = format!("http://{}", service.address());
    (service, url)
}
