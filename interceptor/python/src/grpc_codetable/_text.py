"""Makes texts safe to send: valid UTF-8, and short enough for a header."""

import re

# The limit of the message of a status in bytes, in percent encoding. The message is
# sent twice: in grpc-message and in grpc-status-details-bin.
MAX_MESSAGE = 1 << 10

_SURROGATES = re.compile("[\ud800-\udfff]+")


def clean(text: str) -> str:
    """Replaces what UTF-8 can't express. protobuf refuses such a text."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def size(text: str) -> int:
    """Returns the number of bytes of a clean text."""
    return len(text.encode())


def cut(text: str, limit: int) -> str:
    """Shortens a clean text to at most limit bytes, at a character boundary."""
    return text.encode()[:limit].decode(errors="ignore")


def encoded_size(text: str) -> int:
    """Returns the size of a message in the header grpc-message.

    Each byte outside printable ASCII, and "%", is encoded as three bytes.
    """
    return sum(map(_encoded_size, text))


def cut_message(text: str, limit: int) -> str:
    """Shortens a clean text so that its encoded size is at most limit."""
    used = 0
    for at, character in enumerate(text):
        used += _encoded_size(character)
        if used > limit:
            return text[:at]
    return text


def _encoded_size(character: str) -> int:
    if " " <= character <= "~" and character != "%":
        return 1
    return 3 * len(character.encode())
