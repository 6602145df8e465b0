//! The values that bodies see, and the one place where they become text.
//! A leaf is opaque: it can be printed, filtered by the allowed filters, and nothing else.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Environment, Error, ErrorKind, Output, Value};

use super::escape::{literal, markup};
use super::{UnplacedUse, Uses};
use crate::catalog::Terms;
use crate::context::{GapView, Piece, View};
use crate::figure::Figure;
use crate::model::Text;
use crate::ru::{self, NBSP};

/// Notes what the bodies of a job print.
#[derive(Debug)]
pub(super) struct Recorder {
    state: Mutex<State>,
    is_draft: bool,
}

#[derive(Debug, Default)]
struct State {
    section: String,
    uses: Uses,
}

impl Recorder {
    pub(super) fn new(is_draft: bool) -> Self {
        Self { state: Mutex::default(), is_draft }
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Names the section that prints from now on.
    pub(super) fn enter(&self, section: &str) {
        self.with(|state| section.clone_into(&mut state.section));
    }

    pub(super) fn take(&self) -> Uses {
        self.with(|state| std::mem::take(&mut state.uses))
    }

    fn figure(&self, figure: &Figure) {
        self.with(|state| match state.uses.figures.get(&figure.id) {
            Some(known) if known.value != figure.value || known.text() != figure.text() => {
                state.uses.conflicts.push(figure.id.clone());
            }
            Some(_) => {}
            None => {
                state.uses.figures.insert(figure.id.clone(), figure.clone());
            }
        });
    }

    fn unplaced(&self, figure: &Figure, form: &str, text: &str) {
        self.figure(figure);
        self.with(|state| {
            let section = state.section.clone();
            let (figure, form, text) = (figure.id.clone(), form.to_owned(), text.to_owned());
            state.uses.unplaced.push(UnplacedUse { figure, section, form, text });
        });
    }

    /// Tags a text with digits; the number is its place among the constants of the job.
    fn constant(&self, text: &Text) -> usize {
        self.with(|state| {
            state.uses.constants.push(text.clone());
            state.uses.constants.len() - 1
        })
    }

    fn gap(&self, gap: &GapView) {
        self.with(|state| {
            if !state.uses.gaps.contains(gap) {
                state.uses.gaps.push(gap.clone());
            }
        });
    }

    /// Joins the title of the job to plain text and notes its figures.
    pub(super) fn title(&self, title: &View) -> String {
        self.enter("/title");
        self.plain(title)
    }

    /// Joins a view to plain text; a missing part gives its words.
    fn plain(&self, view: &View) -> String {
        match view {
            View::Text(text) => text.value.clone(),
            View::Figure(figure) => {
                let text = figure.text();
                self.unplaced(figure, "plain", &text);
                text
            }
            View::Gap(gap) => {
                self.gap(gap);
                gap.what.clone()
            }
            View::Prose(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => text.value.clone(),
                    Piece::Figure(figure) => self.plain(&View::Figure(figure.clone())),
                    Piece::Gap(gap) => self.plain(&View::Gap(gap.clone())),
                })
                .collect(),
            View::Flag(_) | View::List(_) | View::Map(_) => String::new(),
        }
    }
}

/// An opaque value of a body.
pub(super) struct Leaf {
    kind: Kind,
    recorder: Arc<Recorder>,
}

#[derive(Clone, Debug)]
enum Kind {
    /// Anything of the view that prints.
    View(View),
    /// A figure and the noun after it.
    Counted(Figure, String),
    /// Typst code made by a filter or a function.
    Code(String),
    /// Words of the program; digits among them were made by it.
    Generated(String, String),
}

impl fmt::Debug for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.kind, f)
    }
}

impl Leaf {
    fn new(kind: Kind, recorder: &Arc<Recorder>) -> Self {
        Self { kind, recorder: Arc::clone(recorder) }
    }

    /// Code that stands where a string literal or a number is expected.
    pub(super) fn code(code: String, recorder: &Arc<Recorder>) -> Self {
        Self::new(Kind::Code(code), recorder)
    }

