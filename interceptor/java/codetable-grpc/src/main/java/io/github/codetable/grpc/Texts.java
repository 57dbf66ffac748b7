package io.github.codetable.grpc;

import com.google.protobuf.ByteString;
import java.util.regex.Pattern;

/** Makes texts safe to send and to log. Sizes are bytes of UTF-8. */
final class Texts {
  /** The largest message of a status, in gRPC's percent encoding. */
  static final int MAX_MESSAGE = 1 << 10;

  private static final Pattern UNPAIRED = Pattern.compile("\\p{Cs}+");
  private static final Pattern NOT_GRAPHIC = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

  private Texts() {}

  static int size(String text) {
    return ByteString.copyFromUtf8(text).size();
  }

  /** Replaces surrogates without a partner, which UTF-8 can't hold. */
  static String clean(String text) {
    return UNPAIRED.matcher(text).replaceAll("\uFFFD");
  }

  /** Replaces everything that could break a line of a log or control a terminal. */
  static String oneLine(String text) {
    return NOT_GRAPHIC.matcher(text).replaceAll(" ");
  }

  /** Cuts a text to a size, between two characters. */
  static String cut(String text, int limit) {
    int used = 0;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      used += utf8Length(text.codePointAt(i));
      if (used > limit) {
        return text.substring(0, i);
      }
    }
    return text;
  }

  /** Returns the size of a message in the header grpc-message. */
  static int encodedSize(String message) {
    return message.codePoints().map(Texts::encodedSize).sum();
  }

  /** Cuts a message to a size in the header grpc-message, between two characters. */
  static String cutMessage(String message, int limit) {
    int used = 0;
    for (int i = 0; i < message.length(); i += Character.charCount(message.codePointAt(i))) {
      used += encodedSize(message.codePointAt(i));
      if (used > limit) {
        return message.substring(0, i);
      }
    }
    return message;
  }

  /** gRPC encodes each byte outside printable ASCII, and '%', as three bytes. */
  private static int encodedSize(int character) {
    boolean plain = character >= ' ' && character <= '~' && character != '%';
    return plain ? 1 : 3 * utf8Length(character);
  }

  private static int utf8Length(int character) {
    if (character < 0x80) {
      return 1;
    }
    if (character < 0x800) {
      return 2;
    }
    return character < 0x10000 ? 3 : 4;
  }
}
