//! The advice of a case in lines: what the rules found, proposed and refused, with figures.
//! In: a prepared municipality. Out: lines for its snapshot. A case asks for them by naming `advice` in its settings.

#![expect(clippy::expect_used, reason = "what cannot be made cannot be tested")]

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};

use svod::advice::{
    CauseFinding, CuratorProposal, Effect, NoPartner, Partner, PartnerProposal, SchoolAdvice, Told, Untold,
};
use svod::cli::{self, Printed, World};
use svod::diag::Diagnostics;
use svod::figure::Figure;
use svod::pipeline::{self, Prepared};

use crate::workbook::Workbook;
use crate::{cases, permuted, project, read_text, run, runs, sample};

/// Writes a figure; a no-break space would look like any other.
fn text(figure: &Figure) -> String {
    figure.text().replace('\u{a0}', "~")
}

/// Writes a variant as its name alone.
fn word(value: &impl Debug) -> String {
    format!("{value:?}").split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

fn untold(untold: &Untold) -> String {
    match untold {
        Untold::FewParticipants { participants } => format!("untold: FewParticipants {participants}"),
        Untold::Allowed { reason } => format!("untold: Allowed {reason}"),
        other => format!("untold: {}", word(other)),
    }
}

fn effect(effect: &Told<Effect>) -> String {
    match effect {
        Ok(effect) => {
            let better = if effect.is_better { "better" } else { "not better" };
            format!("{} -> {} {:?}, {better}", text(&effect.before), text(&effect.after), effect.direction)
        }
        Err(why) => untold(why),
    }
}

fn cause(finding: &CauseFinding, prepared: &Prepared) -> String {
    let mut line = finding.cause.clone();
    if let Some(grade) = finding.grade {
        let _ = write!(line, "/{grade}");
    }
    match &finding.verdict {
        Ok(verdict) => {
            line.push_str(if verdict.holds { ": yes" } else { ": no" });
            if let (Some(value), Some(threshold)) = (&verdict.value, &verdict.threshold) {
                let _ = write!(line, " {} against {}", text(value), text(threshold));
            }
            if verdict.holds {
                let _ = write!(line, " | {}", prepared.sources.ranges(verdict.node).join("; "));
            }
        }
        Err(why) => {
            let _ = write!(line, ": {}", untold(why));
        }
    }
    if let Some(said) = &finding.said {
        let _ = write!(line, " | said {}, agrees {:?}", if said.admits { "yes" } else { "no" }, said.agrees);
    }
    line
}

fn proposal(proposal: &PartnerProposal) -> String {
    let mut line = proposal.leader.to_string();
    for strength in &proposal.strengths {
        let _ = write!(line, ", {} {} against {}", strength.cause, text(&strength.strong), text(&strength.weak));
    }
    if let Some((own, other)) = &proposal.nearness.pupils {
        let _ = write!(line, ", pupils {} and {}", text(own), text(other));
    }
    let near = &proposal.nearness;
    let (has, may) = proposal.load;
    let _ = write!(line, ", kind {}, locality {}, load {has} of {may}", near.is_same_kind, near.is_same_locality);
    line
}

fn school(school: &SchoolAdvice, prepared: &Prepared) -> Vec<String> {
    let roles: Vec<String> = school.roles.keys().map(word).collect();
    let mut lines = vec![format!("{:?} as {}", school.support, roles.join(", "))];
    let (untold, told): (Vec<&CauseFinding>, Vec<&CauseFinding>) = school
        .causes
        .iter()
        .partition(|finding| matches!(finding.verdict, Err(Untold::NoData)) && finding.said.is_none());
    lines.extend(told.into_iter().map(|finding| cause(finding, prepared)));
    if !untold.is_empty() {
        let names: Vec<&str> = untold.iter().map(|finding| finding.cause.as_str()).collect();
        lines.push(format!("untold, NoData: {}", names.join(", ")));
    }
    for (cause, answers) in &school.answering {
        for answer in answers {
            lines.push(format!(
                "answer to {cause}: {:?} «{}» lacks {:?}",
                answer.origin, answer.title.value, answer.lacks
            ));
        }
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for recommendation in &school.recommendations {
        *counts.entry(&recommendation.addressee).or_default() += 1;
        if let Some(index) = recommendation.given {
            lines.push(format!("given: {} to {}, row {index}", recommendation.cause, recommendation.addressee));
        }
        if let Some(index) = recommendation.not_done {
            lines.push(format!("not done: {} to {}, row {index}", recommendation.cause, recommendation.addressee));
        }
    }
    if !counts.is_empty() {
        let counts: Vec<String> = counts.iter().map(|(addressee, count)| format!("{addressee} {count}")).collect();
        lines.push(format!("recommendations: {}", counts.join(", ")));
    }
    lines.push(match &school.partner {
        Partner::Existing { leaders } => {
            let leaders: Vec<String> = leaders.keys().map(ToString::to_string).collect();
            format!("partner: has {}", leaders.join(", "))
        }
        Partner::Proposed { proposal: found } => format!("partner: {}", proposal(found)),
        Partner::Nobody { reason: NoPartner::Untold { .. } } => "partner: untold".to_owned(),
        Partner::Nobody { reason } => format!("partner: nobody, {}", word(reason)),
    });
    lines.push(match &school.curator {
        CuratorProposal::Existing { posts } => format!("curator: has {}", posts.len()),
        CuratorProposal::Proposed { curator, load: (has, may), .. } => {
            format!("curator: {}, load {has} of {may}", curator.value)
        }
        CuratorProposal::OfPartner { leader } => format!("curator: of {leader}"),
        CuratorProposal::Nobody => "curator: nobody".to_owned(),
    });
    if !school.practices.is_empty() {
        lines.push(format!("practices: {:?}", school.practices));
    }
    lines
}

/// Writes the advice of a municipality.
pub fn lines(prepared: &Prepared) -> Vec<String> {
    let advice = &prepared.advice;
    let mut lines = Vec::new();
    for (code, found) in &advice.schools {
        lines.extend(school(found, prepared).into_iter().map(|line| format!("{code} {line}")));
    }
    for uncovered in &advice.uncovered {
        lines.push(format!("uncovered: {} {} lacks {:?}", uncovered.school, uncovered.cause, uncovered.lacks));
    }
    let mut idle: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for measure in &advice.idle {
        idle.entry(format!("{:?} {:?}", measure.origin, measure.reason)).or_default().push(&measure.title.value);
    }
    for (kind, titles) in idle {
        let named = if titles.len() > 3 { String::new() } else { format!(": {}", titles.join("; ")) };
        lines.push(format!("without a deficit: {kind}, {}{named}", titles.len()));
    }
    for (index, given) in advice.register.iter().enumerate() {
        let school = given.school.as_ref().map_or("all".to_owned(), ToString::to_string);
        lines.push(format!("register {index}: {} {school} {:?} {:?}", given.date.value, given.addressee, given.status));
        for (cause, measured) in &given.measured {
            lines.push(format!("register {index}: {cause} {}", effect(measured)));
        }
    }
    if !advice.not_done.is_empty() {
        lines.push(format!("not done of earlier years: {:?}", advice.not_done));
    }
    for decision in &advice.decisions {
        let refused = if decision.refused.is_some() { ", refused" } else { "" };
        let subject = decision.subject.map_or("-".to_owned(), |subject| word(&subject));
        lines.push(format!("decision: {} {subject} {:?}{refused}", decision.date.value, decision.status));
        for change in &decision.changes {
            for check in &change.checks {
                let due = format!("{}/Q{}", check.due.0, check.due.1);
                lines.push(format!("  {} {} due {due}: {}", change.code, check.year, effect(&check.effect)));
            }
        }
    }
    for correction in &advice.corrections {
        let proposed = correction.proposed.as_ref().map_or_else(String::new, |figure| format!(" {}", text(figure)));
        let values = effect(&Ok(correction.effect.clone()));
        let goal = text(&correction.goal);
        lines.push(format!("goal {}: {goal}, {values}: {:?}{proposed}", correction.code, correction.kind));
    }
    match &advice.membership {
        Ok(members) => {
            for (code, member) in members {
                let years: Vec<String> = member.listed.keys().map(ToString::to_string).collect();
                let (next, years) = (member.next, years.join(" "));
                lines.push(format!("next year: {code} {next:?} ({years}), {}", effect(&member.effect)));
            }
        }
        Err(_) => lines.push("next year: untold".to_owned()),
    }
    if let Some(best) = &advice.best {
        for (index, place) in best.places.iter().enumerate() {
            let schools: Vec<String> =
                place.iter().map(|growth| format!("{} {}", growth.school, text(&growth.by))).collect();
            lines.push(format!("best {} ({}-{:02}): {}", index + 1, best.due.0, best.due.1, schools.join(", ")));
        }
        let untold: Vec<&str> = best.untold.keys().map(|code| code.0.as_str()).collect();
        lines.push(format!("best, untold: {}", untold.join(", ")));
    }
    for (index, practice) in advice.practices.iter().enumerate() {
        let school = practice.school.as_ref().map_or("-".to_owned(), ToString::to_string);
        lines.push(format!("practice {index}: {school} {} for {:?}", practice.title.value, practice.causes));
    }
    for (code, deficits) in &advice.teachers {
        let Ok(deficits) = deficits else {
            lines.push(format!("teachers: {code} untold"));
            continue;
        };
        // Of the first school they show how all are counted.
        if advice.schools.keys().next() != Some(code) {
            continue;
        }
        for deficit in deficits {
            let discipline = deficit.discipline.as_ref().map_or("-", |known| known.0.as_str());
            let growth = deficit.growth.as_ref().map_or("-".to_owned(), text);
            let [diagnosed, below, retested] = [&deficit.diagnosed, &deficit.below, &deficit.retested].map(text);
            lines.push(format!(
                "teachers: {code} {discipline} {:?}: {diagnosed} diagnosed, {below} below, {retested} twice, growth {growth}",
                deficit.block
            ));
        }
    }
    lines
}

/// Explains a school of the inputs of a case.
fn explained(case: &str, school: &str) -> String {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = outer.path().join("inputs");
    let text = read_text(&project(&format!("tests/cases/{case}.md"))).expect("a case");
    cases::sample_with(&text, &inputs).expect("the inputs");
    let inputs = inputs.to_string_lossy().into_owned();
    let arguments = ["svod", "explain", "school", school, "--inputs", &inputs].map(Into::into).to_vec();
    let world = World {
        arguments,
        processors: 1,
        progress: None,
        reader: svod::workbook::Reader::InProcess,
        today: "01.11.2022".to_owned(),
    };
    let Printed { out, err, status } = cli::run(&world);
    assert_eq!((status, err.as_str()), (cli::CLEAN, ""), "{case}: {school}");
    out.replace('\u{a0}', "~")
}

#[test]
fn explaining_a_school_says_what_follows() {
    let level = "Низкие результаты экзамена по математике (уровень школы)";
    let measured = "доля участников ОГЭ по математике ниже минимума";
    let hides = "расхождение: при самообследовании школа этого не отметила";
    let too_much = "расхождение: школа признаёт причину «Низкие результаты экзамена по русскому языку (уровень школы)», \
                    данные её не показывают";
    for (case, school, wanted) in [
        (
            "advice-decisions",
            "ОО-12",
            &[
                "поддержка: адресная",
                &format!("{level}: {measured} – 50,0~%, порог 30~%"),
                "уже назначено: Составить план восполнения пробелов; срок: май 2022~года; ответственный: МКУ~«ИМЦ»",
                "дефицит не закрыт, не хватает: меры",
                "нельзя установить: Дефицит педагогических кадров (уровень школы) – сведений нет",
                "адресат – психолого-педагогическая служба:",
                "школа-партнёр по действующему соглашению: МБОУ~«Примерная СОШ №~1»",
                "следующий год: продолжить поддержку (в перечнях: 2021, 2022)",
                "было 12,5~%, стало 37,5~%: рост",
                "не принимается: опирается на результаты ВПР",
                "основание: Итоги ВПР; акт: –; принято: МКУ~«ИМЦ»; срок: май 2022~года; ответственный: МКУ~«ИМЦ»; в работе",
                "значение 2023 года, смотреть в 1 квартале 2024 года",
                "действенность пока не установить: рано: год ещё не наступил",
            ][..],
        ),
        ("advice-self-examination", "ОО-10", &[hides, too_much]),
        (
            "advice-partners",
            "ОО-04",
            &[
                "предлагается школа-партнёр: МБОУ~«Образцовская СОШ»",
                "Математика: у школы 32,4~%, у партнёра 5,0~%",
                "обучающихся: 420 и 230",
                "партнёрств у неё 0, предел 1",
                "предлагается куратор: Кураторова~В.В., заместитель директора; школ у него 1, предел 2",
            ],
        ),
        (
            "advice-partners",
            "ОО-12",
            &["школа-партнёр не предложена: у подходящих школ-лидеров уже предельное число партнёров"],
        ),
        ("advice-register", "ОО-04", &["дана в 2021 году и не выполнена: Ввести занятия по математике"]),
        (
            "advice-partners",
            "ОО-16",
            &[
                "поддержка не назначена: школы нет в перечнях года",
                "следующий год: продолжить поддержку, вне перечней школа слишком недолго (в перечнях: 2021)",
            ],
        ),
    ] {
        let out = explained(case, school);
        let wanted: &[&str] = wanted;
        for line in wanted {
            assert!(out.lines().any(|known| known.trim() == *line), "{case}, {school}: no «{line}» in\n{out}");
        }
    }
}

#[test]
fn the_rules_are_listed_with_their_thresholds() {
    let inputs = project("inputs/mariinsk").to_string_lossy().into_owned();
    let arguments = ["svod", "list", "advice", "--inputs", &inputs].map(Into::into).to_vec();
    let world = World {
        arguments,
        processors: 1,
        progress: None,
        reader: svod::workbook::Reader::InProcess,
        today: String::new(),
    };
    let Printed { out, err, status } = cli::run(&world);
    assert_eq!((status, err.as_str()), (cli::CLEAN, ""));
    let out = out.replace('\u{a0}', "~");
    for line in [
        "common – Причины низких результатов и рекомендации",
        "адресаты в муниципалитете: методическая служба; психолого-педагогическая служба; орган управления образованием",
        "поддержка группы «школа со снижением результатов»: превентивная",
        "low-math – Низкие результаты экзамена по математике (уровень школы)",
        "по чему видно: доля участников ОГЭ по математике ниже минимума; порог: не менее 30~%",
        "курс: Короткий курс «Базовые умения по математике: как восполнить пробелы»; срок: ежегодно, ноябрь; исполнитель: \
         методическая служба",
        "по чему видно: доля участников ВПР параллели ниже минимума; порог: не менее 30~%, участников не менее 5",
        "по чему видно: записей журнала методической помощи за год; порог: менее 1",
        "по чему видно: фактор рискового профиля школы; порог: значимость средняя или высокая",
        "по чему видно: ответ школы при самообследовании; порог: ответ «нет»",
        "рекомендация, педагоги: Планировать практические работы на оборудовании соседних школ.",
        "школа-партнёр: из групп «школа-лидер», ведёт все классы школы, школ у неё не более 4",
        "куратор: школ у него не более 3",
        "действенность решений: смотреть лет – 2, в 1 квартале, через сколько лет после года значений – 1",
        "завершить поддержку: лет подряд вне перечней «ШНОР, ШНСУ» – не менее 1, результаты улучшились",
        "лучший прирост: список составляется в месяце 8, мест не более 5",
        "решение отвечает на дефицит лет: 2; слова, по которым основание узнаётся как ВПР: впр, всероссийск",
        "дефицит педагога: результат диагностики менее 60 %",
    ] {
        assert!(out.lines().any(|known| known.trim() == line), "no «{line}» in\n{out}");
    }
}

/// The advice of books in lines, cells left out: they move with the rows.
fn advised(books: &[Workbook]) -> Vec<String> {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = outer.path().join("inputs");
    permuted::write(books, &inputs);
    let municipalities = pipeline::discover(&inputs).expect("a municipality");
    let municipality = municipalities.first().expect("a municipality");
    let request = run::request(&inputs, &outer.path().join("outputs"));
    let mut diagnostics = Diagnostics::default();
    let prepared = pipeline::prepare(municipality, &request, &run::messages(), &mut diagnostics).expect("advice");
    let without_cells =
        |line: String| line.split(" | ").filter(|part| !part.contains('›')).collect::<Vec<_>>().join(" | ");
    lines(&prepared).into_iter().map(without_cells).collect()
}

#[test]
fn the_order_of_rows_changes_no_advice() {
    let mut books = sample::core(cases::SAMPLE).expect("the sample").0;
    let before = advised(&books);
    assert!(before.len() > 100, "only {} lines", before.len());
    for mut seed in [1, 2] {
        runs::permute(&mut books, &mut seed);
        assert_eq!(advised(&books), before);
    }
}

#[test]
fn letters_to_addressees_carry_the_figures_behind() {
    let outer = tempfile::tempdir().expect("a folder");
    let inputs = outer.path().join("inputs");
    let text = read_text(&project("tests/cases/addressee-letters.md")).expect("a case");
    cases::sample_with(&text, &inputs).expect("the inputs");
    let outcome = run::outcome(&run::request(&inputs, &outer.path().join("outputs")), false);
    let figures = |file: &str| -> Vec<String> {
        let of = outcome.ledger.documents.iter().filter(|document| document.file == file);
        let figures = of.flat_map(|document| &document.figures).filter(|figure| figure.id.starts_with("addressee/"));
        figures.map(|figure| format!("{} = {}", figure.id, figure.text.replace('\u{a0}', "~"))).collect()
    };
    // ОО-10: 4 of 10; ОО-12: 4 of 8; the others are below 40 %.
    assert_eq!(
        figures("Письма/методическая служба.pdf"),
        [
            "addressee/methodists/ОО-10/low-math/threshold = 40~%",
            "addressee/methodists/ОО-10/low-math/value = 40,0~%",
            "addressee/methodists/ОО-12/low-math/threshold = 40~%",
            "addressee/methodists/ОО-12/low-math/value = 50,0~%",
        ]
    );
    let letters: Vec<&String> = outcome.produced.iter().filter(|file| file.starts_with("Письма/")).collect();
    assert_eq!(letters.len(), 3, "{letters:?}");
    let of_school = letters.iter().find(|file| file.contains("Сосноложская")).expect("a letter to ОО-12");
    assert_eq!(
        figures(of_school),
        ["addressee/parents/ОО-12/low-math/threshold = 40~%", "addressee/parents/ОО-12/low-math/value = 50,0~%"]
    );
}