    /// A number made by the program.
    pub(super) fn generated(number: String, recorder: &Arc<Recorder>) -> Self {
        Self::new(Kind::Generated(String::new(), number), recorder)
    }

    /// Words with one number made by the program in them: before, number, after.
    pub(super) fn words_and_number(words: &(String, String, String), recorder: &Arc<Recorder>) -> Self {
        let (before, number, after) = words;
        let mut code = markup(before);
        if !number.is_empty() {
            code.push_str(&format!("#gen({});", literal(number)));
        }
        code.push_str(&markup(after));
        Self::new(Kind::Code(code), recorder)
    }

    fn gap(&self) -> Option<&GapView> {
        match &self.kind {
            Kind::View(View::Gap(gap)) => Some(gap),
            _ => None,
        }
    }

    fn write(&self, out: &mut Output<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Code(code) => out.write_str(code),
            Kind::Generated(words, number) => {
                if !words.is_empty() {
                    out.write_str(&markup(words))?;
                }
                if number.is_empty() { Ok(()) } else { out.write_str(&format!("#gen({});", literal(number))) }
            }
            Kind::Counted(figure, noun) => {
                self.write_figure(figure, out)?;
                out.write_str(&markup(&format!("{NBSP}{noun}")))
            }
            Kind::View(view) => self.write_view(view, out),
        }
    }

    fn write_view(&self, view: &View, out: &mut Output<'_>) -> fmt::Result {
        match view {
            View::Text(text) => self.write_text(text, out),
            View::Figure(figure) => self.write_figure(figure, out),
            View::Gap(gap) => {
                self.recorder.gap(gap);
                if self.recorder.is_draft {
                    // What is missing may be named by its year: that number is the program's.
                    let has_digits = gap.what.contains(|c: char| c.is_numeric());
                    let words = breakable(&gap.what);
                    let what = if has_digits { format!("#gen({});", literal(&words)) } else { markup(&words) };
                    out.write_str(&format!("#gap[{what}];"))?;
                }
                Ok(())
            }
            View::Prose(pieces) => {
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => self.write_text(text, out)?,
                        Piece::Figure(figure) => self.write_figure(figure, out)?,
                        Piece::Gap(gap) => self.write_view(&View::Gap(gap.clone()), out)?,
                    }
                }
                Ok(())
            }
            View::Flag(_) | View::List(_) | View::Map(_) => Err(fmt::Error),
        }
    }

    fn write_figure(&self, figure: &Figure, out: &mut Output<'_>) -> fmt::Result {
        self.recorder.figure(figure);
        // The text stands in the section's own markup: what is wrong with it is reported there.
        out.write_str(&format!("#f({})[{}];", literal(&figure.id), markup(&figure.text())))
    }

    /// Prints a text; one with digits is tagged, so that every digit on a page leads to its cell.
    fn write_text(&self, text: &Text, out: &mut Output<'_>) -> fmt::Result {
        let value = breakable(&text.value);
        if text.value.contains(|c: char| c.is_numeric()) {
            let number = self.recorder.constant(text);
            out.write_str(&format!("#k({})[{}];", literal(&number.to_string()), markup(&value)))
        } else {
            out.write_str(&markup(&value))
        }
    }
}

/// Lets words break that no syllables divide: an endless one, or a long one with signs or letters of other scripts in it
/// would leave its column or the page.
fn breakable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let text = &joined(text);
    for word in text.split_inclusive(|c: char| c.is_whitespace() || c == '-') {
        let core = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_russian = core.chars().all(ru::is_letter);
        if word.chars().count() > LONGEST_WORD {
            push_divided(word, &mut out);
        } else if is_russian || core.chars().count() <= LONGEST_MIXED {
            out.push_str(word);
        } else {
            // After a sign, where another part of the word begins: «sch@example.ru» by its parts.
            for (index, part) in word.split_inclusive(|c: char| !c.is_alphanumeric()).enumerate() {
                if index > 0 && part.starts_with(char::is_alphanumeric) {
                    out.push('\u{200b}');
                }
                if part.chars().count() > LONGEST_MIXED {
                    push_divided(part, &mut out);
                } else {
                    out.push_str(part);
                }
            }
        }
    }
    out
}

