//! Declension of posts and of organisations: «исполняющий обязанности директора», «управление образования».
//! In: a post in the nominative and a case. Out: the same text with its leading adjectives and its head noun declined;
//! what depends on the head stays. Words come from closed lists, every other head is refused.
//! It must never know persons: the gender only holds a feminine post against a man.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{Case, Forms, Gender, Refusal, fold, folded, is_letter};

const POSTS: &str = include_str!("posts.toml");

/// Declines a post or the name of an organisation by the built-in lists: [`Posts::decline`].
pub fn decline_post(post: &str, case: Case, gender: Option<Gender>) -> Result<String, Refusal> {
    static BUILT_IN: LazyLock<Result<Posts, Refusal>> = LazyLock::new(|| Posts::read(POSTS));
    if case == Case::Nominative {
        return Ok(post.trim().to_owned());
    }
    BUILT_IN.as_ref().map_err(Clone::clone)?.decline(post, case, gender)
}

/// The closed lists of words of posts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Posts {
    #[serde(deserialize_with = "folded")]
    adverbs: Vec<String>,
    #[serde(deserialize_with = "folded")]
    abbreviations: Vec<String>,
    #[serde(deserialize_with = "folded")]
    prefixes: Vec<String>,
    #[serde(deserialize_with = "folded")]
    conjunctions: Vec<String>,
    #[serde(deserialize_with = "folded")]
    suspects: Vec<String>,
    #[serde(deserialize_with = "folded")]
    dependent_words: Vec<String>,
    #[serde(deserialize_with = "folded")]
    dependent_endings: Vec<String>,
    #[serde(deserialize_with = "folded")]
    governed_endings: Vec<String>,
    adjectives: Vec<Adjectives>,
    nouns: Vec<Nouns>,
}

/// Adjectives and participles of one pattern.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Adjectives {
    masculine: Ending,
    feminine: Ending,
    neuter: Ending,
    #[serde(deserialize_with = "folded")]
    stems: Vec<String>,
    /// Those of the stems that may be a post without a noun: «заведующий».
    #[serde(default, deserialize_with = "folded")]
    alone: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ending {
    ending: String,
    mods: Forms,
}

/// Nouns of one pattern.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nouns {
    gender: NounGender,
    animate: bool,
    mods: Forms,
    #[serde(deserialize_with = "folded")]
    words: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum NounGender {
    Masculine,
    Feminine,
    Neuter,
    /// Persons of either gender: «глава».
    Common,
}

/// An adjective found in a text.
struct Adjective<'a> {
    gender: NounGender,
    mods: &'a Forms,
    is_alone: bool,
}

/// A word with the signs before it.
struct Token<'t> {
    gap: &'t str,
    word: &'t str,
    /// Stands between «ёлочки» or other quotes: a name, never declined.
    is_quoted: bool,
}

/// A head with its adjectives: the forms of so many tokens.
struct Phrase<'t> {
    forms: Vec<String>,
    head: &'t str,
    gender: NounGender,
    is_animate: bool,
}

