use std::collections::BTreeMap;
use std::iter::successors;

/// Sentences for an end user, by BCP 47 language tag.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Messages {
    texts: BTreeMap<String, String>,
    default_locale: String,
}

impl Messages {
    /// Returns the sentences `own`, and the neutral ones in the languages that
    /// `own` lacks.
    pub(crate) fn new<'a>(
        own: impl IntoIterator<Item = (&'a String, &'a String)>,
        neutral: impl IntoIterator<Item = (&'a String, &'a String)>,
        default_locale: &str,
    ) -> Self {
        let all = neutral.into_iter().chain(own);
        Self {
            texts: all
                .filter(|(_, text)| !text.is_empty())
                .map(|(tag, text)| (tag.clone(), text.clone()))
                .collect(),
            default_locale: default_locale.to_owned(),
        }
    }

    /// Adds the sentence that a server sent, in the place of the one in its language.
    pub(crate) fn insert(&mut self, tag: &str, text: &str) {
        let known = self.texts.keys().find(|key| key.eq_ignore_ascii_case(tag));
        let tag = known.map_or(tag, String::as_str).to_owned();
        self.texts.insert(tag, text.to_owned());
    }

    /// Returns the sentence in the language of a tag, else in the default language.
    pub(crate) fn get(&self, locale: &str) -> Option<&str> {
        let found = self.find(locale).or_else(|| self.default());
        found.map(|(_, text)| text)
    }

    /// Looks up the tag, then the tag without its last subtags (RFC 4647), then any
    /// tag of the same language.
    fn find(&self, locale: &str) -> Option<(&str, &str)> {
        let tags = || successors(Some(locale), |tag| Some(tag.rsplit_once('-')?.0));
        let exact = |wanted: &str| self.first(|tag| tag.eq_ignore_ascii_case(wanted));
        let similar = || {
            let language = tags().last()?;
            self.first(|tag| primary(tag).eq_ignore_ascii_case(language))
        };
        tags().find_map(exact).or_else(similar)
    }

    fn default(&self) -> Option<(&str, &str)> {
        self.first(|tag| tag == self.default_locale)
    }

    fn first(&self, wanted: impl Fn(&str) -> bool) -> Option<(&str, &str)> {
        let mut all = self
            .texts
            .iter()
            .map(|(tag, text)| (tag.as_str(), text.as_str()));
        all.find(|(tag, _)| wanted(tag))
    }
}

#[cfg(feature = "server")]
impl Messages {
    /// The number of bytes that are read of a header. Browsers send about a fifth
    /// of it.
    const MAX_HEADER: usize = 256;

    /// Returns the tag and the text of the sentence for the header
    /// `accept-language`, in the default language if no other one matches.
    pub(crate) fn accept(&self, header: &str) -> Option<(&str, &str)> {
        let mut ranges: Vec<_> = head(header).split(',').filter_map(range).collect();
        ranges.sort_by(|a, b| b.1.total_cmp(&a.1)); // stable
        let found = ranges.iter().find_map(|(tag, _)| self.find(tag));
        found.or_else(|| self.default())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

/// Keeps the first languages of a header, which the reader prefers.
#[cfg(feature = "server")]
fn head(header: &str) -> &str {
    if header.len() <= Messages::MAX_HEADER {
        return header;
    }
    let head = header.get(..Messages::MAX_HEADER).unwrap_or_default();
    head.rsplit_once(',').map_or("", |(whole, _)| whole)
}

/// Parses a language range with its quality, as in `en;q=0.5`. Returns `None` for
/// the quality 0, which refuses the language.
#[cfg(feature = "server")]
fn range(item: &str) -> Option<(&str, f32)> {
    let (tag, parameter) = item.split_once(';').unwrap_or((item, "q=1"));
    let quality = parameter.trim().strip_prefix("q=")?.parse().ok()?;
    (quality > 0.0).then_some((tag.trim(), quality))
}

fn primary(tag: &str) -> &str {
    tag.split_once('-').map_or(tag, |(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(tags: &[&str], default_locale: &str) -> Messages {
        let mut messages = Messages::new([], [], default_locale);
        for tag in tags {
            messages.insert(tag, tag);
        }
        messages
    }

    #[test]
    fn a_sentence_is_found_by_language() {
        let messages = messages(&["en", "en-GB", "zh-CN", "zh-TW"], "");
        for (locale, want) in [
            ("EN", Some("en")),
            ("en-us", Some("en")),
            ("en-gb-oxendict", Some("en-GB")),
            ("zh-tw", Some("zh-TW")),
            ("zh-TW-u-co-stroke", Some("zh-TW")),
            ("zh-Hant-HK", Some("zh-CN")),
            ("zh", Some("zh-CN")),
            ("e", None),
            ("english", None),
            ("fr", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(messages.get(locale), want, "{locale}");
        }
    }

    #[cfg(feature = "server")]
    #[test]
    fn the_language_of_the_highest_quality_is_sent() {
        let messages = messages(&["en", "zh-CN"], "en");
        let long = format!("{}zh", "fr,".repeat(100));
        for (header, want) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
            ("en;q=0.1, zh", "zh-CN"),
            ("fr;q=0.9, zh; q=0.2", "zh-CN"),
            ("zh;q=0", "en"),
            ("zh;q=x", "en"),
            ("fr", "en"),
            ("*", "en"),
            (&long, "en"),
        ] {
            assert_eq!(
                messages.accept(header).map(|found| found.0),
                Some(want),
                "{header}"
            );
        }
    }
}
