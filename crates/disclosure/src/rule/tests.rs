//! Hand-computed tables from the literature, and the boundaries of every rule.

use super::*;

fn level(rules: &Rules, amounts: &[i64]) -> Option<i64> {
    let mut shares: Vec<Share> = amounts.iter().map(|&amount| Share { amount, waived: false }).collect();
    rules.protection(&mut shares).map(|protection| protection.upper)
}

fn p(per_cent: i64) -> Rules {
    let p = Ratio::whole(per_cent);
    Rules { p: Some(PPercent { p, q: Ratio::whole(100), pooling: 1 }), ..Rules::default() }
}

#[test]
fn p_percent_is_strict_and_exact() {
    // X = 110 + rest, largest 100, second 10: sensitive below rest = 10 at p = 10.
    assert_eq!(level(&p(10), &[100, 10, 10]), None, "at the boundary a tie is safe");
    assert_eq!(level(&p(10), &[100, 10, 9]), Some(1));
    assert_eq!(level(&p(10), &[100, 10, 11]), None);
    assert_eq!(level(&p(10), &[101, 10, 10]), Some(1), "10.1 - 10 rounds up");
}

#[test]
fn fewer_units_than_attackers_and_victim_are_always_sensitive() {
    assert_eq!(level(&p(10), &[0]), Some(1));
    assert_eq!(level(&p(10), &[50, 50]), Some(5));
    assert_eq!(level(&p(0), &[50, 50]), Some(1), "even at p = 0 two units know each other exactly");
}

#[test]
fn pooling_attackers_take_the_next_largest() {
    let two = Rules {
        p: Some(PPercent { p: Ratio::whole(10), q: Ratio::whole(100), pooling: 2 }),
        ..Rules::default()
    };
    assert_eq!(level(&two, &[100, 50, 40, 10]), None);
    assert_eq!(level(&two, &[100, 50, 40, 9]), Some(1));
    assert_eq!(level(&two, &[10, 10, 10]), Some(1));
}

#[test]
fn p_q_is_p_percent_of_p_over_q() {
    let rule = |p, q| Rules {
        p: Some(PPercent { p: Ratio::whole(p), q: Ratio::whole(q), pooling: 1 }),
        ..Rules::default()
    };
    for amounts in [[100, 20, 20], [100, 20, 19], [100, 20, 21], [7, 3, 1]] {
        assert_eq!(level(&rule(10, 50), &amounts), level(&p(20), &amounts));
    }
}

#[test]
fn dominance_asks_for_a_hundred_over_k() {
    let rules = Rules { dominance: vec![Dominance { n: 1, k: Ratio::whole(85) }], ..Rules::default() };
    assert_eq!(level(&rules, &[85, 15]), None);
    assert_eq!(level(&rules, &[86, 14]), Some(2), "8600/85 - 100 = 1.17");
}

#[test]
fn frequency_and_zero_ask_only_that_the_interval_is_no_point() {
    let frequency = Rules { minimum_frequency: Some(3), ..Rules::default() };
    assert_eq!(level(&frequency, &[5, 5, 0]), Some(1));
    assert_eq!(level(&frequency, &[5, 5, 1]), None);
    let zero = Rules { zero: true, ..Rules::default() };
    assert_eq!(level(&zero, &[0, 0]), Some(1));
    assert_eq!(level(&zero, &[0, 1]), None);
    assert_eq!(level(&zero, &[]), None);
}

#[test]
fn a_waived_unit_is_no_victim_but_still_an_attacker() {
    let mut shares = [(100, true), (50, false), (4, false)].map(|(amount, waived)| Share { amount, waived });
    assert_eq!(p(10).protection(&mut shares).map(|found| found.upper), Some(1));
    let mut shares = [(100, true), (50, false), (5, false)].map(|(amount, waived)| Share { amount, waived });
    assert_eq!(p(10).protection(&mut shares), None);
    let mut shares = [(100, true)].map(|(amount, waived)| Share { amount, waived });
    assert_eq!(p(10).protection(&mut shares), None);
}

#[test]
fn the_lower_level_never_asks_below_zero() {
    let rules = Rules { dominance: vec![Dominance { n: 1, k: Ratio::whole(10) }], ..Rules::default() };
    let mut shares = [Share { amount: 5, waived: false }];
    assert_eq!(rules.protection(&mut shares), Some(Protection { upper: 45, lower: 5 }));
}
