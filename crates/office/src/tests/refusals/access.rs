//! Answers of the key access service that the log does not bear out.

use ledger::act::{AccessDecision, AccessRefusal, JudgedBy};

use super::{
    super::world::{World, answer, code, digest},
    Met,
};
use crate::Refusal;

pub(super) fn access_as_judged(met: &mut Met) {
    let (granted, refused) = (AccessDecision::Granted, AccessDecision::Refused);
    let mut world = World::small();
    let proposal = world.agree("demand");
    let otherwise = |judged, found| Refusal::AccessOtherwise { receiver: code("ACME"), judged, found };
    // Nothing is sealed yet: no other answer counts, not even one of the service's own reasons.
    let not_sealed = refused(AccessRefusal::NotSealed);
    met.refused(world.office(answer(proposal, "ACME", granted)), &otherwise(not_sealed, granted));
    for reason in AccessRefusal::ALL.iter().filter(|reason| **reason != AccessRefusal::NotSealed) {
        let entry = answer(proposal, "ACME", refused(*reason));
        met.refused(world.office(entry), &otherwise(not_sealed, refused(*reason)));
    }
    world.office(answer(proposal, "ACME", not_sealed)).unwrap();
    // Sealed for it: the service may refuse for what it alone can see.
    world.seal(proposal, digest("package")).unwrap();
    for reason in AccessRefusal::ALL {
        let entry = world.office(answer(proposal, "ACME", refused(*reason)));
        match reason.judged_by() {
            JudgedBy::Log => met.refused(entry, &otherwise(granted, refused(*reason))),
            JudgedBy::Service => assert_eq!(entry.unwrap().len(), 1),
        }
    }
    world.office(answer(proposal, "ACME", granted)).unwrap();
}
