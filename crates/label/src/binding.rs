//! A label bound to data by a signature: STANAG 4778 `BindingInformation`, with the data inside or in a file beside it.
//!
//! One form is written and read: one container, one binding, one label, one piece of data, one signature. The signature covers
//! the whole document (`URI=""`, enveloped) and, for data beside it, a manifest with the digest of the file, which this crate
//! itself holds against the file's bytes: neither it nor the signature library opens files. Digests are SHA-384; signatures are
//! ECDSA or RSA with SHA-256; the certificate stands in `X509Data`, as ADatP-4778.2 wants it.
//!
//! # Guarantee
//! [`Binding::open`] accepts nothing that the signature does not cover: the structure is checked element by element before the
//! signature is, there is one signature, and its references are those named here. The key is that of a certificate that the
//! caller trusts, byte for byte; what else the document says of keys is not looked at. Chains, validity and revocation of
//! certificates are the caller's.
//!
//! Not here: bindings inside the formats of other programs (office documents, mail), bindings of several labels or of parts of data, time stamps, unsigned bindings, signatures whose references lead
//! out of the document.
//!
//! # Source
//! ADatP-4778 (structure), ADatP-4778.2 (algorithms; chapter 9, sidecar files), XML Signature 1.1 (sections 4.4.3, 5.1 and 6.6.4),
//! Exclusive XML Canonicalization 1.0.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bergshamra_dsig::{DsigContext, VerifyResult};
use bergshamra_keys::{Key, KeyData, KeyUsage, KeysManager, loader};
use sha2::{Digest as _, Sha384};
use zeroize::Zeroizing;

use crate::{
    document::{Document, Reading},
    error::LabelError,
    field::Text,
    xml::{XmlError, escape},
};

mod read;

/// XML namespace of bindings.
pub const BINDING_NAMESPACE: &str = "urn:nato:stanag:4778:bindinginformation:1:0";

/// Longest data that is put into a binding.
pub const EMBEDDED_BYTES_MAX: usize = 16_777_216;

/// Longest binding in bytes: the longest data in base64, with room for the rest.
pub const BINDING_BYTES_MAX: usize = 23_068_672;

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#sha384";
const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const MANIFEST_TYPE: &str = "http://www.w3.org/2000/09/xmldsig#Manifest";
const MANIFEST_ID: &str = "data";

/// Why there is no binding, or none that holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BindingError {
    /// The bytes are not XML within the limits.
    #[error("the binding cannot be read: {0}")]
    Xml(#[from] XmlError),
    /// Something that is not as this form has it.
    #[error("`{within}` of the binding has not `{expected}` where it must be")]
    Shape {
        /// The element around it.
        within: String,
        /// What was expected there.
        expected: &'static str,
    },
    /// The label inside is none.
    #[error("the label in the binding cannot be read: {0}")]
    Label(#[from] LabelError),
    /// The data is too long to be put inside.
    #[error("data of {bytes} bytes is longer than {allowed} bytes")]
    TooLong {
        /// Length found.
        bytes: usize,
        /// Length allowed.
        allowed: usize,
    },
    /// A name that is no plain file name.
    #[error("`{name}` is not a plain file name")]
    Name {
        /// The name.
        name: String,
    },
    /// A key that this form has no signature for, or bytes that are no key.
    #[error("this is not a private key that can sign: RSA of 2048 bits and more, or P-256, as PKCS#8 in PEM")]
    Key,
    /// Bytes that are no certificate.
    #[error("this is not an X.509 certificate in PEM with a key that can sign")]
    Certificate,
    /// The key is not that of the certificate.
    #[error("the private key is not that of the certificate")]
    KeyMismatch,
    /// The certificate in the signature is none of those trusted.
    #[error("the binding is signed with a certificate that is not among those trusted")]
    Untrusted,
    /// The signature does not hold.
    #[error("the signature does not hold: label, data or signature were changed")]
    Signature,
}

impl BindingError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Xml(error) => error.advice(),
            Self::Shape { .. } => {
                "ask for a binding of one label to one piece of data, signed as a whole with SHA-384 digests"
            }
            Self::Label(error) => error.advice(),
            Self::TooLong { .. } => "bind the data as a file beside the binding",
            Self::Name { .. } => "use the name of the file alone, without a folder",
            Self::Key => "make one with another program, for example a P-256 key in PKCS#8",
            Self::Certificate => "give the certificate of the signer in PEM",
            Self::KeyMismatch => "give the certificate that was issued for this key",
            Self::Untrusted => "find out by another way whose certificate it is before you trust it",
            Self::Signature => "do not use it; ask for it again",
        }
    }
}

/// A signer's certificate, as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
}

