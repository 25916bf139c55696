//! The body of a request for keys, and the policy inside it, are read without a panic; a request that reads asks for something.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use package::access::KeyAccess;
use server::kas::request::{Policy, Request};

use crate::seeds::objects_of_another_client;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = Policy::from_base64(text);
    if let Ok(request) = Request::from_json(text) {
        assert!(request.policies.iter().any(|policy| !policy.objects.is_empty()));
        for policy in &request.policies {
            let _ = Policy::from_base64(&policy.body);
            for object in &policy.objects {
                let _ = KeyAccess::from_json(object.json.as_bytes());
            }
        }
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let policy = STANDARD.encode(
        r#"{"uuid":"00000000-0000-4000-8000-000000000000","body":{"dataAttributes":[],"dissem":["ACME"]}}"#,
    );
    let requests = objects_of_another_client().into_iter().map(|object| {
        let object = String::from_utf8(object).expect("JSON is text");
        format!(
            r#"{{"clientPublicKey":"PEM","requests":[{{"keyAccessObjects":[{{"keyAccessObjectId":"1","keyAccessObject":{object}}}],"policy":{{"id":"1","body":"{policy}"}}}}]}}"#
        )
    });
    requests.chain([policy.clone()]).map(String::into_bytes).collect()
}
