//! `tearline label`: what a label says, whether its policy allows it, who may see it, and the same in other words.

use std::path::Path;

use label::{
    Clearance, Code, Document, EquivalenceError, Finding, Place, Reading, Spif, Statement, TaggedValues,
    Text, Translation, UtcTime, exercise,
};

use crate::cli::label::{
    Form, Label, LabelCheck, LabelCommand, LabelConvert, LabelShown, LabelTranslate, Policies, Shown, Where,
};
use crate::commands::verify::EXERCISE;
use crate::document::label::{FindingLine, LabelDocument, WithheldLine};
use crate::failure::{Answer, Failure};
use crate::folder::{self, Existing};
use crate::input;
use crate::office_shell::clock::{Clock as _, SystemClock};
use crate::office_shell::{bad_input, failed};
use crate::terminal::{Terminal, Tone};

mod binding;

pub(super) fn run(arguments: &Label, terminal: &Terminal) -> Result<Answer, Failure> {
    match &arguments.command {
        LabelCommand::Show(arguments) => show(arguments, terminal),
        LabelCommand::Check(arguments) => check(arguments, terminal),
        LabelCommand::Marking(arguments) => marking(arguments, terminal),
        LabelCommand::Translate(arguments) => translate(arguments, terminal),
        LabelCommand::Convert(arguments) => convert(arguments, terminal),
        LabelCommand::Bind(arguments) => binding::bind(arguments, terminal),
        LabelCommand::Unbind(arguments) => binding::unbind(arguments, terminal),
    }
}

/// Reads a label in either syntax.
fn read_label(path: &Path) -> Result<Reading, Failure> {
    let bytes = input::read_at_most(path, label::DOCUMENT_BYTES_MAX)?;
    Reading::from_bytes(&bytes)
        .map_err(|error| bad_input(&format!("`{}`", path.display()), &error, error.advice()))
}

/// The policies at hand.
struct Known {
    policies: Vec<Spif>,
    /// They are those of this program.
    exercise: bool,
}

impl Known {
    fn read(arguments: &Policies) -> Result<Self, Failure> {
        if arguments.policies.is_empty() {
            let policies = exercise::policies().map_err(|error| failed(&error, error.advice()))?;
            return Ok(Self { policies: policies.into(), exercise: true });
        }
        let read = |path: &std::path::PathBuf| {
            let bytes = input::read_at_most(path, label::SPIF_BYTES_MAX)?;
            Spif::from_xml(&bytes)
                .map_err(|error| bad_input(&format!("`{}`", path.display()), &error, error.advice()))
        };
        let policies = arguments.policies.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { policies, exercise: false })
    }

    fn of(&self, statement: &Statement) -> Option<&Spif> {
        self.policies.iter().find(|p| p.governs(statement))
    }

    /// The policy of a name, or one among them that was probably meant.
    fn named(&self, name: &str) -> Result<&Spif, Failure> {
        self.policies.iter().find(|p| p.name().says(name)).ok_or_else(|| {
            let names: Vec<_> = self.policies.iter().map(|p| format!("`{}`", p.name())).collect();
            let advice = format!("choose one of {}, or add --policy", names.join(", "));
            Failure::usage(format!("there is no policy `{name}` among the policy files"), advice)
        })
    }
}

fn time(arguments: &Policies) -> Result<UtcTime, Failure> {
    let text = match &arguments.at {
        Some(text) => text.clone(),
        None => SystemClock.now()?.to_string(),
    };
    text.parse().map_err(|error: label::LabelError| bad_input("--at", &error, error.advice()))
}

fn place(place: Where) -> Place {
    match place {
        Where::PageTop => Place::PageTop,
        Where::PageBottom => Place::PageBottom,
        Where::DocumentStart => Place::DocumentStart,
        Where::DocumentEnd => Place::DocumentEnd,
    }
}

