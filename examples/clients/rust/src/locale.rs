use std::collections::HashMap;
use std::iter::successors;

/// Looks up the tag, then the tag without its last subtags (RFC 4647), then any tag of
/// the same language.
pub(crate) fn message_for<'s>(
    messages: &'s HashMap<String, String>,
    locale: &str,
) -> Option<&'s str> {
    let tags = || successors(Some(locale), |tag| Some(tag.rsplit_once('-')?.0));
    let exact = |tag: &str| {
        let mut all = messages.iter();
        all.find(|(key, _)| key.eq_ignore_ascii_case(tag))
    };
    let similar = || {
        let language = tags().last()?;
        let all = messages.iter();
        all.filter(|(key, _)| primary(key).eq_ignore_ascii_case(language))
            .min() // Every process selects the same one.
    };
    let found = tags().find_map(exact).or_else(similar);
    found.map(|(_, message)| message.as_str())
}

fn primary(tag: &str) -> &str {
    tag.split_once('-').map_or(tag, |(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_found_by_language() {
        let messages = ["en", "en-GB", "zh-CN", "zh-TW"].map(|tag| (tag.into(), tag.into()));
        let messages = HashMap::from(messages);
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
            assert_eq!(message_for(&messages, locale), want, "{locale}");
        }
    }
}
