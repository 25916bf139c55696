//! Waves of standards: consents counted for each part, and documents that are those of the parts.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Digest,
    act::{self, ActBody, Ballot, Level, Part, PartId, Propose, ReleaseDraft, Revision, Wave},
    dsse::Envelope,
};
use package::{
    OpenError,
    decision::{Decision, DecisionError, Lacking},
    verify,
};

use crate::world::{World, code, content, sign};

fn id(text: &str) -> PartId {
    PartId::new(text).unwrap()
}

const FILES: [(&str, &[u8]); 4] = [
    ("documents/a.txt", b"A, EXERCISE"),
    ("documents/b.txt", b"B, EXERCISE"),
    ("documents/more/c.txt", b"C, EXERCISE"),
    ("parts.csv", b"id\nA\nB\nC\n"),
];

/// A of BE, B of NO, C of both; NO speaks with two keys of three.
fn wave() -> Wave {
    let part = |document: &[u8], originators: &[&str]| Part {
        document: Digest::of(document),
        level: Level::Unclassified,
        originators: originators.iter().map(|member| code(member)).collect(),
        needs: BTreeSet::new(),
        lacks: BTreeSet::new(),
        replaces: None,
    };
    let parts = [
        (id("A"), part(FILES[0].1, &["BE"])),
        (id("B"), part(FILES[1].1, &["NO"])),
        (id("C"), part(FILES[2].1, &["BE", "NO"])),
    ];
    Wave { registry: Revision::FIRST, parts: parts.into(), notices: BTreeMap::new() }
}

fn draft(world: &World) -> ReleaseDraft {
    let mut draft = world.draft();
    draft.originators.remove(&code("US"));
    ReleaseDraft { content: act::Content::Standards, wave: Some(Box::new(wave())), ..draft }
}

fn world() -> World {
    World::with_content(content(&FILES))
}

/// What keys say: member, number of the key, parts; the whole where there are none.
type Said<'a> = (&'a str, usize, &'a [&'a str]);