/// What there is to say of a label, its policy and the time included.
fn inspect(reading: &Reading, known: &Known, now: UtcTime, shown: &Shown) -> LabelDocument {
    let statement = reading.document.statement_at(now);
    let mut document = LabelDocument::of(reading, statement);
    let mut add = |findings: &[Finding]| document.findings.extend(findings.iter().map(FindingLine::from));
    add(&reading.document.findings_at(now));
    match known.of(statement) {
        Some(policy) => {
            add(&policy.findings(statement, Some(now)));
            document.marking = policy.marking(statement, &shown.language, place(shown.place)).ok();
            document.exercise = known.exercise;
        }
        None => add(&[Finding {
            code: Code::PolicyOther,
            place: "PolicyIdentifier".to_owned(),
            found: statement.policy.name.to_string(),
        }]),
    }
    if document.findings.iter().any(|f| f.severity == "fault") {
        document.verdict = "faults";
    }
    document
}

fn print(document: &LabelDocument, terminal: &Terminal) {
    if terminal.json() {
        terminal.document(document);
        return;
    }
    if document.exercise {
        terminal.answer(EXERCISE);
    }
    let statement = &document.statement;
    let line = |name: &str, value: &str| terminal.answer(&format!("{name:<15} {value}"));
    if let Some(marking) = &document.marking {
        line("marking", marking);
    }
    line("root", document.root);
    line("policy", &statement.policy);
    line("classification", &statement.classification);
    for category in &statement.categories {
        let values = category.values.join(", ");
        line("category", &format!("{}: {values} ({})", category.tag, category.kind.to_lowercase()));
    }
    let optional = [
        ("privacy mark", &statement.privacy_mark),
        ("originator", &statement.originator),
        ("created", &statement.created_utc),
        ("review", &document.review_utc),
        ("succession", &document.succession_utc),
    ];
    for (name, value) in optional {
        value.iter().for_each(|value| line(name, value));
    }
    print_findings(&document.findings, terminal);
    for reason in document.withheld.iter().flatten() {
        let word = terminal.out_word(Tone::Bad, &format!("{:<15}", "withheld"));
        terminal.answer(&format!("{word} {}", reason.message));
    }
}

fn print_findings(findings: &[FindingLine], terminal: &Terminal) {
    for finding in findings {
        let tone = if finding.severity == "fault" { Tone::Bad } else { Tone::Caution };
        let word = terminal.out_word(tone, &format!("{:<15}", finding.severity));
        terminal.answer(&format!("{word} {} [{}]", finding.message, finding.code));
    }
}

fn inspected(arguments: &LabelShown) -> Result<LabelDocument, Failure> {
    let (reading, known) = (read_label(&arguments.label)?, Known::read(&arguments.policies)?);
    Ok(inspect(&reading, &known, time(&arguments.policies)?, &arguments.shown))
}

fn show(arguments: &LabelShown, terminal: &Terminal) -> Result<Answer, Failure> {
    let document = inspected(arguments)?;
    print(&document, terminal);
    Ok(Answer::Yes)
}

fn check(arguments: &LabelCheck, terminal: &Terminal) -> Result<Answer, Failure> {
    let said = &arguments.said;
    let (reading, known) = (read_label(&said.label)?, Known::read(&said.policies)?);
    let now = time(&said.policies)?;
    let mut document = inspect(&reading, &known, now, &said.shown);
    let statement = reading.document.statement_at(now);
    if let Some(policy) = known.of(statement)
        && let Some(clearance) = clearance(arguments, policy)?
    {
        match clearance.withheld(statement, policy) {
            Ok(reasons) => {
                if !reasons.is_empty() {
                    document.verdict = "withheld";
                }
                document.withheld = Some(reasons.iter().map(WithheldLine::from).collect());
            }
            // Faults of the label are among the findings already.
            Err(label::DominanceError::Label(_)) => document.verdict = "faults",
            Err(error) => return Err(bad_input("the clearance", &error, error.advice())),
        }
    }
    print(&document, terminal);
    let yes = document.verdict == "allowed";
    if !terminal.json() {
        let tone = if yes { Tone::Good } else { Tone::Bad };
        terminal.answer(&format!("{:<15} {}", "verdict", terminal.out_word(tone, document.verdict)));
    }
    Ok(if yes { Answer::Yes } else { Answer::No })
}

