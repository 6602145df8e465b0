//! A post together with its organization: «начальник отдела образования администрации района».
//! In: a post, and the organization in the nominative and the genitive. Out: both in one phrase, in which nothing is said
//! twice. It must never know persons.

use super::{Case, decline_post, fold};

/// Beginnings of the nouns for bodies of the municipality, in any case.
const BODIES: [&str; 5] = ["отдел", "управлени", "департамент", "комитет", "администраци"];

/// Joins a post, in whatever case it is, and its organization in the genitive. What the end of the post says of the
/// organization already, in any case, is not repeated: «заведующий методической службой» of «методическая служба
/// управления образования» is «заведующий методической службой управления образования».
pub fn post_of(post: &str, organization: &str, genitive: &str) -> String {
    let (post, genitive) = (post.trim(), genitive.trim());
    let (own, whole) = (folded(post), folded(genitive));
    // «Заместитель начальника отдела образования» of the «РОО»: that is the very body, by its letters.
    let is_letters = !organization.trim().is_empty() && organization.trim().chars().all(char::is_uppercase);
    let names_body = || own.iter().any(|word| BODIES.iter().any(|body| word.starts_with(body)));
    if whole.is_empty() || own.windows(whole.len()).any(|part| part == whole) || (is_letters && names_body()) {
        return post.to_owned();
    }
    let forms = Case::ALL.iter().filter_map(|(case, ..)| decline_post(organization, *case, None).ok());
    let forms = forms.map(|form| folded(&form)).chain([whole]);
    let said = forms.map(|form| overlap(&own, &form)).max().unwrap_or(0);
    let mut rest = genitive;
    for _ in 0..said {
        rest = rest.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim_start());
    }
    if rest.is_empty() { post.to_owned() } else { format!("{post} {rest}") }
}

fn folded(text: &str) -> Vec<String> {
    text.split_whitespace().map(fold).collect()
}

/// How many words at the end of a text are the first of another.
fn overlap(text: &[String], other: &[String]) -> usize {
    let most = text.len().min(other.len());
    (1..=most).rev().find(|count| text.get(text.len() - count..) == other.get(..*count)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn post_and_organization_say_nothing_twice() {
        for (post, organization, expected) in [
            ("методист", "МКУ «ИМЦ»", "методист МКУ «ИМЦ»"),
            ("методист МКУ «ИМЦ»", "МКУ «ИМЦ»", "методист МКУ «ИМЦ»"),
            (
                "заместитель начальника",
                "Управление образования района",
                "заместитель начальника Управления образования района",
            ),
            (
                "заведующий методической службой",
                "методическая служба Управления образования",
                "заведующий методической службой Управления образования",
            ),
            (
                "начальник отдела образования и молодёжной политики",
                "отдел образования и молодёжной политики администрации округа",
                "начальник отдела образования и молодёжной политики администрации округа",
            ),
            (
                "заместитель начальника отдела образования",
                "администрация округа",
                "заместитель начальника отдела образования администрации округа",
            ),
            ("начальник отдела", "отдел образования", "начальник отдела образования"),
            ("заместитель начальника отдела образования", "РОО", "заместитель начальника отдела образования"),
            ("методист", "РОО", "методист РОО"),
            (
                "директор департамента образования администрации города",
                "администрация города",
                "директор департамента образования администрации города",
            ),
        ] {
            let genitive = decline_post(organization, Case::Genitive, None).unwrap();
            assert_eq!(post_of(post, organization, &genitive), expected);
        }
    }
}
