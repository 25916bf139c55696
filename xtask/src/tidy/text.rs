//! Rules of every file: text of bounded size, no marks of a machine, of a registry or of unfinished work.

use std::collections::BTreeSet;

use super::Fault;
use super::source::{Source, words};

/// Past this a file is data that belongs outside the repository.
const FILE_BYTES_MAX: usize = 256 * 1024;

/// Folders of a person's or a build machine. Written in halves, as is every word below, so that this file
/// passes its own rule.
const MACHINE_PATHS: [&str; 5] = [
    concat!("/wo", "rk"),
    concat!("/ro", "ot"),
    concat!("/ho", "me"),
    concat!("/Us", "ers"),
    concat!("/fa", "rm"),
];

/// Hosts of package registries: a mirror must be able to stand in for them, so nothing here names them.
const REGISTRY_HOSTS: [&str; 7] = [
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("npmjs", ".org"),
    concat!("npmjs", ".com"),
    concat!("deb.debian", ".org"),
    concat!("archive.ubuntu", ".com"),
];

/// Words about how the text came to be rather than about the project; compared without regard to case.
const WORDS_OF_MAKING: [&str; 12] = [
    concat!("ai assi", "stant"),
    concat!("language mo", "del"),
    concat!("chat", "bot"),
    concat!("cla", "ude"),
    concat!("anth", "ropic"),
    concat!("open", "ai"),
    concat!("chat", "gpt"),
    concat!("cop", "ilot"),
    concat!("l", "lm"),
    concat!("this ses", "sion"),
    concat!("session bud", "get"),
    concat!("system pro", "mpt"),
];

/// Marks of unfinished work that need the number of an issue, and the one that never lands.
const MARK_WITH_ISSUE: &str = concat!("TO", "DO");
const MARK_NEVER: &str = concat!("FIX", "ME");

pub(super) fn check(source: &Source, faults: &mut Vec<Fault>) {
    if source.size_bytes > FILE_BYTES_MAX {
        let advice =
            format!("{} bytes, at most {FILE_BYTES_MAX}: generate it or keep it outside", source.size_bytes);
        faults.push(source.fault_of_file("size", advice));
    }
    let Some(text) = source.text.as_deref() else {
        // Published vectors in a binary format have no other place to be.
        if !source.path.starts_with("testdata/") {
            faults.push(source.fault_of_file("binary", "only testdata/ holds files that are not UTF-8 text"));
        }
        return;
    };
    machine_paths(source, text, faults);
    unfinished(source, text, faults);
    let lower = text.to_ascii_lowercase();
    for word in WORDS_OF_MAKING {
        for at in words(&lower, word) {
            faults.push(source.fault(at, "words", format!("write about the project, not about `{word}`")));
        }
    }
    // cargo writes the index into the lock file by itself.
    if !source.path.ends_with("Cargo.lock") {
        for host in REGISTRY_HOSTS {
            for at in words(&lower, host) {
                faults.push(source.fault(at, "registry", "name the package, not the host it comes from"));
            }
        }
    }
}

fn machine_paths(source: &Source, text: &str, faults: &mut Vec<Fault>) {
    for path in MACHINE_PATHS {
        for at in words(text, path) {
            let before = at.checked_sub(1).and_then(|index| text.as_bytes().get(index)).copied();
            // `../shared/work` and `host/home` are not absolute paths.
            let absolute =
                !before.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_.-/~}*)".contains(&byte));
            let after = text.as_bytes().get(at + path.len()).copied();
            if absolute && !after.is_some_and(|byte| byte == b'-' || byte == b'.') {
                let advice = "use a path relative to the repository, or one the user gives";
                faults.push(source.fault(at, "machine-path", advice));
            }
        }
    }
}

fn unfinished(source: &Source, text: &str, faults: &mut Vec<Fault>) {
    for at in words(text, MARK_NEVER) {
        faults.push(source.fault(at, "unfinished", format!("{MARK_NEVER} never lands: repair it now")));
    }
    for at in words(text, MARK_WITH_ISSUE) {
        let after = text.as_bytes().get(at + MARK_WITH_ISSUE.len()..).unwrap_or_default();
        let mut after = after.iter().skip_while(|byte| b" (:".contains(byte));
        let numbered = after.next() == Some(&b'#') && after.next().is_some_and(u8::is_ascii_digit);
        if !numbered {
            let advice = format!("write {MARK_WITH_ISSUE}(#issue), or do it now");
            faults.push(source.fault(at, "unfinished", advice));
        }
    }
}

/// Every page that a comment names with its folder, and every proof note, is there to be read. A page is named from the
/// top of the repository or from the folder of the file.
pub(super) fn check_citations(sources: &[Source], faults: &mut Vec<Fault>) {
    let known: BTreeSet<&str> = sources.iter().map(|source| source.path.as_str()).collect();
    for source in sources.iter().filter(|source| source.path.ends_with(".rs")) {
        let text = source.comments();
        let ends = |byte: char| !(byte.is_ascii_alphanumeric() || "_-./".contains(byte));
        for (at, _) in text.match_indices(".md") {
            let (before, from_here) = text.split_at(at);
            let start = before.rfind(ends).map_or(0, |index| index + 1);
            let end = from_here.find(ends).map_or(text.len(), |index| at + index);
            let page = text.get(start..end).unwrap_or_default().trim_end_matches('.');
            // A bare name is a document of somebody else's, as `protocol.md` of DSSE.
            let ours = page.ends_with(".md") && (page.contains('/') || page.ends_with(".proof.md"));
            if ours && !known.contains(page) && !known.contains(resolve(&source.path, page).as_str()) {
                faults.push(source.fault(start, "citation", format!("`{page}` is not in the repository")));
            }
        }
    }
}

/// Every relative link of a Markdown file points at a file or folder of the repository.
pub(super) fn check_links(sources: &[Source], faults: &mut Vec<Fault>) {
    let mut known = BTreeSet::new();
    for source in sources {
        let mut path = source.path.as_str();
        known.insert(path);
        while let Some((folder, _)) = path.rsplit_once('/') {
            known.insert(folder);
            path = folder;
        }
    }
    for source in sources.iter().filter(|source| source.path.ends_with(".md")) {
        let text = source.text.as_deref().unwrap_or_default();
        for (at, _) in text.match_indices("](") {
            let Some(target) = text.get(at + 2..).and_then(|tail| tail.split(')').next()) else { continue };
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || target.contains(':') || target.contains(char::is_whitespace) {
                continue;
            }
            if !known.contains(resolve(&source.path, file).as_str()) {
                faults.push(source.fault(at, "link", format!("`{file}` is not in the repository")));
            }
        }
    }
}

/// A link relative to the file it stands in, as a path from the top of the repository.
fn resolve(from: &str, link: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.trim_end_matches('/').split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}
