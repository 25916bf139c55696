//! Labels bound to data: what was bound opens, everything else is refused by its reason.

use std::sync::LazyLock;

use label::{
    Binding, BindingError, Bound, Certificate, Classification, Data, Document, Information, Label, Signer,
};

/// A signer's two files, and the certificate alone.
struct Pair {
    key: String,
    certificate: String,
}

impl Pair {
    fn new(algorithm: &'static rcgen::SignatureAlgorithm) -> Self {
        let key = rcgen::KeyPair::generate_for(algorithm).unwrap();
        let parameters = rcgen::CertificateParams::new(vec!["exercise.invalid".to_owned()]).unwrap();
        let certificate = parameters.self_signed(&key).unwrap();
        Self { key: key.serialize_pem(), certificate: certificate.pem() }
    }

    fn signer(&self) -> Signer {
        Signer::from_pem(self.key.as_bytes(), self.certificate.as_bytes()).unwrap()
    }

    fn trusted(&self) -> [Certificate; 1] {
        [Certificate::from_pem(self.certificate.as_bytes()).unwrap()]
    }
}

static ECDSA: LazyLock<Pair> = LazyLock::new(|| Pair::new(&rcgen::PKCS_ECDSA_P256_SHA256));
static RSA: LazyLock<Pair> = LazyLock::new(|| Pair::new(&rcgen::PKCS_RSA_SHA256));

fn document() -> Document {
    let information = Information::nato(Classification::NatoUnclassified, &["INDUSTRY"]).unwrap();
    let time = |text: &str| text.parse().unwrap();
    let label =
        Label::reviewed(information, None, time("2026-01-01T00:00:00Z"), time("2031-01-01T00:00:00Z"));
    Document::from(&label)
}

const REPORT: &[u8] = b"EXERCISE report, invented\n";
const BESIDE: Data<'_> = Data::Beside { name: "report.txt", bytes: REPORT };

#[test]
fn what_is_bound_opens_with_either_kind_of_key() {
    for pair in [&*ECDSA, &*RSA] {
        let inside = Binding::seal(&document(), Data::Embedded(REPORT), &pair.signer()).unwrap();
        let opened = Binding::open(inside.as_bytes(), &pair.trusted()).unwrap();
        assert_eq!((&opened.label().document, opened.label().findings.len()), (&document(), 0));
        assert_eq!(opened.data(), &Bound::Embedded(REPORT.to_vec()));
        assert!(opened.covers(REPORT) && !opened.covers(b"other"));
        assert_eq!(opened.signer(), &pair.trusted()[0]);
        let beside = Binding::seal(&document(), BESIDE, &pair.signer()).unwrap();
        let opened = Binding::open(beside.as_bytes(), &pair.trusted()).unwrap();
        assert!(matches!(opened.data(), Bound::Beside { name, .. } if name == "report.txt"));
        assert!(opened.covers(REPORT) && !opened.covers(b""));
    }
}

#[test]
fn nothing_opens_without_the_signers_certificate() {
    let sealed = Binding::seal(&document(), BESIDE, &ECDSA.signer()).unwrap();
    assert_eq!(Binding::open(sealed.as_bytes(), &[]), Err(BindingError::Untrusted));
    assert_eq!(Binding::open(sealed.as_bytes(), &RSA.trusted()), Err(BindingError::Untrusted));
    let both = [RSA.trusted(), ECDSA.trusted()].concat();
    assert!(Binding::open(sealed.as_bytes(), &both).is_ok());
    // Another's signature under the trusted certificate.
    let other = Pair::new(&rcgen::PKCS_ECDSA_P256_SHA256);
    let forged = Binding::seal(&document(), BESIDE, &other.signer()).unwrap();
    let body = |pair: &Pair| pair.certificate.lines().filter(|l| !l.starts_with('-')).collect::<String>();
    let forged = forged.replace(&body(&other), &body(&ECDSA));
    assert_eq!(Binding::open(forged.as_bytes(), &ECDSA.trusted()), Err(BindingError::Signature));
}

#[test]
fn every_changed_byte_is_refused() {
    for data in [BESIDE, Data::Embedded(REPORT)] {
        let sealed = Binding::seal(&document(), data, &ECDSA.signer()).unwrap();
        let trusted = ECDSA.trusted();
        let good = Binding::open(sealed.as_bytes(), &trusted).unwrap();
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] ^= 1;
            if let Ok(opened) = Binding::open(&bytes, &trusted) {
                // Some changes are none: a quotation mark's twin, for example. Then it says the same.
                assert_eq!(opened, good, "byte {at}");
            }
        }
        for end in (0..sealed.len()).step_by(17) {
            assert!(Binding::open(&sealed.as_bytes()[..end], &trusted).is_err(), "cut at {end}");
        }
    }
}

