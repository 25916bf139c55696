//! HTTPS on loopback, by a certificate that serves nothing but this test.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};
use server::client::{Client, ClientError};

use crate::listener;

const CERTIFICATE: &[u8] = include_bytes!("tls/certificate.pem");
const KEY: &[u8] = include_bytes!("tls/key.pem");
const LONG: Duration = Duration::from_secs(20);

#[test]
fn a_service_is_believed_by_the_given_roots_only() {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()],
            PrivateKeyDer::from_pem_slice(KEY).unwrap(),
        )
        .unwrap();
    let config = Arc::new(config);
    let listener = listener();
    let url = format!("https://{}", listener.local_addr().unwrap());
    std::thread::scope(|scope| {
        // Two clients come: one that believes the certificate, one that does not.
        scope.spawn(|| {
            for _ in 0..2 {
                let (mut socket, _) = listener.accept().unwrap();
                let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut stream = Stream::new(&mut tls, &mut socket);
                let mut request = [0; 1024];
                // The second ends in an alert instead of a request.
                if stream.read(&mut request).is_ok_and(|read| read > 0) {
                    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
                    stream.write_all(answer).unwrap();
                    stream.conn.send_close_notify();
                    stream.flush().unwrap();
                }
            }
        });
        let answer = Client::new(Some(CERTIFICATE)).unwrap().get(&url, 10, LONG).unwrap();
        assert_eq!((answer.status, &answer.body[..]), (200, &b"ok"[..]));
        let stranger = Client::new(None).unwrap().get(&url, 10, LONG);
        assert!(matches!(stranger, Err(ClientError::Unreachable(_))), "{stranger:?}");
    });
}
