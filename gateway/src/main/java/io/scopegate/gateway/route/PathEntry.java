package io.scopegate.gateway.route;

import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.meter.BodyFormat;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One path as a listener serves it, with every answer it can give made beforehand: routing
 * allocates nothing.
 */
@SuppressWarnings("EnumOrdinal") // arrays by dialect and format, for speed
final class PathEntry {
  private static final Dialect[] DIALECTS = Dialect.values();

  private final List<Row> rows;
  private final String prefix;
  private final Content content;
  private final Routed[][] byFormat;
  private final Routed[] calls;
  private final Routed[] wrongMethod;
  private final Routed notGrpc;
  private final Routed unsupported;

  /**
   * Makes the answers of a path that the listener's route of this index serves.
   *
   * @param rows of one path and one protocol, told apart by their methods
   */
  PathEntry(List<Row> rows, int route) {
    Row first = rows.get(0);
    this.rows = List.copyOf(rows);
    this.prefix = first.prefix();
    this.content = first.content();
    this.byFormat =
        rows.stream().map(row -> byFormat(row.endpoint(), route)).toArray(Routed[][]::new);
    BodyFormat message = content.format(MediaType.GRPC, null);
    this.calls =
        message == null
            ? new Routed[0]
            : byDialect(dialect -> new Routed(dialect, first.endpoint(), route, message));
    Refusal wrong = wrongMethod(rows.stream().flatMap(row -> row.methods().stream()).toList());
    this.wrongMethod = byDialect(dialect -> Routed.refused(dialect, wrong));
    this.notGrpc = Routed.refused(Dialect.PROBLEM, notGrpc(first.endpoint()));
    this.unsupported = Routed.refused(Dialect.PROBLEM, unsupported(content));
  }

  /** Whose endpoint it is. */
  Protocol protocol() {
    return rows.get(0).protocol();
  }

  /** An answer for each format of a body: nothing else tells the requests of a row apart. */
  private Routed[] byFormat(Endpoint endpoint, int route) {
    return Stream.of(BodyFormat.values())
        .map(format -> new Routed(content.dialect(format), endpoint, route, format))
        .toArray(Routed[]::new);
  }

  private static Routed[] byDialect(Function<Dialect, Routed> answer) {
    return Stream.of(DIALECTS).map(answer).toArray(Routed[]::new);
  }

  /** The row's path or its beginning, up to the variable part. */
  String prefix() {
    return prefix;
  }

  /**
   * The answer to a gRPC call.
   *
   * @param dialect gRPC or gRPC-Web
   */
  Routed grpc(Dialect dialect) {
    return calls[dialect.ordinal()];
  }

  /** The answer to a request that came to a gRPC method without being gRPC. */
  Routed notGrpc(CharSequence method, MediaType media) {
    return (media == MediaType.GRPC || media == MediaType.GRPC_WEB) && rowOf(method) < 0
        ? wrongMethod[Dialect.PROBLEM.ordinal()]
        : notGrpc;
  }

  /** The answer to an HTTP request. */
  Routed http(CharSequence method, MediaType media, @Nullable CharSequence contentType) {
    int row = rowOf(method);
    if (row < 0) {
      return wrongMethod[content.dialect(media).ordinal()];
    }
    BodyFormat format = content.format(media, contentType);
    return format == null ? unsupported : byFormat[row][format.ordinal()];
  }

  /** The content type that its requests usually have; null where any will do. */
  @Nullable String usualType(CharSequence method) {
    return rowOf(method) < 0 || content.types().isEmpty() ? null : content.types().get(0);
  }

  /** How a client of OTLP over HTTP expects a refusal: in its own encoding, if known. */
  static Dialect otlp(MediaType media) {
    return switch (media) {
      case PROTOBUF -> Dialect.OTLP_PROTOBUF;
      case JSON -> Dialect.OTLP_JSON;
      case GRPC, GRPC_WEB, THRIFT, OTHER -> Dialect.PROBLEM;
    };
  }

  /** Whether an upper-case method name is this one. */
  static boolean is(CharSequence method, String expected) {
    return method.length() == expected.length() && CanonicalPath.regionEquals(method, 0, expected);
  }

  /** Which of the rows takes a method; -1 for none. */
  private int rowOf(CharSequence method) {
    for (int i = 0; i < rows.size(); i++) {
      List<String> methods = rows.get(i).methods();
      for (int m = 0; m < methods.size(); m++) {
        if (is(method, methods.get(m))) {
          return i;
        }
      }
    }
    return -1;
  }

  private static Refusal wrongMethod(List<String> methods) {
    String allow = String.join(", ", methods);
    return new Refusal(
        Refusal.Reason.METHOD_NOT_ALLOWED,
        "method: not one that this endpoint takes (expected: " + allow + ")",
        0,
        allow);
  }

  private static Refusal notGrpc(Endpoint endpoint) {
    return Refusal.of(
        Refusal.Reason.NOT_FOUND,
        "path: "
            + endpoint.name()
            + " is a gRPC method (expected: a POST over HTTP/2 with content-type"
            + " application/grpc)");
  }

  private static Refusal unsupported(Content content) {
    return Refusal.of(
        Refusal.Reason.UNSUPPORTED_MEDIA_TYPE,
        "content-type: not one that this endpoint takes (expected: "
            + String.join(" or ", content.types())
            + ")");
  }
}