/// Joins ranges and numbers of acts by a sign where a text has so many that the vocabulary, which puts each into a box of
/// its own, could not be laid out: the engine takes some hundreds of boxes in a paragraph.
fn joined(text: &str) -> Cow<'_, str> {
    let is_joint = |(before, sign): &(char, char)| before.is_ascii_digit() && matches!(sign, '–' | '-');
    if text.chars().zip(text.chars().skip(1)).filter(is_joint).count() <= MOST_BOXES {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() * 2);
    let mut before = ' ';
    for c in text.chars() {
        if is_joint(&(before, c)) {
            out.extend(['\u{2060}', c, '\u{2060}']);
        } else {
            out.push(c);
        }
        before = c;
    }
    Cow::Owned(out)
}

fn push_divided(word: &str, out: &mut String) {
    for (index, c) in word.chars().enumerate() {
        if index > 0 && index % SYLLABLE == 0 {
            out.push('\u{200b}');
        }
        out.push(c);
    }
}

/// Letters of the longest word that is kept whole or divided by its syllables.
const LONGEST_WORD: usize = 30;
/// Letters of the longest word with signs or foreign letters that is kept whole.
const LONGEST_MIXED: usize = 12;
/// Letters of an endless word that stay together; so many wide ones fit into a narrow column.
const SYLLABLE: usize = 5;
/// Ranges and numbers of acts in a text up to which each stands in a box of its own.
const MOST_BOXES: usize = 100;

impl Object for Leaf {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if self.gap().is_some() { ObjectRepr::Iterable } else { ObjectRepr::Plain }
    }

    /// Whatever is asked of a gap is the gap itself.
    fn get_value(self: &Arc<Self>, _key: &Value) -> Option<Value> {
        self.gap().map(|_| Value::from_dyn_object(Arc::clone(self)))
    }

    /// A loop over a gap runs once, over the gap.
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        if self.gap().is_some() {
            Enumerator::Values(vec![Value::from_dyn_object(Arc::clone(self))])
        } else {
            Enumerator::NonEnumerable
        }
    }

    /// A choice by a gap is no choice: it is noted, and the document is blocked.
    fn is_true(self: &Arc<Self>) -> bool {
        if let Some(gap) = self.gap() {
            self.recorder.gap(gap);
        }
        false
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The formatter: leaves print themselves, everything else is refused.
pub(super) fn write(out: &mut Output<'_>, value: &Value) -> Result<(), Error> {
    let Some(leaf) = value.downcast_object_ref::<Leaf>() else {
        return Err(Error::new(ErrorKind::BadEscape, format!("not printable: {}", value.kind())));
    };
    leaf.write(out).map_err(|_| Error::new(ErrorKind::BadEscape, "not printable: list or map"))
}

/// Makes the root of a body's names.
pub(super) fn root(view: &BTreeMap<String, View>, recorder: &Arc<Recorder>) -> Value {
    view.iter().map(|(key, view)| (key.clone(), value(view, recorder))).collect::<BTreeMap<String, Value>>().into()
}

fn value(view: &View, recorder: &Arc<Recorder>) -> Value {
    match view {
        View::Flag(flag) => Value::from(*flag),
        View::List(items) => items.iter().map(|item| value(item, recorder)).collect::<Vec<Value>>().into(),
        View::Map(entries) => root(entries, recorder),
        other => Value::from_object(Leaf::new(Kind::View(other.clone()), recorder)),
    }
}

fn refuse(filter: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("|{filter}"))
}

fn view_of<'v>(value: &'v Value, filter: &str) -> Result<&'v View, Error> {
    match value.downcast_object_ref::<Leaf>() {
        Some(Leaf { kind: Kind::View(view), .. }) => Ok(view),
        _ => Err(refuse(filter)),
    }
}

