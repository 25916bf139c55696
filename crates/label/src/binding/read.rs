//! The structure of a binding, element by element. Nothing here is believed before the signature holds; but what is not in this
//! form is refused before the signature library sees it.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    binding::{
        BINDING_BYTES_MAX, BINDING_NAMESPACE, BindingError, Bound, DSIG, ECDSA_SHA256, ENVELOPED, EXCLUSIVE,
        MANIFEST_ID, MANIFEST_TYPE, RSA_SHA256, SHA384, checked_name,
    },
    document::Reading,
    xml::{Comments, Element, Limits, is_space},
};

const BINDING_LIMITS: Limits = Limits {
    bytes: BINDING_BYTES_MAX,
    depth: 16,
    elements: 8_192,
    attributes: 8,
    comments: Comments::Refused,
};

/// What a binding consists of.
pub(super) struct Parts {
    pub(super) label: Reading,
    pub(super) data: Bound,
    pub(super) certificate: Vec<u8>,
    pub(super) method: &'static str,
}

impl Parts {
    pub(super) fn read(xml: &[u8]) -> Result<Self, BindingError> {
        let root = Element::parse(xml, &BINDING_LIMITS)?;
        if !root.is(BINDING_NAMESPACE, "BindingInformation") {
            let within = "the binding".to_owned();
            return Err(BindingError::Shape { within, expected: "BindingInformation" });
        }
        let mut root = Shape::new(root)?;
        let signature = Signed::read(root.next(DSIG, "Signature")?)?;
        let mut container = Shape::new(root.next(BINDING_NAMESPACE, "MetadataBindingContainer")?)?;
        root.end()?;
        let mut binding = Shape::new(container.next(BINDING_NAMESPACE, "MetadataBinding")?)?;
        container.end()?;
        let mut metadata = Shape::new(binding.next(BINDING_NAMESPACE, "Metadata")?)?;
        let label = metadata.rest.next();
        let label = label.ok_or_else(|| metadata.misses("confidentiality label"))?;
        metadata.end()?;
        let label = Reading::from_element(label)?;
        let data = match (binding.optional("DataReference"), signature.manifest) {
            (Some(mut reference), Some((name, sha384))) => {
                if reference.take("URI").as_deref() != Some(&name) {
                    return Err(binding.misses("the file that the signature covers"));
                }
                Shape::new(reference)?.end()?;
                Bound::Beside { name, sha384 }
            }
            (None, None) => {
                let text = text(binding.next(BINDING_NAMESPACE, "Data")?)?;
                Bound::Embedded(base64(&text).ok_or_else(|| binding.misses("data in base64"))?)
            }
            _ => return Err(binding.misses("data that the signature covers")),
        };
        binding.end()?;
        Ok(Self { label, data, certificate: signature.certificate, method: signature.method })
    }
}

/// What a signature says, apart from its value.
struct Signed {
    method: &'static str,
    certificate: Vec<u8>,
    manifest: Option<(String, [u8; 48])>,
}

impl Signed {
    fn read(signature: Element) -> Result<Self, BindingError> {
        let mut signature = Shape::new(signature)?;
        let mut info = Shape::new(signature.next(DSIG, "SignedInfo")?)?;
        info.algorithm("CanonicalizationMethod", &[EXCLUSIVE])?;
        let method = info.algorithm("SignatureMethod", &[ECDSA_SHA256, RSA_SHA256])?;
        let mut whole = info.next(DSIG, "Reference")?;
        if whole.take("URI").as_deref() != Some("") {
            return Err(info.misses("reference to the whole document"));
        }
        digest_of(whole, &[ENVELOPED, EXCLUSIVE])?;
        let further = info.rest.next();
        info.end()?;
        text(signature.next(DSIG, "SignatureValue")?)?;
        let mut keys = Shape::new(signature.next(DSIG, "KeyInfo")?)?;
        let mut x509 = Shape::new(keys.next(DSIG, "X509Data")?)?;
        keys.end()?;
        let certificate = base64(&text(x509.next(DSIG, "X509Certificate")?)?);
        let certificate = certificate.ok_or_else(|| x509.misses("certificate in base64"))?;
        x509.end()?;
        let manifest = match further {
            None => None,
            Some(reference) => Some(manifest(reference, &mut signature)?),
        };
        signature.end()?;
        Ok(Self { method, certificate, manifest })
    }
}

