package io.github.codetable.grpc;

import com.google.rpc.Status;
import java.util.List;
import java.util.Optional;

/**
 * One failed call of a server: the original error, and what is sent. It is for logs only, since it
 * holds what the caller must not see.
 *
 * @param method the full name of the method, such as {@code package.Service/Method}
 * @param origin what the handler threw or gave to {@code onError}
 * @param status what is sent
 * @param error the code; if it is masked, the first hidden one
 * @param requestId the id in the {@code RequestInfo} of a masked or unknown error, else ""
 * @param masked whether a public boundary hides the code, or the text and the details of a status
 * @param shed the parts that the detail budget removed: names of details, {@code metadata}, {@code
 *     message}, or {@code detail} for one without a name
 */
public record CodeEvent(
    String method,
    Throwable origin,
    Status status,
    Optional<CodeError> error,
    String requestId,
    boolean masked,
    List<String> shed) {}
