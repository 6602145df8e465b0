//! Rules that make no sense, corrections of goals, directions: what no case of a whole municipality shows.

use super::effect::Direction;
use super::rules::{Comparison, Significance};
use super::{Rules, Wanted};
use crate::measure::Measure;
use crate::model::Dataset;

const COMMON: &str = include_str!("../../templates/advice/common.toml");

/// The shipped rules with a text replaced, as a reason why they are refused.
fn refused(from: &str, to: &str) -> String {
    assert!(COMMON.contains(from), "{from}");
    match Rules::parse(&COMMON.replacen(from, to, 1)) {
        Ok(_) => String::new(),
        Err(reason) => format!("{reason:?}"),
    }
}

#[test]
fn the_shipped_rules_speak_to_seven_addressees() {
    let rules = Rules::parse(COMMON).expect("readable rules");
    assert_eq!(rules.addressees.len(), 7);
    for addressee in &rules.addressees {
        assert!(rules.causes.iter().any(|cause| cause.recommendations.contains_key(&addressee.id)), "{}", addressee.id);
    }
    assert!(rules.check("x", &[], &Dataset::default(), &|_| false, &mut crate::diag::Diagnostics::default()));
    // What is ranked and what decides on people is not built on these works.
    assert!(!rules.growth.as_ref().is_some_and(|growth| growth.by.is_of_vpr(&|_| false)));
    assert!(rules.cause("grade-gaps").is_some_and(|cause| cause.ground.is_of_vpr(&|_| false)));
}

#[test]
fn a_name_that_the_rules_do_not_know_is_refused_with_its_key() {
    for (from, to, key) in [
        ("load-limit = 4", "load-limit = 4\nlimit = 2", "limit"),
        ("role = \"declining\"", "role = \"falling\"", "falling"),
        ("role = \"declining\"", "role = \"disadvantaged\"", "support.role"),
        ("id = \"parents\"", "id = \"pupils\"", "addressees.id"),
        ("id = \"low-math\"", "id = \"low-russian\"", "causes.id"),
        ("responsible = \"methodists\"", "responsible = \"methodist\"", "causes.low-russian.measures.responsible"),
        ("term = \"ежегодно, октябрь–март\"", "term = \"когда-нибудь\"", "causes.low-russian.measures.term"),
        ("pupils = \"Пройти", "pupil = \"Пройти", "causes.low-russian.recommendations.pupil"),
        ("threshold = \"30\"", "threshold = \"130\"", "causes.low-russian.ground.threshold"),
        ("threshold = \"30\"", "threshold = \"треть\"", "causes.low-russian.ground.threshold"),
        ("grades = [9]", "grades = [13]", "causes.low-russian.ground.grades"),
        ("admits = \"no\"", "", "causes.low-russian.admits"),
        ("factor = \"Дефицит педагогических кадров\"", "factor = \"Дефицит\"", "causes.staff-shortage.ground.factor"),
        ("quarter = 1", "quarter = 5", "effect.quarter"),
        ("years = 2\nquarter", "years = 0\nquarter", "effect.years"),
        ("years-out = 1", "years-out = 0", "membership.years-out"),
        ("month = 8", "month = 13", "growth.month"),
        ("vpr-words = [\"впр\"", "vpr-words = [\" \"", "decisions"),
        ("deficit-below = \"60\"", "deficit-below = \"160\"", "teachers.deficit-below"),
    ] {
        let reason = refused(from, to);
        assert!(reason.contains(key), "{to}: {reason}");
    }
}

#[test]
fn a_threshold_holds_on_its_side() {
    let (value, threshold) = (Measure::from(30_i64), Measure::from(30_i64));
    let holds = |is: Comparison| is.holds(&value, &threshold);
    assert!(holds(Comparison::AtLeast) && holds(Comparison::AtMost));
    assert!(!holds(Comparison::Above) && !holds(Comparison::Below));
    assert!(Comparison::AtLeast.is_less_better() && !Comparison::Below.is_less_better());
    assert!(Significance::High > Significance::Medium && Significance::Medium > Significance::Low);
}

#[test]
fn a_value_goes_where_it_should_or_not() {
    let (less, more) = (Measure::from(1_i64), Measure::from(2_i64));
    assert!(Direction::of(&less, &more).is_better(Wanted::More));
    assert!(!Direction::of(&less, &more).is_better(Wanted::Less));
    assert!(Direction::of(&more, &less).is_better(Wanted::Less));
    let same = Direction::of(&less, &less);
    assert_eq!(same, Direction::Unchanged);
    assert!(!same.is_better(Wanted::More) && !same.is_better(Wanted::Less));
}

#[test]
fn a_ground_knows_whether_it_stands_on_these_works() {
    let rules = Rules::parse(COMMON).expect("readable rules");
    let of = |id: &str| rules.cause(id).map(|cause| cause.ground.is_of_vpr(&|code| code == "support"));
    assert_eq!(of("low-math"), Some(false));
    assert_eq!(of("grade-gaps"), Some(true));
    assert_eq!(of("no-support"), Some(true), "by the code of the measure");
    assert_eq!(of("staff-shortage"), Some(false));
}
