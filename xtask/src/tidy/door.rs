//! The one door of a classified figure: who may call `Figure::open`.
//!
//! The list stands in `docs/ARCHITECTURE.md` between two marks, one bullet a file with its reason. It must name
//! every caller and nobody else. After Tessera `storage/storage_test.go`, a call forbidden in certain files.

use std::collections::BTreeMap;

use super::Fault;
use super::arrows;
use super::source::{Source, words};

const LIST: &str = "docs/ARCHITECTURE.md";
const BEGIN: &str = "<!-- figure-door:begin -->";
const END: &str = "<!-- figure-door:end -->";

/// The spellings of the call. `.open()` without arguments is nobody else's in this workspace.
const CALLS: [&str; 4] = [".open()", "Figure::open", ".open_figures(", "::open_figures"];

pub(super) fn check(sources: &[Source], faults: &mut Vec<Fault>) {
    let list = sources.iter().find(|source| source.path == LIST);
    let Some(listed) = list.map_or_else(|| Some(BTreeMap::new()), listed) else {
        let advice = format!("keep the list between `{BEGIN}` and `{END}`");
        faults.extend(list.map(|list| list.fault_of_file("figure-door", advice)));
        return;
    };
    let mut unused = listed.clone();
    // Other crates cannot name a figure, so their `open` is another one.
    for source in sources.iter().filter(|source| source.crate_of_src().is_some_and(arrows::may_name_figures))
    {
        for at in CALLS.iter().flat_map(|call| words(&source.shipped, call)) {
            unused.remove(source.path.as_str());
            if !listed.contains_key(source.path.as_str()) {
                let advice = format!("do not open a figure here, or list the file with its reason in {LIST}");
                faults.push(source.fault(at, "figure-door", advice));
            }
        }
    }
    for (path, at) in unused {
        let advice = format!("`{path}` opens no figure: take it off the list");
        faults.extend(list.map(|list| list.fault(at, "figure-door", advice)));
    }
}

/// The listed files and where each is listed.
fn listed(list: &Source) -> Option<BTreeMap<&str, usize>> {
    let text = list.text.as_deref()?;
    let begin = text.find(BEGIN)? + BEGIN.len();
    let end = text.find(END)?;
    let bullets = text.get(begin..end)?.match_indices("- `");
    let name = |(at, mark): (usize, &str)| {
        let start = begin + at + mark.len();
        let path = text.get(start..)?.split('`').next()?;
        Some((path, start))
    };
    Some(bullets.filter_map(name).collect())
}