/// Adds the filters of the law and the terms.
pub(super) fn add_filters(environment: &mut Environment<'static>, recorder: &Arc<Recorder>, terms: &Terms) {
    for (name, change) in [("upper_first", ru::upper_first as fn(&str) -> String), ("lower_first", ru::lower_first)] {
        let record = Arc::clone(recorder);
        environment.add_filter(name, move |value: Value| {
            let changed = |text: &Text| Text { value: change(&text.value), node: text.node };
            let view = match view_of(&value, name)? {
                View::Text(text) => View::Text(changed(text)),
                View::Prose(pieces) => {
                    let mut pieces = pieces.clone();
                    if let Some(Piece::Text(first)) = pieces.first_mut() {
                        *first = changed(first);
                    }
                    View::Prose(pieces)
                }
                gap @ View::Gap(_) => gap.clone(),
                _ => return Err(refuse(name)),
            };
            Ok(Value::from_object(Leaf::new(Kind::View(view), &record)))
        });
    }
    let record = Arc::clone(recorder);
    environment.add_filter("ended", move |value: Value| {
        let view = match view_of(&value, "ended")? {
            View::Text(text) => View::Text(Text { value: ru::ended(&text.value), node: text.node }),
            gap @ View::Gap(_) => gap.clone(),
            _ => return Err(refuse("ended")),
        };
        Ok(Value::from_object(Leaf::new(Kind::View(view), &record)))
    });
    let record = Arc::clone(recorder);
    environment.add_filter("lit", move |value: Value| match view_of(&value, "lit")? {
        View::Text(text) if !text.value.contains(|c: char| c.is_numeric()) => {
            Ok(Value::from_object(Leaf::code(literal(&text.value), &record)))
        }
        _ => Err(refuse("lit")),
    });
    let record = Arc::clone(recorder);
    environment.add_filter("plain", move |value: Value| {
        let view = view_of(&value, "plain")?;
        let text = record.plain(view);
        // Digits without a tag have one place, and the vocabulary knows it by the call.
        let has_digits = text.contains(|c: char| c.is_numeric());
        let code = if has_digits { format!("plain({})", literal(&text)) } else { literal(&text) };
        Ok::<_, Error>(Value::from_object(Leaf::code(code, &record)))
    });
    let record = Arc::clone(recorder);
    environment.add_filter("value", move |value: Value| match view_of(&value, "value")? {
        View::Figure(figure) => {
            // Typst reads a decimal: the rounded value, so that a bar is as long as its label says.
            let rounded = ru::rounded(&figure.value, figure.rounding).to_float().to_string();
            record.unplaced(figure, "code", &rounded);
            Ok(Value::from_object(Leaf::code(format!("measured({rounded})"), &record)))
        }
        View::Gap(gap) => {
            record.gap(gap);
            Ok(Value::from_object(Leaf::code("none".to_owned(), &record)))
        }
        _ => Err(refuse("value")),
    });
    let record = Arc::clone(recorder);
    let nouns = terms.nouns.clone();
    environment.add_filter("counted", move |value: Value, noun: String| match view_of(&value, "counted")? {
        View::Figure(figure) => {
            let forms = nouns.get(&noun).ok_or_else(|| refuse(&format!("counted({noun:?})")))?;
            let form = forms.after(&ru::rounded(&figure.value, figure.rounding)).to_owned();
            Ok(Value::from_object(Leaf::new(Kind::Counted(figure.clone(), form), &record)))
        }
        View::Gap(gap) => Ok(Value::from_object(Leaf::new(Kind::View(View::Gap(gap.clone())), &record))),
        _ => Err(refuse("counted")),
    });
    let record = Arc::clone(recorder);
    let words = terms.terms.clone();
    environment.add_function("term", move |key: String| {
        let word = words.get(&key).ok_or_else(|| Error::new(ErrorKind::UndefinedError, format!("term({key:?})")))?;
        Ok::<_, Error>(Value::from_object(Leaf::new(Kind::Generated(ru::prose(word), String::new()), &record)))
    });
}