impl Certificate {
    /// # Errors
    /// [`BindingError::Certificate`] for anything but one certificate with an RSA or elliptic-curve key.
    pub fn from_pem(pem: &[u8]) -> Result<Self, BindingError> {
        let key = loader::load_x509_cert_pem(pem).map_err(|_| BindingError::Certificate)?;
        let der = key.x509_chain.first().cloned().ok_or(BindingError::Certificate)?;
        method(&key).ok_or(BindingError::Certificate)?;
        Ok(Self { der })
    }

    /// SHA-256 of the certificate, by which people compare it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex(&sha2::Sha256::digest(&self.der))
    }

    fn key(&self) -> Result<Key, BindingError> {
        loader::load_x509_cert_der(&self.der).map_err(|_| BindingError::Certificate)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.fingerprint())
    }
}

/// A signer's private key with its certificate. The key's memory is wiped by the library that holds it.
pub struct Signer {
    key: Key,
    method: &'static str,
    certificate: Certificate,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.certificate.fingerprint())
    }
}

impl Signer {
    /// # Errors
    /// [`BindingError::Key`], [`BindingError::Certificate`], [`BindingError::KeyMismatch`].
    pub fn from_pem(key: &[u8], certificate: &[u8]) -> Result<Self, BindingError> {
        let certificate = Certificate::from_pem(certificate)?;
        let der = private_key(key).ok_or(BindingError::Key)?;
        let public = certificate.key()?;
        // A key of another kind than the certificate's is not its key either.
        let key = KeyData::from_pkcs8_der(public.data.algorithm(), &der);
        let key = Key::new(key.map_err(|_| BindingError::KeyMismatch)?, KeyUsage::Any);
        let method = method(&key).ok_or(BindingError::Key)?;
        if !key.has_private_key() {
            return Err(BindingError::Key);
        }
        if key.to_spki_der().is_none() || key.to_spki_der() != public.to_spki_der() {
            return Err(BindingError::KeyMismatch);
        }
        Ok(Self { key, method, certificate })
    }
}

/// The bytes of a private key in PEM (RFC 7468, section 10); none for anything else. No copy outlives the call.
fn private_key(pem: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = str::from_utf8(pem).ok()?.trim();
    let body = text.strip_prefix("-----BEGIN PRIVATE KEY-----")?.strip_suffix("-----END PRIVATE KEY-----")?;
    // Room for all of it at once: growing would leave copies behind.
    let mut joined = Zeroizing::new(String::with_capacity(body.len()));
    joined.extend(body.chars().filter(|c| !c.is_ascii_whitespace()));
    let mut der = Zeroizing::new(vec![0; joined.len()]);
    let length = STANDARD.decode_slice(joined.as_bytes(), &mut der).ok()?;
    der.truncate(length);
    Some(der)
}

/// The signature method of a key; none for keys that are too weak or that no receiver must know.
fn method(key: &Key) -> Option<&'static str> {
    let bytes = key.to_spki_der()?.len();
    match key.algorithm_name() {
        // A public key of 2048 bits has 294 bytes, or 292 with the shortest exponent.
        "RSA" if bytes >= 292 => Some(RSA_SHA256),
        "EC-P256" => Some(ECDSA_SHA256),
        _ => None,
    }
}

/// What is bound.
#[derive(Debug, Clone, Copy)]
pub enum Data<'d> {
    /// Bytes that stand in the binding.
    Embedded(&'d [u8]),
    /// A file beside the binding.
    Beside {
        /// Its name, without folders.
        name: &'d str,
        /// Its bytes.
        bytes: &'d [u8],
    },
}

/// What a binding says is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// Bytes that stood in the binding.
    Embedded(Vec<u8>),
    /// A file beside the binding.
    Beside {
        /// Its name, without folders.
        name: String,
        /// SHA-384 of its bytes.
        sha384: [u8; 48],
    },
}

/// A binding whose signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    label: Reading,
    data: Bound,
    signer: Certificate,
}