/// The clearance asked about, if one was.
fn clearance(arguments: &LabelCheck, policy: &Spif) -> Result<Option<Clearance>, Failure> {
    if let Some(path) = &arguments.clearance {
        let bytes = input::read_at_most(path, label::DOCUMENT_BYTES_MAX)?;
        let read = Clearance::from_xml(&bytes);
        return read
            .map(Some)
            .map_err(|error| bad_input(&format!("`{}`", path.display()), &error, error.advice()));
    }
    let Some(highest) = &arguments.up_to else { return Ok(None) };
    let categories = arguments.holds.iter().map(|text| held(text, policy)).collect::<Result<Vec<_>, _>>()?;
    let clearance = Clearance::up_to(policy, highest, categories.into_iter().flatten().collect());
    clearance.map(Some).map_err(|_| {
        let names: Vec<_> = policy.grades().iter().map(|g| format!("`{}`", g.name)).collect();
        let message = format!("policy {} has no classification `{highest}`", policy.name());
        Failure::usage(message, format!("choose one of {}", names.join(", ")))
    })
}

/// `TAG=VALUE,VALUE` as categories: one for each type of tag that has one of the values.
fn held(text: &str, policy: &Spif) -> Result<Vec<TaggedValues>, Failure> {
    let advice = "write it as `Releasable To=NATO,CHE`, with names that the policy has";
    let unknown = |what: &str| Failure::usage(format!("--holds: {what}"), advice);
    let (tag, values) = text.split_once('=').ok_or_else(|| unknown("there is no `=`"))?;
    let set = policy.tag_sets().iter().find(|s| s.name.says(tag.trim()));
    let set = set.ok_or_else(|| unknown(&format!("the policy has no tag set `{}`", tag.trim())))?;
    let mut categories: Vec<TaggedValues> = Vec::new();
    for name in values.split(',').map(str::trim) {
        let value = Text::new(name).map_err(|error| bad_input("--holds", &error, error.advice()))?;
        let tags = set.tags.iter().filter(|t| t.values.iter().any(|v| v.free || v.name.says(name)));
        let before = categories.len();
        for tag in tags {
            let (kind, tag, values) = (tag.kind, set.name.clone(), vec![value.clone()]);
            categories.push(TaggedValues { kind, tag, identifier: None, values });
        }
        if categories.len() == before {
            return Err(unknown(&format!("`{}` has no value `{name}`", set.name)));
        }
    }
    Ok(categories)
}

fn marking(arguments: &LabelShown, terminal: &Terminal) -> Result<Answer, Failure> {
    let document = inspected(arguments)?;
    if terminal.json() {
        terminal.document(&document);
    } else if let Some(marking) = &document.marking {
        if document.exercise {
            terminal.say(EXERCISE);
        }
        terminal.answer(marking);
        for finding in &document.findings {
            terminal.say(&format!("{}: {} [{}]", finding.severity, finding.message, finding.code));
        }
    } else {
        print_findings(&document.findings, terminal);
    }
    Ok(if document.marking.is_some() { Answer::Yes } else { Answer::No })
}

/// The label in the other policy's words: by its own policy's file, else by the other's.
fn equivalent(label: &Statement, from: &Spif, to: &Spif) -> Result<Translation, EquivalenceError> {
    match from.encrypt(label, to) {
        Err(EquivalenceError::Policy { .. } | EquivalenceError::Classification { .. }) => {
            to.decrypt(label, from)
        }
        other => other,
    }
}

