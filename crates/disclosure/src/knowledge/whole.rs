//! Whole-number bounds by branch and bound over the exact program.
//!
//! Depth first, the nearer side of a fraction first, pruned by the program's own bound. Exact or an error, never an
//! estimate.

use super::Rational;
use super::program::{Ended, Limits, Program, Terms, evaluate};
use super::region::RegionError;

/// Case distinctions of one question: past it the answer is an error. A question of a few dozen records takes tens.
pub const CASES_MAX: usize = 50_000;

/// The most that the objective can be at whole numbers, or whether it reaches the goal, and where. `start` is a point
/// of whole numbers, if one is known. No point means that there is none.
///
/// Fractions have a highest value wherever whole numbers do, as all data are fractions (Meyer, Math. Programming 7
/// (1974) 223-235): so a program without end answers for both, if there is a whole point at all.
pub(crate) fn maximize(
    program: &Program,
    objective: &Terms,
    goal: Option<&Rational>,
    start: Option<Vec<Rational>>,
) -> Result<(Ended, Option<Vec<Rational>>), RegionError> {
    let whole_steps = objective.iter().all(|(_, factor)| factor.is_whole());
    let mut best = start.map(|point| (evaluate(objective, &point), point));
    let reached = |best: &Option<(Rational, Vec<Rational>)>| {
        goal.is_some_and(|goal| best.as_ref().is_some_and(|(value, _)| value >= goal))
    };
    let mut open = vec![program.clone()];
    let mut cases = 0_usize;
    while let Some(mut case) = open.pop() {
        if reached(&best) {
            return Ok((Ended::Goal, best.map(|(_, point)| point)));
        }
        cases += 1;
        if cases > CASES_MAX {
            return Err(RegionError::TooManyCases);
        }
        if !case.repair() {
            continue;
        }
        let (ended, _) = case.maximize(objective, goal);
        if ended == Ended::Unbounded && best.is_some() {
            return Ok((Ended::Unbounded, None));
        }
        if ended == Ended::Highest {
            let bound = evaluate(objective, case.point());
            let bound = if whole_steps { bound.floor() } else { bound };
            if best.as_ref().is_some_and(|(value, _)| bound <= *value) {
                continue;
            }
        }
        let broken = case.point().iter().position(|value| !value.is_whole());
        let Some(column) = broken else {
            best = Some((evaluate(objective, case.point()), case.point().to_vec()));
            if ended == Ended::Unbounded {
                return Ok((Ended::Unbounded, None));
            }
            continue;
        };
        let Some(value) = case.point().get(column).cloned() else { continue };
        let (down, up) = (value.floor(), value.ceiling());
        let near_down = &value - &down <= &up - &value;
        let mut below = case.clone();
        below.narrow(column, Limits { low: None, high: Some(down) });
        case.narrow(column, Limits { low: Some(up), high: None });
        open.extend(if near_down { [case, below] } else { [below, case] });
    }
    let ended = if reached(&best) { Ended::Goal } else { Ended::Highest };
    Ok((ended, best.map(|(_, point)| point)))
}
