//! Laws of dominance, over every label and every clearance of a small policy; equivalences of the exercise policies.

use std::collections::BTreeSet;

use label::{
    CategoryKind, Classification, Clearance, Code, Direction, Document, DominanceError, EquivalenceError,
    Information, Label, Place, PolicyName, Severity, Spif, Statement, TaggedValues, Text, Withheld, exercise,
};

const POLICY: &str = r#"<SPIF xmlns="http://www.xmlspif.org/spif" schemaVersion="2.1">
  <securityPolicyId name="SMALL" id="1.2.3"/>
  <securityClassifications>
    <securityClassification name="LOW" lacv="1" hierarchy="1"/>
    <securityClassification name="HIGH" lacv="2" hierarchy="2"/>
  </securityClassifications>
  <securityCategoryTagSets>
    <securityCategoryTagSet name="Need" id="1.2.3.1"><securityCategoryTag name="N" tagType="restrictive">
      <tagCategory name="A" lacv="1"/><tagCategory name="B" lacv="2"/></securityCategoryTag></securityCategoryTagSet>
    <securityCategoryTagSet name="To" id="1.2.3.2"><securityCategoryTag name="T" tagType="permissive">
      <tagCategory name="C" lacv="1"/><tagCategory name="D" lacv="2"/></securityCategoryTag></securityCategoryTagSet>
    <securityCategoryTagSet name="Note" id="1.2.3.3"><securityCategoryTag name="I" tagType="tagType7">
      <tagCategory name="E" lacv="1"/></securityCategoryTag></securityCategoryTagSet>
  </securityCategoryTagSets>
</SPIF>"#;

fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

/// Classification and the values of the three sets, each as bits.
#[derive(Clone, Copy, Debug)]
struct Bits {
    grades: u8,
    values: u8,
}

const VALUES: [(CategoryKind, &str, &str); 5] = [
    (CategoryKind::Restrictive, "Need", "A"),
    (CategoryKind::Restrictive, "Need", "B"),
    (CategoryKind::Permissive, "To", "C"),
    (CategoryKind::Permissive, "To", "D"),
    (CategoryKind::Informative, "Note", "E"),
];

fn categories(values: u8) -> Vec<TaggedValues> {
    let chosen = VALUES.iter().enumerate().filter(|(n, _)| values >> n & 1 == 1);
    let category = |(_, (kind, tag, value)): (usize, &(CategoryKind, &str, &str))| TaggedValues {
        kind: *kind,
        tag: text(tag),
        identifier: None,
        values: vec![text(value)],
    };
    chosen.map(category).collect()
}

fn policy_name(name: &str) -> PolicyName {
    PolicyName { name: text(name), identifier: None }
}

fn label(bits: Bits) -> Statement {
    Statement {
        policy: policy_name("SMALL"),
        classification: text(if bits.grades == 1 { "LOW" } else { "HIGH" }),
        privacy_mark: None,
        categories: categories(bits.values),
        originator: None,
        created_utc: None,
    }
}

fn clearance(bits: Bits) -> Clearance {
    let held = [(1, "LOW"), (2, "HIGH")].into_iter().filter(|(bit, _)| bits.grades & bit != 0);
    Clearance {
        policy: policy_name("SMALL"),
        classifications: held.map(|(_, name)| text(name)).collect(),
        categories: categories(bits.values),
    }
}

/// Dominance over the bits alone, written down a second time.
fn expected(label: Bits, held: Bits) -> bool {
    let need = label.values & 0b11;
    let to = label.values & 0b1100;
    // A clearance without any classification holds no values either.
    let values = if held.grades == 0 { 0 } else { held.values };
    held.grades & label.grades != 0 && need & values == need && (to == 0 || to & values != 0)
}

