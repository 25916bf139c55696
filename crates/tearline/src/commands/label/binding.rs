//! `tearline label bind` and `tearline label unbind`: a label bound to a file by a signature.

use std::path::{Path, PathBuf};

use label::{
    BINDING_BYTES_MAX, Binding, BindingError, Bound, Certificate, Data, EMBEDDED_BYTES_MAX, Severity, Signer,
};
use zeroize::Zeroizing;

use crate::cli::label::{LabelBind, LabelUnbind};
use crate::commands::label::{existing, read_label};
use crate::document::label::{BINDING_SCHEMA, BindingDocument, StatementLine};
use crate::failure::{Answer, Failure};
use crate::folder;
use crate::input;
use crate::office_shell::bad_input;
use crate::terminal::{Terminal, Tone, shell_word};

/// Longest key or certificate file.
const PEM_BYTES_MAX: usize = 65_536;

fn refused(what: &Path, error: &BindingError) -> Failure {
    bad_input(&format!("`{}`", what.display()), error, error.advice())
}

pub(super) fn bind(arguments: &LabelBind, terminal: &Terminal) -> Result<Answer, Failure> {
    folder::check_file(&arguments.out, existing(arguments.force))?;
    let reading = read_label(&arguments.label)?;
    if let Some(fault) = reading.findings.iter().find(|f| f.code.severity() == Severity::Fault) {
        return Ok(refuse(&format!("the label has a fault: {fault}"), fault.code.advice(), terminal));
    }
    let key = Zeroizing::new(input::read_at_most(&arguments.key, PEM_BYTES_MAX)?);
    let certificate = input::read_at_most(&arguments.certificate, PEM_BYTES_MAX)?;
    let signer = Signer::from_pem(&key, &certificate).map_err(|error| refused(&arguments.key, &error))?;
    let name = arguments.data.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let bytes = if arguments.embed {
        input::read_at_most(&arguments.data, EMBEDDED_BYTES_MAX)?
    } else {
        input::read_file(&arguments.data)?
    };
    let data =
        if arguments.embed { Data::Embedded(&bytes) } else { Data::Beside { name: &name, bytes: &bytes } };
    let sealed = Binding::seal(&reading.document, data, &signer);
    let sealed = sealed.map_err(|error| refused(&arguments.data, &error))?;
    folder::put_file(&arguments.out, format!("{sealed}\n").as_bytes())?;
    let certificate =
        Certificate::from_pem(&certificate).map_err(|error| refused(&arguments.certificate, &error))?;
    let document = BindingDocument {
        schema: BINDING_SCHEMA,
        verdict: "bound",
        refusal: None,
        beside: (!arguments.embed).then_some(name),
        statement: Some(StatementLine::from(&reading.document.statement)),
        signer_sha256: Some(certificate.fingerprint()),
        files: vec![arguments.out.display().to_string()],
    };
    if terminal.json() {
        terminal.document(&document);
    } else {
        terminal.say(&format!("bound: {}", arguments.out.display()));
        let (out, certificate) = (shell_word(&arguments.out), shell_word(&arguments.certificate));
        terminal.next(&format!("tearline label unbind {out} --certificate {certificate}"));
    }
    Ok(Answer::Yes)
}

pub(super) fn unbind(arguments: &LabelUnbind, terminal: &Terminal) -> Result<Answer, Failure> {
    let outs = arguments.out.iter().chain(&arguments.label_out);
    outs.clone().try_for_each(|path| folder::check_file(path, existing(arguments.force)))?;
    let read = |path: &PathBuf| {
        let bytes = input::read_at_most(path, PEM_BYTES_MAX)?;
        Certificate::from_pem(&bytes).map_err(|error| refused(path, &error))
    };
    let trusted = arguments.certificates.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let bytes = input::read_at_most(&arguments.binding, BINDING_BYTES_MAX)?;
    let binding = match Binding::open(&bytes, &trusted) {
        Ok(binding) => binding,
        Err(error) => return Ok(refuse(&error.to_string(), error.advice(), terminal)),
    };
    let beside = match binding.data() {
        Bound::Embedded(_) => None,
        Bound::Beside { name, .. } => {
            let path = arguments.data.clone().unwrap_or_else(|| arguments.binding.with_file_name(name));
            if !binding.covers(&input::read_file(&path)?) {
                let message = format!("`{}` is not the file that the label is bound to", path.display());
                return Ok(refuse(&message, "do not use it; ask for it again", terminal));
            }
            Some(name.clone())
        }
    };
    let mut files = Vec::new();
    if let Some(path) = &arguments.out {
        let Bound::Embedded(data) = binding.data() else {
            let message = "--out: the data is not in the binding, but in a file beside it";
            return Err(Failure::usage(message, "leave --out away"));
        };
        folder::put_file(path, data)?;
        files.push(path.display().to_string());
    }
    if let Some(path) = &arguments.label_out {
        let xml = binding.label().document.to_xml();
        let xml = xml.map_err(|error| bad_input("the label", &error, error.advice()))?;
        folder::put_file(path, format!("{xml}\n").as_bytes())?;
        files.push(path.display().to_string());
    }
    let document = BindingDocument {
        schema: BINDING_SCHEMA,
        verdict: "bound",
        refusal: None,
        beside,
        statement: Some(StatementLine::from(&binding.label().document.statement)),
        signer_sha256: Some(binding.signer().fingerprint()),
        files,
    };
    if terminal.json() {
        terminal.document(&document);
    } else {
        print(&document, terminal);
    }
    Ok(Answer::Yes)
}

fn print(document: &BindingDocument, terminal: &Terminal) {
    let data = document.beside.as_deref().map_or("the data in it".to_owned(), |name| format!("`{name}`"));
    let statement = document.statement.as_ref();
    let label = statement.map_or(String::new(), |s| format!("{} {}", s.policy, s.classification));
    terminal.answer(&format!("{}: {label} on {data}", terminal.out_word(Tone::Good, "bound")));
    if let Some(signer) = &document.signer_sha256 {
        terminal.answer(&format!("  signed with certificate sha256 {signer}"));
    }
}

fn refuse(message: &str, advice: &str, terminal: &Terminal) -> Answer {
    let document = BindingDocument {
        schema: BINDING_SCHEMA,
        verdict: "refused",
        refusal: Some(message.to_owned()),
        beside: None,
        statement: None,
        signer_sha256: None,
        files: Vec::new(),
    };
    if terminal.json() {
        terminal.document(&document);
    } else {
        terminal.answer(&format!("{}: {message}", terminal.out_word(Tone::Bad, "refused")));
        terminal.say(advice);
    }
    Answer::No
}
