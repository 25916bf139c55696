//! "Did you mean": the known names nearest to a mistyped one.
//!
//! Distance is the number of letters changed, added, left out or swapped, without regard to case. Names at
//! the same distance are all given, up to three: guessing between them would mislead.

use crate::limits::SUGGESTION_CANDIDATES_MAX;

const TIED_MAX: usize = 3;

/// The nearest known names, in ascending order; empty when nothing is known.
///
/// Cost: `O(n l^2)` for `n` names of length `l`, `n` at most [`SUGGESTION_CANDIDATES_MAX`].
#[must_use]
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let mut best = usize::MAX;
    let mut names: Vec<&str> = Vec::new();
    for name in known.into_iter().take(SUGGESTION_CANDIDATES_MAX) {
        let distance = strsim::osa_distance(&wanted, &name.to_lowercase());
        if distance < best {
            best = distance;
            names.clear();
        }
        if distance == best {
            names.push(name);
        }
    }
    names.sort_unstable();
    names.dedup();
    names.truncate(TIED_MAX);
    names.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn names_at_the_same_distance_are_all_given() {
        assert_eq!(nearest("GER", ["DEU", "FRA", "NOR", "USA"]), ["DEU", "NOR"]);
        assert_eq!(nearest("tnak", ["tank", "gun", "jet"]), ["tank"]);
        assert_eq!(nearest("Tank", ["tank"]), ["tank"]);
        assert!(nearest("x", []).is_empty());
    }
}