#[test]
fn every_pair_of_label_and_clearance_is_judged_by_the_rules_and_they_are_monotone() {
    let policy = Spif::from_xml(POLICY.as_bytes()).unwrap();
    let all = |grades: &'static [u8]| {
        grades.iter().flat_map(|grades| (0..32).map(|values| Bits { grades: *grades, values }))
    };
    let mut seen = BTreeSet::new();
    for label_bits in all(&[1, 2]) {
        for held in all(&[0, 1, 2, 3]) {
            let reasons = clearance(held).withheld(&label(label_bits), &policy).unwrap();
            assert_eq!(reasons.is_empty(), expected(label_bits, held), "{label_bits:?} {held:?}");
            if reasons.is_empty() {
                seen.insert((label_bits.grades, label_bits.values, held.grades, held.values));
            }
        }
    }
    for (grade, values, grades, held) in &seen {
        // Its own values suffice, and more never hurt.
        assert!(seen.contains(&(*grade, *values, *grade, *values)));
        for bit in 0..5 {
            assert!(seen.contains(&(*grade, *values, *grades | 1 << (bit % 2), *held | 1 << bit)));
        }
        // A label with one restrictive value less is seen by everybody who sees it; so is one with one more alternative.
        assert!(seen.contains(&(*grade, *values & !1, *grades, *held)));
        assert!(values & 0b1100 == 0 || seen.contains(&(*grade, *values | 0b1100, *grades, *held)));
        // What informs only, changes nothing.
        assert!(seen.contains(&(*grade, *values ^ 0b10000, *grades, *held)));
    }
}

#[test]
fn reasons_are_named_and_doubt_is_no_yes() {
    let policy = Spif::from_xml(POLICY.as_bytes()).unwrap();
    let nobody = clearance(Bits { grades: 1, values: 0 });
    let reasons = nobody.withheld(&label(Bits { grades: 2, values: 0b1101 }), &policy).unwrap();
    let words: Vec<_> = reasons.iter().map(Withheld::name).collect();
    assert_eq!(words, ["classification", "value", "none-of"]);
    assert_eq!(reasons[2].to_string(), "none of `C`, `D` of `To` is held");
    let mut wrong = label(Bits { grades: 1, values: 1 });
    wrong.categories[0].values = vec![text("Z")];
    let everything = clearance(Bits { grades: 3, values: 31 });
    assert!(matches!(everything.withheld(&wrong, &policy), Err(DominanceError::Label(_))));
    let mut odd = everything.clone();
    odd.categories[0].values = vec![text("Z")];
    let good = label(Bits { grades: 1, values: 0 });
    assert!(matches!(odd.withheld(&good, &policy), Err(DominanceError::Clearance(_))));
    assert!(everything.withheld(&good, &policy).unwrap().is_empty());
    let [nato, ..] = exercise::policies().unwrap();
    assert!(matches!(everything.withheld(&good, &nato), Err(DominanceError::Label(_))));
    let up = Clearance::up_to(&policy, "high", Vec::new()).unwrap();
    assert_eq!(up.classifications, [text("LOW"), text("HIGH")]);
    assert!(Clearance::up_to(&policy, "TOP", Vec::new()).is_err());
    assert_eq!(up.marking(&policy, "", Place::PageTop).unwrap(), "{LOW|HIGH}");
    let back = Clearance::from_xml(everything.to_xml().unwrap().as_bytes()).unwrap();
    assert_eq!(back, everything);
}

fn nato(classification: Classification, releasable_to: &[&str]) -> Statement {
    let information = Information::nato(classification, releasable_to).unwrap();
    let time = |text: &str| text.parse().unwrap();
    let label =
        Label::reviewed(information, None, time("2026-01-01T00:00:00Z"), time("2031-01-01T00:00:00Z"));
    Document::from(&label).statement
}

#[test]
fn the_exercise_policies_cover_what_is_issued_here() {
    let [policy, _, public] = exercise::policies().unwrap();
    for classification in Classification::ALL {
        let statement = match classification {
            Classification::PublicUnmarked => {
                let mut statement = nato(Classification::NatoSecret, &[]);
                statement.policy = policy_name("PUBLIC");
                statement.classification = text("UNMARKED");
                statement.categories.clear();
                statement
            }
            other => nato(other, &[]),
        };
        let spif = if policy.governs(&statement) { &policy } else { &public };
        assert_eq!(spif.findings(&statement, None), []);
        let own = if policy.governs(&statement) {
            Information::nato(classification, &[]).unwrap().marking(&|_| None)
        } else {
            "PUBLIC".to_owned()
        };
        assert_eq!(spif.marking(&statement, "", Place::PageTop).unwrap(), own);
    }
    let industry = nato(Classification::NatoUnclassified, &["INDUSTRY"]);
    let marking = policy.marking(&industry, "", Place::PageBottom).unwrap();
    assert_eq!(marking, "NATO UNCLASSIFIED Releasable to INDUSTRY");
    assert_eq!(
        policy
            .marking(&nato(Classification::NatoRestricted, &["CHE", "EU"]), "fr-BE", Place::PageTop)
            .unwrap(),
        "NATO DIFFUSION RESTREINTE Communicable à Suisse, EU"
    );
    for (name, xml) in exercise::FILES {
        assert!(xml.contains("EXERCISE EXERCISE EXERCISE") && xml.contains("CN=EXERCISE"), "{name}");
    }
}

