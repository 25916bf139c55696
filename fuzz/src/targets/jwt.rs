//! A signed token in any bytes is taken apart without a panic; only what was signed by the key in its header verifies, and a key that
//! reads has one thumbprint.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use server::kas::jwk::ClientKey;
use server::kas::jws::Jws;

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(key) = ClientKey::from_jwk(bytes) {
        assert!(!key.verify(bytes, &[0; 64]));
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(jws) = Jws::read(text, 1 << 16) {
        let claims = jws.unverified::<Value>();
        if let Ok(key) = jws.header_key()
            && let Ok(verified) = jws.verified::<Value>(&key)
        {
            assert_eq!(claims.ok(), Some(verified));
        }
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    const KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let encode = |part: &str| URL_SAFE_NO_PAD.encode(part);
    let header = format!(r#"{{"alg":"EdDSA","typ":"dpop+jwt","jwk":{KEY}}}"#);
    let claims = r#"{"jti":"1","htm":"POST","htu":"https://office.invalid/token","iat":1790000000}"#;
    vec![
        KEY.into(),
        format!("{}.{}.{}", encode(&header), encode(claims), URL_SAFE_NO_PAD.encode([0; 64])).into_bytes(),
    ]
}