impl Binding {
    /// Binds a label to data. The result is XML on one line.
    ///
    /// # Errors
    /// [`BindingError`].
    pub fn seal(label: &Document, data: Data<'_>, signer: &Signer) -> Result<String, BindingError> {
        let (element, manifest) = match data {
            Data::Embedded(bytes) if bytes.len() > EMBEDDED_BYTES_MAX => {
                return Err(BindingError::TooLong { bytes: bytes.len(), allowed: EMBEDDED_BYTES_MAX });
            }
            Data::Embedded(bytes) => (format!("<mb:Data>{}</mb:Data>", STANDARD.encode(bytes)), None),
            Data::Beside { name, bytes } => {
                let uri = escape(&checked_name(name)?);
                let digest = STANDARD.encode(Sha384::digest(bytes));
                let reference = reference(&format!("URI=\"{uri}\""), "", &digest);
                (format!("<mb:DataReference URI=\"{uri}\"/>"), Some(reference))
            }
        };
        let template = format!(
            "<mb:BindingInformation xmlns:mb=\"{BINDING_NAMESPACE}\">{}<mb:MetadataBindingContainer><mb:MetadataBinding>\
             <mb:Metadata>{}</mb:Metadata>{element}</mb:MetadataBinding></mb:MetadataBindingContainer></mb:BindingInformation>",
            signature(signer, manifest.as_deref()),
            label.to_xml()?,
        );
        let mut keys = KeysManager::new();
        keys.add_key(signer.key.clone());
        let sealed = bergshamra_dsig::sign::sign_owned(&DsigContext::new(keys), template)
            .map_err(|_| BindingError::Key)?;
        // Whatever the library did, what leaves here can be opened.
        Self::open(sealed.as_bytes(), std::slice::from_ref(&signer.certificate))?;
        Ok(sealed)
    }

    /// Opens a binding that one of the certificates' keys signed. Data beside it is held against it by [`Binding::covers`].
    ///
    /// # Errors
    /// [`BindingError`].
    pub fn open(xml: &[u8], trusted: &[Certificate]) -> Result<Self, BindingError> {
        let parts = read::Parts::read(xml)?;
        let signer = trusted.iter().find(|c| c.der == parts.certificate).ok_or(BindingError::Untrusted)?;
        let key = signer.key()?;
        if method(&key) != Some(parts.method) {
            return Err(BindingError::Signature);
        }
        let mut keys = KeysManager::new();
        keys.add_key(key);
        let mut context = DsigContext::new(keys);
        // The manifest stands inside the signature, which the strict mode of the library does not know; where the references
        // lead was checked element by element above.
        context.strict_verification = false;
        let text = str::from_utf8(xml).map_err(|_| XmlError::NotText)?;
        let verified = bergshamra_dsig::verify::verify(&context, text);
        match verified {
            Ok(result @ VerifyResult::Valid { .. }) if result.all_reference_digests_verified() => {}
            _ => return Err(BindingError::Signature),
        }
        Ok(Self { label: parts.label, data: parts.data, signer: signer.clone() })
    }

    /// The label, and what deviates in it.
    #[must_use]
    pub fn label(&self) -> &Reading {
        &self.label
    }

    /// What it is bound to.
    #[must_use]
    pub fn data(&self) -> &Bound {
        &self.data
    }

    /// Whose certificate signed it.
    #[must_use]
    pub fn signer(&self) -> &Certificate {
        &self.signer
    }

    /// True when these are the bytes that the label is bound to.
    #[must_use]
    pub fn covers(&self, bytes: &[u8]) -> bool {
        match &self.data {
            Bound::Embedded(own) => own == bytes,
            Bound::Beside { sha384, .. } => Sha384::digest(bytes).as_slice() == sha384,
        }
    }
}

fn reference(attributes: &str, transforms: &str, digest: &str) -> String {
    format!(
        "<ds:Reference {attributes}>{transforms}<ds:DigestMethod Algorithm=\"{SHA384}\"/>\
         <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"
    )
}

/// The signature as a form to be filled in.
fn signature(signer: &Signer, manifest: Option<&str>) -> String {
    let exclusive = format!("<ds:Transform Algorithm=\"{EXCLUSIVE}\"/>");
    let whole =
        format!("<ds:Transforms><ds:Transform Algorithm=\"{ENVELOPED}\"/>{exclusive}</ds:Transforms>");
    let mut references = reference("URI=\"\"", &whole, "");
    let mut object = String::new();
    if let Some(manifest) = manifest {
        let attributes = format!("Type=\"{MANIFEST_TYPE}\" URI=\"#{MANIFEST_ID}\"");
        let transforms = format!("<ds:Transforms>{exclusive}</ds:Transforms>");
        references.push_str(&reference(&attributes, &transforms, ""));
        object = format!("<ds:Object><ds:Manifest Id=\"{MANIFEST_ID}\">{manifest}</ds:Manifest></ds:Object>");
    }
    format!(
        "<ds:Signature xmlns:ds=\"{DSIG}\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"/>\
         <ds:SignatureMethod Algorithm=\"{}\"/>{references}</ds:SignedInfo><ds:SignatureValue></ds:SignatureValue>\
         <ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>{object}</ds:Signature>",
        signer.method,
        STANDARD.encode(&signer.certificate.der),
    )
}

/// A file name that means one file beside the binding, whatever program reads it, and that needs no escaping as a URI.
fn checked_name(name: &str) -> Result<String, BindingError> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let dots = name.chars().all(|c| c == '.');
    if dots || Text::new(name).is_err() || !name.chars().all(plain) {
        return Err(BindingError::Name { name: name.to_owned() });
    }
    Ok(name.to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
