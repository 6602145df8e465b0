//! Criteria and procedures in words, the same for tables, documents and the command line.

use super::{Piece, View};
use crate::advice::{Cause, Comparison};
use crate::figure::Figure;
use crate::groups::{Criterion, ProcedureId};
use crate::model::{Exam, Text};

/// Returns a criterion in words: those of the method, or those that follow from its numbers.
pub fn criterion(criterion: &Criterion, words: &dyn Fn(&str) -> String) -> String {
    match criterion {
        Criterion::ProceduresInYear { title, count } if title.is_empty() => {
            words("explain-arm-count").replace("{count}", &count.to_string())
        }
        Criterion::SameProcedureInYears { title, years } if title.is_empty() => {
            words("explain-arm-years").replace("{count}", &years.to_string())
        }
        other => other.title().to_owned(),
    }
}

/// Returns a procedure in words.
pub fn procedure(procedure: &ProcedureId, words: &dyn Fn(&str) -> String) -> String {
    let exam = words(match procedure.exam {
        Exam::Vpr => "exam-vpr",
        Exam::Oge => "exam-oge",
        Exam::Ege => "exam-ege",
        Exam::Gve => "exam-gve",
        Exam::Regional => "exam-regional",
    });
    let shown = words("procedure-words").replace("{exam}", &exam);
    shown.replace("{discipline}", &procedure.discipline.0).replace("{grade}", &procedure.grade.to_string())
}

/// Returns the threshold of a cause with its direction: «не менее 30 %» of those below the minimum is a cause, and so is
/// «менее 1» agreement.
pub fn limit(cause: Option<&Cause>, threshold: Figure, words: &dyn Fn(&str) -> String) -> View {
    let Some((is, _)) = cause.and_then(|cause| cause.ground.threshold()) else { return View::Figure(threshold) };
    let word = words(match is {
        Comparison::AtLeast => "at-least",
        Comparison::Above => "more-than",
        Comparison::AtMost => "at-most",
        Comparison::Below => "less-than",
    });
    let text = Text { value: format!("{word} "), node: threshold.node };
    View::Prose(vec![Piece::Text(text), Piece::Figure(threshold)])
}