fn translate(arguments: &LabelTranslate, terminal: &Terminal) -> Result<Answer, Failure> {
    let (reading, known) = (read_label(&arguments.label)?, Known::read(&arguments.policies)?);
    let now = time(&arguments.policies)?;
    let to = known.named(&arguments.to)?;
    let statement = reading.document.statement_at(now);
    let shown = Shown { language: String::new(), place: Where::PageTop };
    let mut document = inspect(&reading, &known, now, &shown);
    let from = known.of(statement).ok_or_else(|| {
        let name = &statement.policy.name;
        Failure::usage(format!("there is no policy file for `{name}`"), "add it with --policy")
    })?;
    // What is wrong with the original would go on in the new label, or be covered up by it.
    if document.verdict == "faults" {
        return Ok(refuse(document, "the label has faults; see `tearline label check`", terminal));
    }
    match equivalent(statement, from, to) {
        Ok(translation) => {
            let made = Document {
                root: label::Root::Alternative,
                statement: Statement {
                    originator: statement.originator.clone(),
                    created_utc: Some(now),
                    ..translation.statement
                },
                review_utc: Some(review(&reading.document, now)),
                succession: None,
            };
            let xml = made.to_xml().map_err(|error| failed(&error, error.advice()))?;
            document.marking = to.marking(&made.statement, "", Place::PageTop).ok();
            let left_out = translation.left_out.iter();
            document.left_out = left_out.map(|(tag, value)| format!("{tag}={value}")).collect();
            document.left_out.iter().for_each(|value| terminal.say(&format!("left out: {value}")));
            give(&mut document, xml, arguments.out.as_deref(), arguments.force, terminal)?;
            Ok(Answer::Yes)
        }
        Err(error) => {
            document.verdict = "no-equivalent";
            terminal.say(error.advice());
            Ok(refuse(document, &error.to_string(), terminal))
        }
    }
}

/// When a translated label must be looked at again: with the original, at the latest when that is replaced; at once where it
/// does not say.
fn review(original: &Document, now: UtcTime) -> UtcTime {
    let replaced = original.succession.as_ref().map(|s| s.at_utc);
    let times = [original.review_utc, replaced].into_iter().flatten();
    times.filter(|time| *time > now).min().unwrap_or(now)
}

fn refuse(mut document: LabelDocument, reason: &str, terminal: &Terminal) -> Answer {
    document.refusal = Some(reason.to_owned());
    if terminal.json() {
        terminal.document(&document);
    } else {
        terminal.answer(&format!("{}: {reason}", terminal.out_word(Tone::Bad, "refused")));
    }
    Answer::No
}

fn convert(arguments: &LabelConvert, terminal: &Terminal) -> Result<Answer, Failure> {
    let reading = read_label(&arguments.label)?;
    let text = match arguments.form {
        Form::Xml => reading.document.to_xml(),
        Form::Json => reading.document.to_json(),
    };
    let text = text.map_err(|error| bad_input("the label", &error, error.advice()))?;
    let mut document = LabelDocument::of(&reading, &reading.document.statement);
    if document.findings.iter().any(|f| f.severity == "fault") {
        document.verdict = "faults";
    }
    give(&mut document, text, arguments.out.as_deref(), arguments.force, terminal)?;
    Ok(Answer::Yes)
}

/// Writes a label that was made, to a file or stdout.
fn give(
    document: &mut LabelDocument,
    text: String,
    out: Option<&Path>,
    force: bool,
    terminal: &Terminal,
) -> Result<(), Failure> {
    if let Some(path) = out {
        folder::check_file(path, existing(force))?;
        folder::put_file(path, format!("{text}\n").as_bytes())?;
    } else if !terminal.json() {
        terminal.answer(&text);
    }
    document.label = Some(text);
    if terminal.json() {
        terminal.document(document);
    }
    Ok(())
}

fn existing(force: bool) -> Existing {
    if force { Existing::Replace } else { Existing::Refuse }
}
