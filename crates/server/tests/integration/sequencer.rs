//! What was answered is durable, in one order, under a checkpoint; what failed or was refused left no trace.

use std::sync::atomic::Ordering;

use ::office::{Refusal, replay};
use server::journal::{Journal, JournalError};
use server::sequencer::{Sequencer, SubmitError};
use store::{Store, StoreError};

use crate::office::{Office, commands, deposit, deposit_by, member};

/// State, tree, entries and checkpoints agree with each other.
fn whole<S: Store>(journal: &Journal<S>, office: &Office) {
    let (entries, checkpoints) = office.held();
    let fold = replay(&entries).unwrap();
    assert_eq!((fold.state(), fold.tree()), (journal.state(), journal.tree()));
    let newest = checkpoints.last().unwrap().verify(&crate::office::log().verifier()).unwrap().clone();
    assert_eq!((newest.size, newest.root), (journal.tree().size(), journal.tree().root()));
}

#[test]
fn many_clients_get_their_own_answers_and_one_order() {
    const EACH: u64 = 25;
    let office = Office::founded();
    let sequencer = Sequencer::start(office.journal()).unwrap();
    std::thread::scope(|scope| {
        for number in 0..32 {
            let submitter = sequencer.submitter();
            scope.spawn(move || {
                let name = member(number);
                for counter in 1..=EACH {
                    let entry = deposit(&name, counter);
                    let events = submitter.submit(&entry).unwrap();
                    let stamp = events[0].stamp;
                    assert_eq!((events[0].actor.as_str(), events[0].counter.get()), (&*name, counter));
                    // Answered, so it is there.
                    let held = submitter
                        .run(move |journal| journal.store().entries(stamp.entry.0..stamp.entry.0 + 1));
                    assert_eq!(held.unwrap().unwrap()[0], entry);
                    let again = submitter.submit(&entry);
                    assert!(matches!(again, Err(SubmitError::Refused(Refusal::CounterNotRising { .. }))));
                }
            });
        }
    });
    let submitter = sequencer.submitter();
    let journal = sequencer.stop().unwrap();
    assert_eq!(journal.tree().size(), 2 + 32 * EACH);
    whole(&journal, &office);
    assert!(matches!(submitter.submit(&deposit("M00", EACH + 1)), Err(SubmitError::Closed)));
    assert!(matches!(submitter.run(|_| ()), Err(SubmitError::Closed)));
}

#[test]
fn a_batch_is_answered_as_its_acts_would_be_one_by_one() {
    let (together, single) = (Office::founded(), Office::founded());
    let batch = [
        deposit("M00", 1),
        deposit("M00", 1),
        deposit("M01", 2),
        deposit_by("M02", "M03", 1),
        deposit("M00", 3),
        deposit("M00", 2),
        deposit("stranger", 1),
        deposit("M01", 3),
    ];
    let mut journal = together.journal();
    let answers = journal.submit_all(commands(&batch)).unwrap();
    let mut one_by_one = single.journal();
    let expected: Vec<_> = commands(&batch)
        .into_iter()
        .map(|command| one_by_one.submit_all(vec![command]).unwrap().remove(0))
        .collect();
    assert_eq!(answers, expected);
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 4);
    assert_eq!((journal.state(), journal.tree()), (one_by_one.state(), one_by_one.tree()));
    whole(&journal, &together);
    // One checkpoint for the batch, one for each act alone.
    assert_eq!((together.held().1.len(), single.held().1.len()), (2 + 1, 2 + 4));
}

#[test]
fn refused_acts_change_nothing() {
    let office = Office::founded();
    let before = office.held();
    let sequencer = Sequencer::start(office.journal()).unwrap();
    let submitter = sequencer.submitter();
    for (entry, rule) in [
        (b"no envelope".to_vec(), "envelope"),
        (deposit_by("M01", "M00", 1), "actor-key"),
        (deposit("stranger", 1), "known-actor"),
    ] {
        match submitter.submit(&entry) {
            Err(SubmitError::Refused(refusal)) => assert_eq!(refusal.rule(), rule),
            other => panic!("expected a refusal by `{rule}`, not {other:?}"),
        }
    }
    let journal = sequencer.stop().unwrap();
    assert_eq!(office.held(), before);
    whole(&journal, &office);
}

