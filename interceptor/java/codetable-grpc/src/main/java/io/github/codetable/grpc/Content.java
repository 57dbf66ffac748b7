package io.github.codetable.grpc;

import com.google.rpc.Status;
import java.util.Collections;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What a {@link CodeError} says.
 *
 * @param spec the code; null if it is none of a table
 * @param status what is sent or was received
 * @param received whether the error came from another server
 */
record Content(
    CodeSpec<?> spec,
    OptionalInt number,
    String reason,
    String domain,
    Retry retry,
    Map<String, String> metadata,
    Messages messages,
    String requestId,
    boolean masked,
    Status status,
    boolean received) {

  Content {
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
  }
}
