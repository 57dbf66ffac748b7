package io.github.codetable.grpc;

import com.google.protobuf.DescriptorProtos.EnumOptions;
import com.google.protobuf.DescriptorProtos.EnumValueOptions;
import com.google.protobuf.DescriptorProtos.MethodOptions;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.github.codetable.v1.Code;
import io.github.codetable.v1.CodetableProto;
import io.github.codetable.v1.Method;
import io.github.codetable.v1.Table;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads the options of {@code codetable.v1}. In a descriptor that was built at run time they are
 * unknown fields, so the options are always parsed again.
 */
final class Options {
  private static final ExtensionRegistry REGISTRY = ExtensionRegistry.newInstance();

  static {
    CodetableProto.registerAllExtensions(REGISTRY);
  }

  private Options() {}

  static Optional<Table> of(EnumDescriptor type) {
    EnumOptions options = parse(EnumOptions.parser(), type.getOptions());
    return options.hasExtension(CodetableProto.table)
        ? Optional.of(options.getExtension(CodetableProto.table))
        : Optional.empty();
  }

  static Code of(EnumValueDescriptor value) {
    return parse(EnumValueOptions.parser(), value.getOptions()).getExtension(CodetableProto.code);
  }

  static Method of(MethodDescriptor method) {
    return parse(MethodOptions.parser(), method.getOptions()).getExtension(CodetableProto.method);
  }

  private static <M extends MessageLite> M parse(Parser<M> parser, M options) {
    try {
      return parser.parseFrom(options.toByteString(), REGISTRY);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("options of a descriptor", e);
    }
  }

  /** Returns the reason that the options state, or else the name without the enum's prefix. */
  static String reason(EnumValueDescriptor value, Code code) {
    if (!code.getReason().isEmpty()) {
      return code.getReason();
    }
    String prefix = upperSnakeCase(value.getType().getName()) + "_";
    String name = value.getName();
    boolean prefixed = name.startsWith(prefix) && name.length() > prefix.length();
    return prefixed ? name.substring(prefix.length()) : name;
  }

  /** As for buf lint, words begin at an upper-case letter beside a lower-case one. */
  private static String upperSnakeCase(String name) {
    return name.replaceAll("(?<=[a-z])(?=[A-Z])|(?<=[^_])(?=[A-Z][a-z])", "_")
        .toUpperCase(Locale.ROOT);
  }
}
