//! Slow, silent and greedy clients; a stop that lets running requests finish.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::routing::{get, post};
use server::client::{Client, ClientError};
use server::http::{Limits, Service, blocking, read_body, text};

use crate::{listener, serving};

const MOMENT: Duration = Duration::from_millis(500);
const LONG: Duration = Duration::from_secs(20);

fn short() -> Limits {
    Limits { connections: 1, head: MOMENT, body: MOMENT, connection: LONG, stop: LONG }
}

async fn body_of_ten(body: Body) -> axum::response::Response {
    match read_body(body, 10, MOMENT).await {
        Ok(bytes) => text(StatusCode::OK, bytes.len().to_string()),
        Err(answer) => *answer,
    }
}

#[test]
fn a_body_is_bounded_in_bytes_and_in_time() {
    let (service, url) = serving(Router::new().route("/", post(body_of_ten)));
    let client = Client::new(None).unwrap();
    let answer = |body: &str| client.post(&url, body, 100, LONG).unwrap();
    assert_eq!(answer("ten bytes.").body, b"10");
    assert_eq!(answer("eleven byte").status, 413);
    // A body that is announced and does not come.
    let mut slow = TcpStream::connect(service.address()).unwrap();
    slow.set_read_timeout(Some(LONG)).unwrap();
    slow.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab").unwrap();
    let mut head = [0; 12];
    slow.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 408");
    service.stop();
}

#[test]
fn a_silent_client_gives_its_place_to_the_next() {
    let routes = Router::new().route("/", get(async || text(StatusCode::OK, "here")));
    let service = Service::start(listener(), routes, short()).unwrap();
    let mut silent = TcpStream::connect(service.address()).unwrap();
    silent.set_read_timeout(Some(LONG)).unwrap();
    let client = Client::new(None).unwrap();
    let answer = client.get(&format!("http://{}", service.address()), 100, LONG).unwrap();
    assert_eq!((answer.status, &answer.body[..]), (200, &b"here"[..]));
    // The silent one was let go: its connection ends, at most after a word about the time.
    let mut rest = Vec::new();
    silent.read_to_end(&mut rest).unwrap();
    drop(client);
    service.stop();
}

#[test]
fn a_running_request_is_answered_before_the_service_stops() {
    let (entered, inside) = sync_channel(1);
    let (release, released) = sync_channel::<()>(1);
    let released = std::sync::Arc::new(std::sync::Mutex::new(released));
    let handler = move || {
        let (entered, released) = (entered.clone(), std::sync::Arc::clone(&released));
        blocking(move || {
            entered.send(()).unwrap();
            released.lock().unwrap().recv().unwrap();
            text(StatusCode::OK, "done")
        })
    };
    let (service, url) = serving(Router::new().route("/", get(handler)));
    let address = service.address();
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| Client::new(None).unwrap().get(&url, 100, LONG).unwrap());
        inside.recv().unwrap();
        let stopping = scope.spawn(|| service.stop());
        release.send(()).unwrap();
        assert_eq!(asking.join().unwrap().body, b"done");
        stopping.join().unwrap();
    });
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_panic_in_a_request_is_one_failed_request() {
    let handler = || blocking(|| panic!("as a test"));
    let routes = Router::new().route("/", get(handler)).route("/well", get(async || "well"));
    let (service, url) = serving(routes);
    let client = Client::new(None).unwrap();
    let answer = client.get(&url, 100, LONG).unwrap();
    assert_eq!((answer.status, &answer.body[..]), (500, &b"the service failed\n"[..]));
    assert_eq!(client.get(&format!("{url}/well"), 100, LONG).unwrap().status, 200);
    service.stop();
}

#[test]
fn a_client_waits_and_reads_no_more_than_it_is_told() {
    let routes = Router::new().route("/", get(async || text(StatusCode::OK, "x".repeat(1_000))));
    let (service, url) = serving(routes);
    let client = Client::new(None).unwrap();
    assert_eq!(client.get(&url, 1_000, LONG).unwrap().body.len(), 1_000);
    let long = client.get(&url, 999, LONG);
    assert!(matches!(long, Err(ClientError::TooLong { allowed: 999 })), "{long:?}");
    service.stop();
    // Nobody accepts, so nobody answers.
    let silent = listener();
    let late = client.get(&format!("http://{}", silent.local_addr().unwrap()), 1, MOMENT);
    assert!(matches!(late, Err(ClientError::Late)), "{late:?}");
    let gone = client.get(&url, 1, LONG);
    assert!(matches!(gone, Err(ClientError::Unreachable(_))), "{gone:?}");
    assert!(matches!(Client::new(Some(b"no certificate")), Err(ClientError::Roots)));
}