impl Posts {
    /// Reads the lists from TOML.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        toml::from_str(text).map_err(|error| Refusal::Rules { reason: error.to_string() })
    }

    /// Declines the leading adjectives and the head noun of a post, and those of each further post after a comma, a
    /// bracket, a dash or «и». The rest stays as it is.
    ///
    /// Refused with the word: a head that the lists do not know, an adjective of another gender than its noun, a word
    /// that may be an undeclined post inside the rest, a feminine post of a man.
    pub fn decline(&self, post: &str, case: Case, gender: Option<Gender>) -> Result<String, Refusal> {
        let post = post.trim();
        let tokens = tokens(post);
        if tokens.is_empty() {
            return Err(Refusal::Empty);
        }
        let mut out = String::with_capacity(post.len() + 16);
        let (mut index, mut is_start) = (0, true);
        while let Some(token) = tokens.get(index) {
            let rest = tokens.get(index..).unwrap_or_default();
            let is_new = is_start || self.opens(&tokens, index);
            let phrase = if is_start || (is_new && self.may_begin(token)) { self.phrase(rest, case)? } else { None };
            match phrase.filter(|phrase| is_start || phrase.is_animate) {
                Some(phrase) => {
                    if phrase.is_animate && phrase.gender == NounGender::Feminine && gender == Some(Gender::Male) {
                        return Err(Refusal::GenderContradicted { word: phrase.head.to_owned() });
                    }
                    for (token, form) in rest.iter().zip(&phrase.forms) {
                        out.push_str(token.gap);
                        out.push_str(form);
                    }
                    index += phrase.forms.len();
                    // Right after its head no word may be another head: «учитель логопед» lacks its hyphen.
                    if let Some(next) = tokens.get(index)
                        && !self.opens(&tokens, index)
                    {
                        self.hold_dependent(next, post, true)?;
                    }
                }
                None => {
                    if is_new {
                        self.hold_dependent(token, post, false)?;
                    } else if !token.is_quoted && self.is_person(token.word) {
                        return Err(Refusal::Unknown { word: token.word.to_owned() });
                    }
                    out.push_str(token.gap);
                    out.push_str(token.word);
                    index += 1;
                }
            }
            is_start = false;
        }
        let end: usize = tokens.iter().map(|token| token.gap.len() + token.word.len()).sum();
        out.push_str(post.get(end..).unwrap_or_default());
        Ok(out)
    }

    /// Tells whether a further post may begin at the token: after a comma, bracket, dash or conjunction.
    fn opens(&self, tokens: &[Token<'_>], index: usize) -> bool {
        let Some(token) = tokens.get(index) else { return false };
        let before = index.checked_sub(1).and_then(|before| tokens.get(before));
        !token.is_quoted
            && (token.gap.contains([',', ';', '(', '/', '—', '–', '-'])
                || before.is_some_and(|before| self.conjunctions.contains(&fold(before.word))))
    }

    /// Tells a word with which a post may begin.
    fn may_begin(&self, token: &Token<'_>) -> bool {
        self.adverbs.contains(&fold(token.word))
            || self.abbreviations.contains(&fold(token.word))
            || self.adjective(token.word).is_some()
            || self.noun(token.word).is_some()
    }

    /// Reads adverbs, adjectives and the head at the start of the tokens.
    fn phrase<'t>(&self, tokens: &[Token<'t>], case: Case) -> Result<Option<Phrase<'t>>, Refusal> {
        let unknown = |token: &Token<'_>| Refusal::Unknown { word: token.word.to_owned() };
        let doubtful = |token: &Token<'_>| Refusal::Doubtful { word: token.word.to_owned() };
        let Some(first) = tokens.first() else { return Ok(None) };
        // A name in quotes is no head.
        let open = tokens.iter().take_while(|token| !token.is_quoted).count();
        let tokens = tokens.get(..open).unwrap_or_default();
        if tokens.is_empty() {
            return Err(unknown(first));
        }
        let adverbs = tokens.iter().take_while(|token| self.adverbs.contains(&fold(token.word))).count();
        let mut forms: Vec<String> = tokens.iter().take(adverbs).map(|token| token.word.to_owned()).collect();
        let after = tokens.get(adverbs..).unwrap_or_default();
        let adjectives: Vec<(&Token<'_>, Adjective<'_>)> = after
            .iter()
            .enumerate()
            .take_while(|(index, token)| *index == 0 || token.gap.trim().is_empty())
            .map_while(|(_, token)| self.adjective(token.word).map(|adjective| (token, adjective)))
            .collect();
        let next = after.get(adjectives.len()).filter(|next| adjectives.is_empty() || next.gap.trim().is_empty());
        let noun = next.and_then(|next| self.noun(next.word).map(|noun| (next, noun)));
        if let (Some((token, noun)), Some(next)) = (noun, next) {
            for (token, adjective) in &adjectives {
                let agrees = adjective.gender == noun.gender
                    || (noun.gender == NounGender::Common && adjective.gender != NounGender::Neuter);
                if !agrees {
                    return Err(unknown(token));
                }
                let is_nominative =
                    case == Case::Accusative && !noun.animate && adjective.gender == NounGender::Masculine;
                let form =
                    if is_nominative { Some(token.word.to_owned()) } else { adjective.mods.apply(token.word, case) };
                forms.push(form.ok_or_else(|| doubtful(token))?);
            }
            forms.push(self.noun_form(token.word, case).ok_or_else(|| doubtful(next))?);
            return Ok(Some(Phrase { forms, head: token.word, gender: noun.gender, is_animate: noun.animate }));
        }
        // «Главный заведующий», «исполняющий обязанности»: the last adjective is the head.
        if let Some((head, last)) = adjectives.last().filter(|(_, last)| last.is_alone) {
            for (token, adjective) in &adjectives {
                if adjective.gender != last.gender {
                    return Err(unknown(token));
                }
                forms.push(adjective.mods.apply(token.word, case).ok_or_else(|| doubtful(token))?);
            }
            return Ok(Some(Phrase { forms, head: head.word, gender: last.gender, is_animate: true }));
        }
        match next.or_else(|| adjectives.last().map(|(token, _)| *token)) {
            Some(token) if adjectives.is_empty() && self.abbreviations.contains(&fold(token.word)) => {
                forms.push(token.word.to_owned());
                Ok(Some(Phrase { forms, head: token.word, gender: NounGender::Common, is_animate: true }))
            }
            Some(token) => Err(unknown(token)),
            None => Err(unknown(first)),
        }
    }

    /// Refuses a word that may be a post in the nominative: where a post may begin or right after a head, an unknown
    /// word must show by its ending that it depends on what stands before it.
    fn hold_dependent(&self, token: &Token<'_>, post: &str, is_governed: bool) -> Result<(), Refusal> {
        let word = fold(token.word);
        let ends = |endings: &[String]| endings.iter().any(|ending| word.ends_with(ending.as_str()));
        // In a text of capitals an abbreviation cannot be told from a word.
        let is_abbreviation = token.word.chars().all(char::is_uppercase) && post.chars().any(char::is_lowercase);
        let is_known = token.is_quoted
            || is_abbreviation
            || word.starts_with(|c: char| c.is_ascii_digit())
            || self.abbreviations.contains(&word)
            || self.dependent_words.contains(&word);
        let is_dependent = ends(&self.dependent_endings) || (is_governed && ends(&self.governed_endings));
        if !is_known && (!is_dependent || ends(&self.suspects) || self.is_person(token.word)) {
            return Err(Refusal::Unknown { word: token.word.to_owned() });
        }
        Ok(())
    }

    fn is_person(&self, word: &str) -> bool {
        self.noun(word).is_some_and(|noun| noun.animate)
    }

    /// Finds an adjective in its nominative; the longest stem is the whole word without its ending.
    fn adjective(&self, word: &str) -> Option<Adjective<'_>> {
        let word = fold(word);
        self.adjectives.iter().find_map(|pattern| {
            [
                (NounGender::Masculine, &pattern.masculine),
                (NounGender::Feminine, &pattern.feminine),
                (NounGender::Neuter, &pattern.neuter),
            ]
            .into_iter()
            .find_map(|(gender, ending)| {
                let stem = word.strip_suffix(ending.ending.as_str())?;
                let knows = |stems: &[String]| stems.iter().any(|known| known == stem);
                let is_alone = knows(&pattern.alone) && gender != NounGender::Neuter;
                knows(&pattern.stems).then_some(Adjective { gender, mods: &ending.mods, is_alone })
            })
        })
    }

    /// Finds a noun; of a hyphened one every part is known and the first that declines rules the adjectives.
    fn noun(&self, word: &str) -> Option<&Nouns> {
        let word = fold(word);
        if let Some(whole) = self.nouns.iter().find(|nouns| nouns.words.contains(&word)) {
            return Some(whole);
        }
        let mut ruling = None;
        let mut pieces = word.split(is_hyphen).peekable();
        while let Some(piece) = pieces.next() {
            let is_last = pieces.peek().is_none();
            match self.nouns.iter().find(|nouns| nouns.words.iter().any(|known| known == piece)) {
                Some(nouns) => ruling = ruling.or(Some(nouns)),
                None if !is_last && ruling.is_none() && self.prefixes.iter().any(|known| known == piece) => {}
                None => return None,
            }
        }
        ruling
    }

    /// Declines a noun that [`Self::noun`] has found, part by part.
    fn noun_form(&self, word: &str, case: Case) -> Option<String> {
        let mut out = String::with_capacity(word.len() + 8);
        for piece in word.split_inclusive(is_hyphen) {
            let bare = piece.trim_end_matches(is_hyphen);
            let known = fold(bare);
            match self.nouns.iter().find(|nouns| nouns.words.contains(&known)) {
                Some(nouns) => out.push_str(&nouns.mods.apply(bare, case)?),
                None => out.push_str(bare),
            }
            out.extend(piece.chars().skip(bare.chars().count()));
        }
        Some(out)
    }
}