fn envelopes(world: &World, propose: &Propose, said: &[Said<'_>]) -> Vec<Envelope> {
    let proposal = sign(&world.office, &act::Code::office(), ActBody::Propose(propose.clone()));
    let Propose { round, roster_epoch, .. } = *propose;
    let ballot = Ballot { proposal: proposal.digest(), round, roster_epoch };
    let words = said.iter().map(|(member, key, parts)| {
        let body = if parts.is_empty() {
            ActBody::Approve(ballot)
        } else {
            let Ballot { proposal, round, roster_epoch } = ballot;
            let parts = parts.iter().map(|part| id(part)).collect();
            ActBody::Consent(act::Consent { proposal, round, roster_epoch, parts })
        };
        sign(world.key(member, *key), &code(member), body)
    });
    std::iter::once(proposal.clone()).chain(words).collect()
}

fn decided(world: &World, draft: ReleaseDraft, said: &[Said<'_>]) -> Decision {
    let mut logged = world.logged(&envelopes(world, &world.propose_with(draft), said));
    let proposal = logged.remove(0);
    Decision::new(proposal, logged).unwrap()
}

fn judged(world: &World, said: &[Said<'_>]) -> Result<(), DecisionError> {
    decided(world, draft(world), said).agreed(&world.trust).map(drop)
}

fn missing(member: &str, found: usize, quorum: usize) -> Result<(), DecisionError> {
    Err(DecisionError::NotConsented { missing: vec![Lacking { code: code(member), found, quorum }] })
}

#[test]
fn consents_are_counted_for_each_part_of_each_originator() {
    let world = world();
    let whole: &[&str] = &[];
    assert_eq!(judged(&world, &[("BE", 0, whole), ("NO", 0, whole), ("NO", 1, whole)]), Ok(()));
    // No key of NO names both its parts but one, and each part has two of them.
    let parts: [Said<'_>; 4] =
        [("BE", 0, &["A", "C"]), ("NO", 0, &["B"]), ("NO", 1, &["C"]), ("NO", 2, &["B", "C"])];
    assert_eq!(judged(&world, &parts), Ok(()));
    assert_eq!(judged(&world, &parts[..3]), missing("NO", 1, 2));
    assert_eq!(judged(&world, &[parts[0], parts[1], parts[3]]), missing("NO", 1, 2));
    assert_eq!(judged(&world, &parts[1..]), missing("BE", 0, 1));
    // Two keys for one part are none for the other.
    assert_eq!(judged(&world, &[parts[0], ("NO", 0, &["B"]), ("NO", 1, &["B"])]), missing("NO", 0, 2));
    assert_eq!(judged(&world, &[("BE", 0, &["A"]), parts[1], parts[2], parts[3]]), missing("BE", 0, 1));
    // A key that approves the whole stands behind each part.
    assert_eq!(judged(&world, &[parts[0], ("NO", 0, whole), parts[2], ("NO", 2, &["B"])]), Ok(()));
}

#[test]
fn a_consent_to_no_part_or_to_a_part_of_others_is_none() {
    let world = world();
    let be: Said<'_> = ("BE", 0, &["A", "C"]);
    for parts in [&["A"][..], &["B", "C", "A"], &["D"]] {
        let wanted = DecisionError::OtherProposal { code: code("NO") };
        assert_eq!(judged(&world, &[be, ("NO", 0, parts), ("NO", 1, &[])]), Err(wanted));
    }
    let propose = world.propose_with(draft(&world));
    let mut logged = envelopes(&world, &propose, &[be, ("NO", 1, &[])]);
    let (proposal, round, roster_epoch) = (logged[0].digest(), propose.round, propose.roster_epoch);
    let nothing = act::Consent { proposal, round, roster_epoch, parts: BTreeSet::new() };
    logged.push(sign(world.key("NO", 0), &code("NO"), ActBody::Consent(nothing)));
    let mut logged = world.logged(&logged);
    let first = logged.remove(0);
    let decision = Decision::new(first, logged).unwrap();
    let wanted = DecisionError::OtherProposal { code: code("NO") };
    assert_eq!(decision.agreed(&world.trust).unwrap_err(), wanted);
    // A key that says two things about one proposal says neither.
    let twice = [be, ("NO", 0, &["B", "C"]), ("NO", 0, &[]), ("NO", 1, &[])];
    let key = world.key("NO", 0).key().id();
    assert_eq!(judged(&world, &twice), Err(DecisionError::Twice { code: code("NO"), key }));
    // Figures have no parts to consent to.
    let figures = decided(&world, world.draft(), &[("BE", 0, &["A"])]);
    let wanted = DecisionError::OtherProposal { code: code("BE") };
    assert_eq!(figures.agreed(&world.trust).unwrap_err(), wanted);
}

#[test]
fn parts_and_their_originators_fit_the_release() {
    let world = world();
    let everybody: [Said<'_>; 4] = [("BE", 0, &[]), ("NO", 0, &[]), ("NO", 1, &[]), ("US", 0, &[])];
    let refused = |change: fn(&mut ReleaseDraft)| {
        let mut draft = draft(&world);
        change(&mut draft);
        decided(&world, draft, &everybody).agreed(&world.trust).map(drop)
    };
    assert_eq!(refused(|_| ()), Ok(()));
    let changes: [fn(&mut ReleaseDraft); 5] = [
        |draft| draft.content = act::Content::Figures,
        |draft| draft.wave = None,
        |draft| draft.originators.retain(|member, _| *member != code("NO")),
        |draft| draft.originators.extend([(code("US"), Digest::of(b"exposure"))]),
        |draft| {
            let wave = draft.wave.as_mut().unwrap();
            wave.parts.get_mut(&id("A")).unwrap().originators.clear();
        },
    ];
    for change in changes {
        assert_eq!(refused(change), Err(DecisionError::Parts));
    }
}

/// What opening a package of these files comes to, under the agreement on the wave.
fn opened(files: &[(&str, &[u8])]) -> Result<usize, OpenError> {
    let world = World::with_content(content(files));
    let mut draft = draft(&world);
    draft.release = world.content.digest().unwrap();
    let decision = decided(&world, draft, &[("BE", 0, &["A", "C"]), ("NO", 0, &[]), ("NO", 1, &["B", "C"])]);
    let bytes = world.seal(&decision).unwrap().bytes;
    let verified = verify(&bytes, &world.trust).unwrap();
    verified.open(&world.company).map(|opened| opened.content().files().len())
}

#[test]
fn a_wave_opens_when_its_documents_are_those_of_its_parts_and_not_otherwise() {
    assert_eq!(opened(&FILES), Ok(4));
    let [a, b, c, list] = FILES;
    assert_eq!(opened(&[a, b, c]), Ok(3), "what else is there is no part");
    assert_eq!(opened(&[a, ("documents/other-name", b.1), c, ("documents.txt", b"x")]), Ok(4));
    let other: &[u8] = b"another document";
    for files in [
        &[a, b, list][..],
        &[a, b, c, ("documents/d.txt", other)],
        &[a, b, ("documents/more/c.txt", other)],
        &[a, b, c, ("documents/twice.txt", c.1)],
        &[a, b, ("c.txt", c.1)],
        &[a, b, c, ("documents/empty", b"")],
    ] {
        assert_eq!(opened(files), Err(OpenError::OtherDocuments), "{files:?}");
    }
}