#[test]
fn what_is_not_in_this_form_is_refused_before_the_signature() {
    let sealed = Binding::seal(&document(), BESIDE, &ECDSA.signer()).unwrap();
    let refuse = |from: &str, to: &str| {
        assert!(sealed.contains(from), "{from}");
        Binding::open(sealed.replacen(from, to, 1).as_bytes(), &ECDSA.trusted()).unwrap_err()
    };
    let shape = |error: BindingError| assert!(matches!(error, BindingError::Shape { .. }), "{error}");
    let part = |from: &str, to: &str| {
        let rest = sealed.split_once(from).unwrap().1;
        format!("{from}{}", rest.split_once(to).unwrap().0)
    };
    let (signature, label) =
        (&*part("<ds:Signature ", "<mb:MetadataBindingC"), &*part("<originator", "</mb:Metadata>"));
    shape(refuse(signature, ""));
    shape(refuse(signature, &signature.repeat(2)));
    // Wrapping: the signed part moved aside, another label in its place.
    shape(refuse(label, &label.repeat(2)));
    shape(refuse("</mb:BindingInformation>", "<mb:MetadataBindingContainer/></mb:BindingInformation>"));
    shape(refuse("URI=\"\"", "URI=\"#data\""));
    shape(refuse("xmldsig-more#sha384", "xmldsig#sha1"));
    shape(refuse("more#ecdsa-sha256", "more#hmac-sha256"));
    shape(refuse("<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>", ""));
    shape(refuse("<ds:KeyInfo>", "<ds:KeyInfo><ds:KeyName>k</ds:KeyName>"));
    shape(refuse("<mb:DataReference URI=\"report.txt\"/>", "<mb:DataReference URI=\"other.txt\"/>"));
    shape(refuse("<mb:DataReference URI=\"report.txt\"/>", "<mb:Data>AAAA</mb:Data>"));
    shape(refuse("<mb:Metadata>", "<mb:Metadata Id=\"data\">"));
    shape(refuse("<ds:Object>", "<ds:Object Id=\"x\">"));
    assert!(matches!(refuse("Id=\"data\"", "Id=\"date\""), BindingError::Shape { .. }));
    let name = refuse("<ds:Reference URI=\"report.txt\">", "<ds:Reference URI=\"../report.txt\">");
    assert!(matches!(name, BindingError::Name { .. }));
    assert!(matches!(refuse("<mb:BindingI", "<!DOCTYPE a><mb:BindingI"), BindingError::Xml(_)));
    assert!(matches!(refuse("UNCLASSIFIED", ""), BindingError::Label(_)));
    assert_eq!(refuse("UNCLASSIFIED", "SECRET"), BindingError::Signature);
    let digest = sealed.find("</ds:DigestValue></ds:Reference></ds:Manifest>").unwrap();
    let mut other = sealed.clone();
    other.replace_range(digest - 4..digest, "AAAA");
    assert_eq!(Binding::open(other.as_bytes(), &ECDSA.trusted()), Err(BindingError::Signature));
}

#[test]
fn only_plain_names_and_fitting_keys_are_taken() {
    for name in
        ["", ".", "..", "a/b", "/etc/passwd", "a b", "http://x", "cid:1", "a%2fb", "#data", "a\u{202E}b"]
    {
        let refused = Binding::seal(&document(), Data::Beside { name, bytes: REPORT }, &ECDSA.signer());
        assert!(matches!(refused, Err(BindingError::Name { .. })), "{name}");
    }
    let (ec, rsa) = (&*ECDSA, &*RSA);
    let mixed = Signer::from_pem(ec.key.as_bytes(), rsa.certificate.as_bytes());
    assert_eq!(mixed.unwrap_err(), BindingError::KeyMismatch);
    let none = Signer::from_pem(ec.certificate.as_bytes(), ec.certificate.as_bytes());
    assert_eq!(none.unwrap_err(), BindingError::Key);
    assert_eq!(Certificate::from_pem(ec.key.as_bytes()).unwrap_err(), BindingError::Certificate);
    let ed25519 = Pair::new(&rcgen::PKCS_ED25519);
    assert_eq!(Certificate::from_pem(ed25519.certificate.as_bytes()).unwrap_err(), BindingError::Certificate);
    let shown = format!("{:?}", ec.signer());
    assert!(shown.starts_with("Signer(") && shown.len() == 72, "{shown}");
}
