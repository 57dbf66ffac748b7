use std::collections::HashMap;
use std::iter::successors;

/// Looks up the tag, then the tag with one subtag less after another (RFC 4647),
/// then any sentence in the same language.
pub(crate) fn sentence_for<'s>(
    sentences: &'s HashMap<String, String>,
    locale: &str,
) -> Option<&'s str> {
    let tags = || successors(Some(locale), |tag| Some(tag.rsplit_once('-')?.0));
    let exact = |tag: &str| {
        let mut all = sentences.iter();
        all.find(|(key, _)| key.eq_ignore_ascii_case(tag))
    };
    let similar = || {
        let language = tags().last()?;
        let all = sentences.iter();
        all.filter(|(key, _)| primary(key).eq_ignore_ascii_case(language))
            .min() // The same one in each process.
    };
    let found = tags().find_map(exact).or_else(similar);
    found.map(|(_, sentence)| sentence.as_str())
}

fn primary(tag: &str) -> &str {
    tag.split_once('-').map_or(tag, |(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_found_by_language() {
        let sentences = ["en", "en-GB", "zh-CN", "zh-TW"].map(|tag| (tag.into(), tag.into()));
        let sentences = HashMap::from(sentences);
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
            assert_eq!(sentence_for(&sentences, locale), want, "{locale}");
        }
    }
}