/// Divides a text into words, each with the signs before it. A word is of letters, digits, inner hyphens and full
/// stops; signs after the last word are left over.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    let (mut gap_start, mut word_start) = (0, None);
    let mut depth = 0_usize;
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let is_sign = |c: Option<&(usize, char)>| c.is_some_and(|(_, c)| c.is_alphanumeric() || is_letter(*c));
    for (index, (at, c)) in chars.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| chars.get(before));
        let is_inner = is_hyphen(*c) && word_start.is_some() && is_sign(before) && is_sign(chars.get(index + 1));
        let is_stop = *c == '.' && word_start.is_some();
        if c.is_alphanumeric() || is_inner || is_stop {
            word_start.get_or_insert(*at);
            continue;
        }
        push(&mut out, text, (gap_start, word_start, *at), depth > 0);
        if word_start.take().is_some() {
            gap_start = *at;
        }
        match c {
            '«' | '„' => depth += 1,
            '»' | '”' => depth = depth.saturating_sub(1),
            // Opens in English, closes in German: whichever is due.
            '"' | '“' => depth = if depth == 0 { 1 } else { depth - 1 },
            _ => {}
        }
    }
    push(&mut out, text, (gap_start, word_start, text.len()), depth > 0);
    out
}

fn push<'t>(out: &mut Vec<Token<'t>>, text: &'t str, (gap, word, end): (usize, Option<usize>, usize), is_quoted: bool) {
    if let Some(word) = word
        && let (Some(gap), Some(word)) = (text.get(gap..word), text.get(word..end))
    {
        out.push(Token { gap, word, is_quoted });
    }
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}')
}
