//! The journal of forms: what went out, came back, counts. A plain table that a person can read and keep.
//! In: its text. Out: entries and the present state of each form. It must never know where it lies.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// State of a form of one respondent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Made, not sent yet.
    Draft,
    /// Sent.
    Sent,
    /// Came back, and is not right.
    Returned,
    /// Its values count.
    Accepted,
    /// Nothing changes any more.
    Locked,
}

impl State {
    /// Every state in order.
    pub const ALL: [Self; 5] = [Self::Draft, Self::Sent, Self::Returned, Self::Accepted, Self::Locked];

    /// Its key.
    pub fn key(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Sent => "sent",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
            Self::Locked => "locked",
        }
    }

    /// Tells whether it may follow another: what is locked stays so, what is accepted may come back better.
    pub fn may_follow(self, before: Option<Self>) -> bool {
        match before {
            Some(Self::Locked) => false,
            Some(Self::Draft | Self::Sent | Self::Returned | Self::Accepted) | None => true,
        }
    }
}

/// A line of the journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The day.
    pub date: String,
    /// The form.
    pub form: String,
    /// The period.
    pub period: String,
    /// Code of the respondent.
    pub respondent: String,
    /// What it became.
    pub state: State,
    /// The version of the blank.
    pub version: String,
    /// The file.
    pub file: String,
    /// SHA-256 of its bytes.
    pub hash: String,
}

/// The journal: entries in the order of writing.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Journal {
    /// The entries.
    pub entries: Vec<Entry>,
}

/// What parts the fields of a line.
const FIELDS: char = ';';

impl Journal {
    /// Reads the journal; `word` gives the word for a state. A line that is none is left out and counted.
    pub fn parse(text: &str, word: &dyn Fn(State) -> String) -> (Self, usize) {
        let (mut journal, mut odd) = (Self::default(), 0);
        for line in text.trim_start_matches('\u{feff}').lines().skip(1).filter(|line| !line.trim().is_empty()) {
            let fields: Vec<&str> = line.split(FIELDS).map(str::trim).collect();
            let [date, form, period, respondent, state, version, file, hash] = fields.as_slice() else {
                odd += 1;
                continue;
            };
            let Some(state) = State::ALL.into_iter().find(|known| word(*known) == *state) else {
                odd += 1;
                continue;
            };
            let text = |field: &str| field.to_owned();
            journal.entries.push(Entry {
                date: text(date),
                form: text(form),
                period: text(period),
                respondent: text(respondent),
                state,
                version: text(version),
                file: text(file),
                hash: text(hash),
            });
        }
        (journal, odd)
    }

    /// Writes the journal under these headings; spreadsheets open it as a table.
    pub fn to_text(&self, headings: &str, word: &dyn Fn(State) -> String) -> String {
        let plain = |field: &str| field.replace([FIELDS, '\n', '\r'], " ");
        let mut out = format!("\u{feff}{headings}\n");
        for entry in &self.entries {
            let state = word(entry.state);
            let fields = [
                &entry.date,
                &entry.form,
                &entry.period,
                &entry.respondent,
                &state,
                &entry.version,
                &entry.file,
                &entry.hash,
            ];
            out.push_str(&fields.map(|field| plain(field)).join(&FIELDS.to_string()));
            out.push('\n');
        }
        out
    }

    /// The present state of each respondent of a form and period, with the entry that made it so.
    pub fn states(&self, form: &str, period: &str) -> BTreeMap<&str, &Entry> {
        let own = self.entries.iter().filter(|entry| entry.form == form && entry.period == period);
        own.map(|entry| (entry.respondent.as_str(), entry)).collect()
    }

    /// When a form went out to a respondent, and when it came back, each for the first time.
    pub fn days(&self, form: &str, period: &str, respondent: &str) -> (Option<&Entry>, Option<&Entry>) {
        let own = |entry: &&Entry| {
            (entry.form.as_str(), entry.period.as_str(), entry.respondent.as_str()) == (form, period, respondent)
        };
        let first = |is: fn(&Entry) -> bool| self.entries.iter().filter(own).find(|entry| is(entry));
        (first(|entry| entry.state <= State::Sent), first(|entry| entry.state > State::Sent))
    }

    /// The return of a respondent that was accepted last.
    pub fn accepted(&self, form: &str, period: &str, respondent: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| {
            matches!(entry.state, State::Accepted | State::Locked)
                && (entry.form.as_str(), entry.period.as_str(), entry.respondent.as_str()) == (form, period, respondent)
        })
    }

    /// Adds an entry, unless it says what is so already. Tells whether it was added.
    pub fn add(&mut self, entry: Entry) -> bool {
        let present = self.states(&entry.form, &entry.period).get(entry.respondent.as_str()).copied();
        let is_same = present
            .is_some_and(|now| (now.state, &now.version, &now.hash) == (entry.state, &entry.version, &entry.hash));
        if is_same || !entry.state.may_follow(present.map(|now| now.state)) {
            return false;
        }
        self.entries.push(entry);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(respondent: &str, state: State, hash: &str) -> Entry {
        let text = |text: &str| text.to_owned();
        Entry {
            date: text("15.10.2022"),
            form: text("monitoring"),
            period: text("2022"),
            respondent: text(respondent),
            state,
            version: text("0a1b"),
            file: text("a; b.xlsx"),
            hash: text(hash),
        }
    }

    #[test]
    fn a_journal_is_read_as_it_was_written() {
        let word = |state: State| state.key().to_owned();
        let mut journal = Journal::default();
        assert!(journal.add(entry("s-1", State::Sent, "")));
        assert!(!journal.add(entry("s-1", State::Sent, "")), "nothing new");
        assert!(journal.add(entry("s-1", State::Returned, "aa")));
        assert!(journal.add(entry("s-2", State::Sent, "")));
        assert!(journal.add(entry("s-1", State::Accepted, "bb")));
        assert!(journal.add(entry("s-1", State::Locked, "bb")));
        assert!(!journal.add(entry("s-1", State::Returned, "cc")), "what is locked stays so");
        let text = journal.to_text("a;b;c;d;e;f;g;h", &word);
        let (read, odd) = Journal::parse(&format!("{text}broken\na;b;c;d;nothing;f;g;h\n"), &word);
        assert_eq!(odd, 2);
        assert_eq!(read.to_text("a;b;c;d;e;f;g;h", &word), text);
        let states = read.states("monitoring", "2022");
        let states: Vec<_> = states.iter().map(|(respondent, entry)| (*respondent, entry.state)).collect();
        assert_eq!(states, [("s-1", State::Locked), ("s-2", State::Sent)]);
    }
}