#[test]
fn a_failure_between_decision_and_commit_changes_nothing() {
    let office = Office::founded();
    let before = office.held();
    let (mut journal, fails, _) = office.flaky();
    for size in [1, 2, 20] {
        fails.store(true, Ordering::SeqCst);
        let batch: Vec<_> = (0..size).map(|number| deposit(&member(number), 1)).collect();
        let failed = journal.submit_all(commands(&batch));
        assert!(matches!(failed, Err(JournalError::Store(StoreError::Backend(_)))));
        assert_eq!(office.held(), before);
        whole(&journal, &office);
    }
    // The disk is back: the same acts are logged as if they had never been tried.
    fails.store(false, Ordering::SeqCst);
    let batch: Vec<_> = (0..20).map(|number| deposit(&member(number), 1)).collect();
    assert!(journal.submit_all(commands(&batch)).unwrap().iter().all(Result::is_ok));
    whole(&journal, &office);
}

#[test]
fn a_journal_that_cannot_read_its_store_again_stops() {
    let office = Office::founded();
    let before = office.held();
    let (mut journal, fails, blind) = office.flaky();
    fails.store(true, Ordering::SeqCst);
    blind.store(true, Ordering::SeqCst);
    let batch = commands(&[deposit("M00", 1), deposit("M01", 1)]);
    assert!(matches!(journal.submit_all(batch.clone()), Err(JournalError::Store(_))));
    fails.store(false, Ordering::SeqCst);
    blind.store(false, Ordering::SeqCst);
    assert!(matches!(journal.submit_all(batch), Err(JournalError::Stopped)));
    assert_eq!(office.held(), before);
}

#[test]
fn everybody_in_a_failed_batch_is_told() {
    let office = Office::founded();
    let (journal, fails, _) = office.flaky();
    fails.store(true, Ordering::SeqCst);
    let sequencer = Sequencer::start(journal).unwrap();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let submitter = sequencer.submitter();
            scope.spawn(move || {
                let failed = submitter.submit(&deposit(&member(number), 1)).unwrap_err();
                assert!(matches!(&failed, SubmitError::Failed(_)), "{failed}");
                assert!(!failed.advice().is_empty());
            });
        }
    });
    fails.store(false, Ordering::SeqCst);
    sequencer.submitter().submit(&deposit("M00", 1)).unwrap();
    whole(&sequencer.stop().unwrap(), &office);
}

#[test]
fn a_second_sequencer_on_the_store_reads_on_and_cannot_fork_the_log() {
    let office = Office::founded();
    let (first, second) = (office.journal(), office.journal());
    let (first, second) = (Sequencer::start(first).unwrap(), Sequencer::start(second).unwrap());
    first.submitter().submit(&deposit("M00", 1)).unwrap();
    let stale = second.submitter().submit(&deposit("M01", 1)).unwrap_err();
    match &stale {
        SubmitError::Failed(error) => {
            assert!(matches!(&**error, JournalError::Store(StoreError::Stale { expected: 2, found: 3 })));
            assert!(error.retryable());
        }
        other => panic!("{other}"),
    }
    // Having read on, it decides against what the first logged, and logs after it.
    let again = second.submitter().submit(&deposit("M00", 1));
    assert!(matches!(again, Err(SubmitError::Refused(Refusal::CounterNotRising { .. }))));
    second.submitter().submit(&deposit("M01", 1)).unwrap();
    whole(&second.stop().unwrap(), &office);
    drop(first.stop());
    assert_eq!(office.held().0.len(), 4);
}

#[test]
fn the_journal_can_be_asked_between_batches() {
    let office = Office::founded();
    let sequencer = Sequencer::start(office.journal()).unwrap();
    let submitter = sequencer.submitter();
    let files = submitter.run(|journal| journal.files()).unwrap().unwrap();
    let log = crate::office::log().verifier();
    let verified = ledger::verify::verify_log(&log, &mut |path| files.get(path).cloned()).unwrap();
    assert_eq!(verified.entries().len(), 2);
    let published = submitter.run(|journal| journal.published()).unwrap().unwrap().unwrap();
    assert_eq!(published.verify(&log).unwrap().size, 2);
}
