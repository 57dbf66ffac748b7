//! The size of a message in the header `grpc-message`.

/// Returns the length of a message in percent encoding: the gRPC protocol encodes
/// each byte outside printable ASCII, and `%`, as three bytes.
pub(crate) fn encoded_len(text: &str) -> usize {
    text.chars().map(char_len).sum()
}

/// Shortens a text at a character boundary so that its encoded length is at most
/// `limit`.
pub(crate) fn cut_message(text: &str, limit: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += char_len(*c);
        used > limit
    });
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

fn char_len(c: char) -> usize {
    match c {
        '%' => 3,
        ' '..='~' => 1,
        c => 3 * c.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_by_its_encoded_length() {
        for (text, limit, want) in [
            ("abc", 3, "abc"),
            ("abc", 2, "ab"),
            ("a%b", 4, "a%"),
            ("a%b", 3, "a"),
            ("验证", 17, "验"),
            ("验证", 18, "验证"),
            ("\n", 2, ""),
        ] {
            assert_eq!(cut_message(text, limit), want, "{text:?} {limit}");
            assert!(encoded_len(want) <= limit);
        }
    }
}