/// The file that a manifest names, for a reference that leads to it.
fn manifest(mut reference: Element, signature: &mut Shape) -> Result<(String, [u8; 48]), BindingError> {
    let here = reference.is(DSIG, "Reference")
        && reference.take("URI").is_some_and(|uri| uri.strip_prefix('#') == Some(MANIFEST_ID))
        && reference.take("Type").as_deref() == Some(MANIFEST_TYPE);
    if !here {
        return Err(signature.misses("reference to the manifest"));
    }
    digest_of(reference, &[EXCLUSIVE])?;
    let mut object = Shape::new(signature.next(DSIG, "Object")?)?;
    let mut manifest = object.next(DSIG, "Manifest")?;
    object.end()?;
    if manifest.take("Id").as_deref() != Some(MANIFEST_ID) {
        return Err(signature.misses("manifest with the identifier referred to"));
    }
    let mut manifest = Shape::new(manifest)?;
    let mut file = manifest.next(DSIG, "Reference")?;
    manifest.end()?;
    let name = checked_name(&file.take("URI").unwrap_or_default())?;
    let digest = digest_of(file, &[])?;
    let sha384 = base64(&digest).and_then(|bytes| bytes.try_into().ok());
    Ok((name, sha384.ok_or_else(|| signature.misses("SHA-384 digest"))?))
}

/// The digest of a reference that has these transforms and no others.
fn digest_of(reference: Element, transforms: &[&'static str]) -> Result<String, BindingError> {
    let mut reference = Shape::new(reference)?;
    if !transforms.is_empty() {
        let mut all = Shape::new(reference.next(DSIG, "Transforms")?)?;
        for transform in transforms {
            all.algorithm("Transform", &[transform])?;
        }
        all.end()?;
    }
    reference.algorithm("DigestMethod", &[SHA384])?;
    let digest = text(reference.next(DSIG, "DigestValue")?)?;
    reference.end()?;
    Ok(digest)
}

/// The children of an element without attributes and text, taken from first to last.
struct Shape {
    within: String,
    rest: std::iter::Peekable<std::vec::IntoIter<Element>>,
}

impl Shape {
    fn new(element: Element) -> Result<Self, BindingError> {
        let shape = Self { within: element.name, rest: element.children.into_iter().peekable() };
        if !element.attributes.is_empty() {
            return Err(shape.misses("no further attribute"));
        }
        if !element.text.chars().all(is_space) {
            return Err(shape.misses("no text"));
        }
        Ok(shape)
    }

    fn misses(&self, expected: &'static str) -> BindingError {
        BindingError::Shape { within: self.within.clone(), expected }
    }

    fn next(&mut self, namespace: &str, name: &'static str) -> Result<Element, BindingError> {
        self.rest.next_if(|e| e.is(namespace, name)).ok_or_else(|| self.misses(name))
    }

    fn optional(&mut self, name: &str) -> Option<Element> {
        self.rest.next_if(|e| e.is(BINDING_NAMESPACE, name))
    }

    /// An element that names one of the algorithms and nothing else.
    fn algorithm(
        &mut self,
        name: &'static str,
        known: &[&'static str],
    ) -> Result<&'static str, BindingError> {
        let mut element = self.next(DSIG, name)?;
        let found = element.take("Algorithm").unwrap_or_default();
        Self::new(element)?.end()?;
        known.iter().find(|k| **k == found).copied().ok_or_else(|| self.misses("an algorithm of this form"))
    }

    fn end(mut self) -> Result<(), BindingError> {
        if self.rest.next().is_some() { Err(self.misses("no further element")) } else { Ok(()) }
    }
}

/// The text of an element that has nothing else.
fn text(mut element: Element) -> Result<String, BindingError> {
    let text = std::mem::take(&mut element.text);
    Shape::new(element)?.end()?;
    Ok(text)
}

/// Base64, in which other programs break lines.
fn base64(text: &str) -> Option<Vec<u8>> {
    let joined: String = text.chars().filter(|c| !is_space(*c)).collect();
    STANDARD.decode(joined).ok()
}
