/** Makes texts safe to send: valid UTF-8, and short enough for a header. */

/** The longest message of a status, in bytes of gRPC's percent encoding. */
export const maxMessage = 1024;

const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Encodes a text. Lone surrogates become U+FFFD. */
export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Decodes valid UTF-8, and throws for other bytes. */
export function decode(bytes: Uint8Array): string {
  return strict.decode(bytes);
}

/** Replaces lone surrogates by U+FFFD. */
export function wellFormed(text: string): string {
  return decode(bytesOf(text));
}

/** Shortens a text to at most `limit` bytes, at a character boundary. */
export function cut(text: string, limit: number): string {
  const bytes = bytesOf(text);
  if (bytes.length <= limit) {
    return text;
  }
  let end = limit;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) {
    end--;
  }
  return decode(bytes.subarray(0, end));
}

/** The length of a message in the header grpc-message. */
export function encodedLength(text: string): number {
  let length = 0;
  for (const rune of text) {
    length += encodedRune(rune);
  }
  return length;
}

/** Shortens a message so that its `encodedLength` is at most `limit`. */
export function cutMessage(text: string, limit: number): string {
  let length = 0;
  let end = 0;
  for (const rune of text) {
    length += encodedRune(rune);
    if (length > limit) {
      return text.slice(0, end);
    }
    end += rune.length;
  }
  return text;
}

/** gRPC encodes each byte outside printable ASCII, and "%", as three bytes. */
function encodedRune(rune: string): number {
  return rune >= " " && rune <= "~" && rune !== "%" ? 1 : 3 * bytesOf(rune).length;
}
