//! What every page has in common: one style sheet, a policy that allows nothing else, and how it is rendered.
//!
//! Templates escape everything that they are given. The policy admits the one style sheet by its hash, so a title that slipped through
//! could still do nothing. The sheet itself (head, banners, room for both in print) is `templates/sheet.html`.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::Digest;

use crate::failure::Failure;

/// The content security policy of a page with this style sheet, and nothing else.
pub(crate) fn policy(style: &str) -> String {
    let hash = STANDARD.encode(Digest::of(style.as_bytes()).as_bytes());
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

/// The bytes of a page; `name` is its file.
pub(crate) fn rendered(name: &str, page: &impl Template) -> Result<Vec<u8>, Failure> {
    let text = page.render().map_err(|error| {
        Failure::failed(format!("cannot write `{name}`: {error}"), "free some memory and try again")
    })?;
    Ok(text.into_bytes())
}
