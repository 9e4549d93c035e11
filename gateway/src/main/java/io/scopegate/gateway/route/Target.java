package io.scopegate.gateway.route;

import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.Refusal;
import java.util.List;

/**
 * One row as a listener serves it, with every answer it can give made beforehand: routing allocates
 * nothing.
 */
@SuppressWarnings("EnumOrdinal") // arrays by dialect, for speed
final class Target {
  private static final Dialect[] DIALECTS = Dialect.values();

  private final Row row;
  private final String prefix;
  private final String[] methods;
  private final Routed[] matched;
  private final Routed[] wrongMethod;
  private final Routed notGrpc;
  private final Routed unsupported;

  /** Makes the answers of a row that the listener's route of this index serves. */
  Target(Row row, int route) {
    this.row = row;
    this.prefix = row.prefix();
    this.methods = row.methods().toArray(String[]::new);
    this.matched = new Routed[DIALECTS.length];
    this.wrongMethod = new Routed[DIALECTS.length];
    for (Dialect dialect : DIALECTS) {
      matched[dialect.ordinal()] = new Routed(dialect, row.endpoint(), route, null);
      wrongMethod[dialect.ordinal()] = refused(dialect, wrongMethod(row.methods()));
    }
    this.notGrpc = refused(Dialect.PROBLEM, notGrpc(row.endpoint()));
    this.unsupported = refused(Dialect.PROBLEM, unsupported());
  }

  /** The row's path or its beginning, up to the variable part. */
  String prefix() {
    return prefix;
  }

  /** The answer to a gRPC call. */
  Routed grpc() {
    return matched[Dialect.GRPC.ordinal()];
  }

  /** The answer to a request that came to a gRPC method without being gRPC. */
  Routed notGrpc(CharSequence method, MediaType media) {
    return media == MediaType.GRPC && !allows(method)
        ? wrongMethod[Dialect.PROBLEM.ordinal()]
        : notGrpc;
  }

  /** The answer to an HTTP request. */
  Routed http(CharSequence method, MediaType media) {
    Dialect dialect = row.protocol() == Protocol.OTLP_HTTP ? otlp(media) : Dialect.PROBLEM;
    if (!allows(method)) {
      return wrongMethod[dialect.ordinal()];
    }
    return row.protocol() == Protocol.OTLP_HTTP && dialect == Dialect.PROBLEM
        ? unsupported
        : matched[dialect.ordinal()];
  }

  /** How a client of OTLP over HTTP is told: in its own encoding, when that is known. */
  static Dialect otlp(MediaType media) {
    return switch (media) {
      case PROTOBUF -> Dialect.OTLP_PROTOBUF;
      case JSON -> Dialect.OTLP_JSON;
      case GRPC, OTHER -> Dialect.PROBLEM;
    };
  }

  /** Whether an upper-case method name is this one. */
  static boolean is(CharSequence method, String expected) {
    return method.length() == expected.length() && CanonicalPath.regionEquals(method, 0, expected);
  }

  /** A refusal as an answer. */
  static Routed refused(Dialect dialect, Refusal refusal) {
    return new Routed(dialect, null, -1, refusal);
  }

  private boolean allows(CharSequence method) {
    for (String allowed : methods) {
      if (is(method, allowed)) {
        return true;
      }
    }
    return false;
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

  private static Refusal unsupported() {
    return Refusal.of(
        Refusal.Reason.UNSUPPORTED_MEDIA_TYPE,
        "content-type: not one of OTLP's (expected: application/x-protobuf or application/json)");
  }
}