#[test]
fn labels_go_to_the_other_side_and_come_back_and_are_never_seen_by_more() {
    let [nato_policy, eu, public] = exercise::policies().unwrap();
    let label = nato(Classification::NatoRestricted, &["EU", "CHE", "KFOR"]);
    let over = nato_policy.encrypt(&label, &eu).unwrap();
    assert_eq!(over.direction, Direction::Encrypt);
    assert_eq!(
        eu.marking(&over.statement, "", Place::PageTop).unwrap(),
        "RESTREINT UE/EU RESTRICTED HELD BY NATO RELEASABLE TO Switzerland, NATO, EU"
    );
    // KFOR has no counterpart: one alternative less.
    assert_eq!(over.left_out, [(text("Releasable To"), text("KFOR"))]);
    let same = eu.decrypt(&label, &nato_policy).unwrap();
    assert_eq!((same.statement.clone(), same.direction), (over.statement.clone(), Direction::Decrypt));
    let back = nato_policy.decrypt(&over.statement, &eu).unwrap().statement;
    let marking = nato_policy.marking(&back, "", Place::PageTop).unwrap();
    assert_eq!(marking, "NATO RESTRICTED Releasable to Switzerland, EU");
    // Held by NATO alone: a clearance of the other side without NATO's context does not open it.
    let own = nato_policy.encrypt(&nato(Classification::NatoSecret, &[]), &eu).unwrap().statement;
    let holds = |context: &str| {
        let category = TaggedValues {
            kind: CategoryKind::Permissive,
            tag: text("Context"),
            identifier: None,
            values: vec![text(context)],
        };
        Clearance::up_to(&eu, "TRES SECRET UE/EU TOP SECRET", vec![category]).unwrap()
    };
    assert_eq!(holds("EU").withheld(&own, &eu).unwrap().len(), 1);
    assert_eq!(holds("NATO").withheld(&own, &eu).unwrap(), []);
    let nothing = nato(Classification::NatoRestricted, &["KFOR"]);
    let kfor = nato_policy.encrypt(&nothing, &eu).unwrap();
    assert_eq!(kfor.left_out.len(), 1, "NATO is still among those it is releasable to");
    assert!(matches!(nato_policy.encrypt(&label, &public), Err(EquivalenceError::Policy { .. })));
    let mut alpha = nato(Classification::NatoSecret, &[]);
    alpha.categories.push(TaggedValues {
        kind: CategoryKind::Restrictive,
        tag: text("Additional Sensitivity"),
        identifier: None,
        values: vec![text("EXERCISE ALPHA")],
    });
    assert!(matches!(nato_policy.encrypt(&alpha, &eu), Err(EquivalenceError::Value { .. })));
    alpha.classification = text("RESTRICTED");
    assert!(matches!(nato_policy.encrypt(&alpha, &eu), Err(EquivalenceError::Label(_))));
}

#[test]
fn what_is_public_gets_the_context_that_the_other_policy_requires() {
    let [nato_policy, eu, public] = exercise::policies().unwrap();
    let mut statement = nato(Classification::NatoSecret, &[]);
    (statement.policy, statement.classification) = (policy_name("PUBLIC"), text("UNMARKED"));
    statement.categories.clear();
    let over = public.encrypt(&statement, &nato_policy).unwrap().statement;
    assert_eq!(nato_policy.marking(&over, "", Place::PageTop).unwrap(), "NATO UNCLASSIFIED");
    let over = public.encrypt(&statement, &eu).unwrap().statement;
    assert_eq!(eu.marking(&over, "", Place::PageTop).unwrap(), "EU LIMITE");
}

