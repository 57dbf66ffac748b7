package io.github.codetable.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.CodedOutputStream;
import com.google.rpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Makes a status fit into the headers of HTTP/2. Over the budget it is shortened in this order: the
 * message, metadata values, details (those outside google.rpc, then Help and DebugInfo, then
 * LocalizedMessage, the others, RequestInfo), and the largest metadata. The ErrorInfo of the code
 * and the first RetryInfo stay.
 */
final class Fit {
  private final Tables tables;
  private final int budget;
  private final Set<String> shed = new LinkedHashSet<>();

  Fit(Tables tables, int budget) {
    this.tables = tables;
    this.budget = budget;
  }

  /** Returns the names of what was removed, each once. */
  List<String> shed() {
    return List.copyOf(shed);
  }

  /** Returns the status itself if nothing has to change. */
  Status apply(Status status) {
    Status named = status.getMessage().isEmpty() ? withName(status) : status;
    return fits(named) ? named : shorten(named);
  }

  private static Status withName(Status status) {
    return status.toBuilder().setMessage(codeName(status.getCode())).build();
  }

  /** Returns the name as grpc-go writes it, such as NotFound. */
  private static String codeName(int value) {
    io.grpc.Status.Code code = io.grpc.Status.fromCodeValue(value).getCode();
    if (code == io.grpc.Status.Code.CANCELLED) {
      return "Canceled";
    }
    return Pattern.compile("_")
        .splitAsStream(code.name())
        .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }

  private boolean fits(Status status) {
    int size = status.getSerializedSize();
    int header = Texts.encodedSize(status.getMessage());
    if (status.getDetailsCount() > 0) {
      header += base64Size(size);
    }
    return size <= budget && header <= base64Size(budget) + messageShare();
  }

  /** Returns the size that grpc-message may have in addition to the budget. */
  private int messageShare() {
    return budget / 4;
  }

  private static int base64Size(int size) {
    return (size + 2) / 3 * 4;
  }

  private Status shorten(Status status) {
    String message = Texts.cutMessage(status.getMessage(), messageShare());
    if (!message.equals(status.getMessage())) {
      shed.add("message");
    }
    // Unknown fields are dropped.
    Status.Builder shorter = Status.newBuilder().setCode(status.getCode()).setMessage(message);
    shorter.addAllDetails(status.getDetailsList());
    Set<Integer> kept = new HashSet<>();
    Optional<FitInfo> info = FitInfo.of(tables, status);
    info.ifPresent(
        shortened -> {
          shorter.setDetails(shortened.index(), shortened.packed());
          kept.add(shortened.index());
        });
    int over = over(shorter);
    strip(shorter).ifPresent(kept::add);
    List<Integer> gone = selectDropped(shorter.getDetailsList(), kept, over);
    int left = over(remaining(shorter, gone));
    info.filter(shortened -> left > 0)
        .ifPresent(
            shortened -> {
              shortened.drop(left);
              shorter.setDetails(shortened.index(), shortened.packed());
            });
    if (info.isPresent() && info.get().isShorter()) {
      shed.add("metadata");
    }
    return remaining(shorter, gone).build();
  }

  private int over(Status.Builder status) {
    return status.build().getSerializedSize() - budget;
  }

  private static Status.Builder remaining(Status.Builder status, List<Integer> gone) {
    Status.Builder rest = status.clone().clearDetails();
    for (int i = 0; i < status.getDetailsCount(); i++) {
      if (!gone.contains(i)) {
        rest.addDetails(status.getDetails(i));
      }
    }
    return rest;
  }

  /** Reduces the first RetryInfo to its delay, so that it is small enough to keep. */
  private static Optional<Integer> strip(Status.Builder status) {
    for (int i = 0; i < status.getDetailsCount(); i++) {
      Status alone = Status.newBuilder().addDetails(status.getDetails(i)).build();
      Optional<Duration> delay = Details.retryDelay(alone);
      if (delay.isPresent()) {
        status.setDetails(i, Details.packRetryInfo(delay.get()));
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }

  /** Selects the details that matter least, and among these the last. */
  private List<Integer> selectDropped(List<Any> details, Set<Integer> kept, int over) {
    List<Integer> order = new ArrayList<>();
    for (int i = details.size() - 1; i >= 0; i--) {
      order.add(i);
    }
    order.sort(Comparator.comparingInt(i -> rank(details.get(i))));
    List<Integer> gone = new ArrayList<>();
    int left = over;
    for (int i : order) {
      if (left > 0 && !kept.contains(i)) {
        Any detail = details.get(i);
        left -= CodedOutputStream.computeMessageSize(Status.DETAILS_FIELD_NUMBER, detail);
        gone.add(i);
        String name = Details.name(detail);
        shed.add(name.isEmpty() ? "detail" : name);
      }
    }
    return gone;
  }

  private static int rank(Any detail) {
    String name = Details.name(detail);
    if (!name.matches("google\\.rpc\\.\\w+")) {
      return 0;
    }
    return switch (name.substring(Details.PACKAGE.length())) {
      case "Help", "DebugInfo", "ErrorInfo" -> 1;
      case "LocalizedMessage" -> 2;
      case "RequestInfo" -> 4;
      default -> 3;
    };
  }
}
