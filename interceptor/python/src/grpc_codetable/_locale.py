"""Finds the sentence for an end user in the languages that the user prefers."""

from collections.abc import Mapping

# The number of bytes that are read of an Accept-Language header, since clients control it.
_MAX_HEADER = 256


def match(messages: Mapping[str, str], locale: str, default: str) -> tuple[str, str]:
    """Returns the tag and the message of the best match, or empty strings.

    The locale is a BCP 47 tag, or a list in the form of the header Accept-Language. If
    no language matches, the message has the default tag.
    """
    for preferred in preferred_languages(locale):
        if tag := _match_one(messages, preferred):
            return tag, messages[tag]
    return (default, messages[default]) if messages.get(default) else ("", "")


def with_sentence(messages: Mapping[str, str], locale: str, message: str) -> dict[str, str]:
    """Returns the messages with another one, which replaces that of its language."""
    same = (tag for tag in messages if tag.lower() == locale.lower())
    return {**messages, next(same, locale): message}


def _match_one(messages: Mapping[str, str], locale: str) -> str:
    """Returns the tag for one language.

    It looks up the tag, then the tag without its last subtags (RFC 4647), then any tag
    of the same language, so that "zh" finds "zh-CN".
    """
    tags = {tag.lower(): tag for tag, message in sorted(messages.items()) if message}
    subtags = locale.lower().split("-")
    for end in range(len(subtags), 0, -1):
        if tag := tags.get("-".join(subtags[:end])):
            return tag
    return next((tag for lower, tag in tags.items() if lower.split("-")[0] == subtags[0]), "")


def preferred_languages(header: str) -> list[str]:
    """Returns the languages of an Accept-Language header, the preferred one first."""
    weighted: list[tuple[float, str]] = []
    for item in _head(header).split(","):
        tag, _, weight = "".join(item.split()).replace("_", "-").partition(";q=")
        try:
            quality = float(weight or 1)
        except ValueError:
            continue
        if quality > 0 and tag not in {"", "*"}:
            weighted.append((quality, tag))
    return [tag for _, tag in sorted(weighted, key=lambda pair: -pair[0])]


def _head(header: str) -> str:
    """Keeps the first languages of a long header."""
    if len(header) <= _MAX_HEADER:
        return header
    return header[:_MAX_HEADER].rpartition(",")[0]