/// The small policy with an equivalence, and the policy that it leads to.
fn pair(needs: [&str; 2], to: [&str; 2]) -> (Spif, Spif) {
    let other = POLICY.replace("SMALL", "OTHER").replace("1.2.3", "1.2.4");
    let mut policy = POLICY.replace(
        "<securityClassifications>",
        "<equivalentPolicies><equivalentPolicy name=\"OTHER\" \
        id=\"1.2.4\"/></equivalentPolicies><securityClassifications>",
    );
    for lacv in ["1", "2"] {
        let from = format!("lacv=\"{lacv}\" hierarchy=\"{lacv}\"/>");
        let inner = format!(
            "{}><equivalentClassification policyRef=\"OTHER\" lacv=\"{lacv}\" applied=\"encrypt\"/>\
            </securityClassification>",
            from.trim_end_matches("/>")
        );
        policy = policy.replace(&from, &inner);
    }
    let named = [("A", "1", needs[0]), ("B", "2", needs[1]), ("C", "1", to[0]), ("D", "2", to[1])];
    for (name, lacv, target) in named {
        let from = format!("<tagCategory name=\"{name}\" lacv=\"{lacv}\"/>");
        let to = format!("<tagCategory name=\"{name}\" lacv=\"{lacv}\">{target}</tagCategory>");
        policy = policy.replace(&from, &to);
    }
    let read = |xml: &str| Spif::from_xml(xml.as_bytes()).unwrap();
    (read(&policy), read(&other))
}

#[test]
fn a_translation_that_would_widen_the_circle_is_refused() {
    let value = |set: &str, kind: &str, lacv: &str| {
        format!(
            "<equivalentSecCategoryTag policyRef=\"OTHER\" \
        tagSetId=\"1.2.4.{set}\" tagType=\"{kind}\" lacv=\"{lacv}\" applied=\"encrypt\"/>"
        )
    };
    let (c, d) = (value("2", "permissive", "1"), value("2", "permissive", "2"));
    let discard = "<equivalentSecCategoryTag policyRef=\"OTHER\" tagSetId=\"1.2.4.1\" tagType=\"restrictive\" \
        lacv=\"\" applied=\"encrypt\" action=\"discard\"/>";
    // Conditions A and B beside each other would become the alternatives C or D.
    let (from, to) = pair([&c, &d], ["", ""]);
    assert!(from.encrypt(&label(Bits { grades: 1, values: 0b01 }), &to).is_ok());
    let widened = from.encrypt(&label(Bits { grades: 1, values: 0b11 }), &to);
    assert!(matches!(widened, Err(EquivalenceError::Widened { .. })), "{widened:?}");
    // A permissive tag all of whose values vanish would be open to all.
    let (from, to) = pair([discard, ""], [&c, ""]);
    assert!(from.encrypt(&label(Bits { grades: 1, values: 0b1100 }), &to).is_ok());
    let gone = from.encrypt(&label(Bits { grades: 1, values: 0b1000 }), &to);
    assert!(matches!(gone, Err(EquivalenceError::Value { .. })), "{gone:?}");
    // Only what the file says to discard goes.
    let left = from.encrypt(&label(Bits { grades: 2, values: 0b1 }), &to).unwrap();
    assert_eq!(left.left_out, [(text("Need"), text("A"))]);
    assert!(from.encrypt(&label(Bits { grades: 2, values: 0b10 }), &to).is_err());
    // What informs is left out.
    let note = from.encrypt(&label(Bits { grades: 1, values: 0b10000 }), &to).unwrap();
    assert_eq!(note.left_out.len(), 1);
    assert!(note.statement.categories.is_empty());
    let lost = value("9", "permissive", "1");
    let (from, to) = pair([&lost, ""], ["", ""]);
    let dangling = from.encrypt(&label(Bits { grades: 1, values: 1 }), &to);
    assert!(matches!(dangling, Err(EquivalenceError::Dangling { .. })));
    assert!(Code::ALL.iter().any(|c| c.severity() == Severity::Note));
}
