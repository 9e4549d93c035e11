package io.scopegate.gateway.route;

import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.Refusal;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The answers to what a listener does not serve, made beforehand. */
@SuppressWarnings("EnumOrdinal") // arrays by dialect and problem, for speed
final class Unmatched {
  private static final Dialect[] DIALECTS = Dialect.values();
  private static final PathProblem[] PROBLEMS = PathProblem.values();
  private static final Routed[][] MALFORMED =
      Stream.of(DIALECTS).map(Unmatched::malformed).toArray(Routed[][]::new);

  private static final String TRACES = "/v1/traces";

  private static final Routed GRPC_OVER_HTTP1 =
      Routed.refused(
          Dialect.PROBLEM,
          Refusal.of(
              Refusal.Reason.NOT_FOUND,
              "content-type: application/grpc over HTTP/1.1 (expected: gRPC over HTTP/2)"));

  private final boolean otlp;
  private final Routed[][] elsewhere;
  private final Routed[] unknown;
  private final Routed[] otherSignal;
  private final Routed[] belowAnother;
  private final Routed overrides;

  Unmatched(List<Set<Protocol>> routes) {
    String serves =
        routes.stream()
            .flatMap(Set::stream)
            .sorted()
            .map(Protocol::label)
            .distinct()
            .collect(Collectors.joining(", "));
    this.otlp = routes.stream().anyMatch(route -> route.contains(Protocol.OTLP_HTTP));
    this.unknown = notFound("path: no endpoint of this listener (it serves: " + serves + ")");
    this.elsewhere =
        Stream.of(Protocol.values())
            .map(other ->
                notFound(
                    "path: an endpoint of "
                        + other.label()
                        + ", which this listener does not serve (it serves: "
                        + serves
                        + ")"))
            .toArray(Routed[][]::new);
    this.otherSignal =
        notFound(
            "path: Tempo stores traces only; send metrics and logs elsewhere"
                + " (expected: /v1/traces)");
    this.belowAnother =
        notFound(
            "path: /v1/traces below another path (expected: /v1/traces; exporters add it to their"
                + " endpoint, so leave it out there; pathAliases for prefixes)");
    this.overrides =
        notFound(
            "path: tenants' overrides are not served here"
                + " (expected: a listener that serves tempo-overrides)")[Dialect.PROBLEM.ordinal()];
  }

  /** The answer to a gRPC method that is not served. */
  Routed grpc(CharSequence target, int end, Dialect dialect) {
    return unknown(target, end)[dialect.ordinal()];
  }

  /** The answer to a path that is not served. */
  Routed http(CharSequence target, int end, MediaType media) {
    if (otlp && CanonicalPath.startsWith(target, end, "/v1/")) {
      return ofOtlp(target, end)[PathEntry.otlp(media).ordinal()];
    }
    if (otlp && isBelow(target, end)) {
      return belowAnother[Dialect.PROBLEM.ordinal()];
    }
    return is(target, end, "/api/overrides")
        ? overrides
        : unknown(target, end)[Dialect.PROBLEM.ordinal()];
  }

  /** Whether an exporter has added its path to one that was configured. */
  private static boolean isBelow(CharSequence target, int end) {
    int begin = end - TRACES.length();
    return begin > 0 && CanonicalPath.regionEquals(target, begin, TRACES);
  }

  private Routed[] ofOtlp(CharSequence target, int end) {
    if (is(target, end, "/v1/metrics") || is(target, end, "/v1/logs")) {
      return otherSignal;
    }
    return isBelow(target, end) ? belowAnother : unknown;
  }

  /** A client at the wrong port is told which protocol it speaks. */
  private Routed[] unknown(CharSequence target, int end) {
    Protocol other = Everything.TABLE.protocolOf(target, end);
    return other == null ? unknown : elsewhere[other.ordinal()];
  }

  /** All endpoints. In a class of its own, because it is a table too, with answers like these. */
  private static final class Everything {
    static final EndpointTable TABLE =
        EndpointTable.of(List.of(Rows.ALL.stream().map(Row::protocol).collect(Collectors.toSet())));
  }

  /** The answer to a request target that is not canonical. */
  static Routed malformed(Dialect dialect, PathProblem problem) {
    return MALFORMED[dialect.ordinal()][problem.ordinal()];
  }

  /** The answer to a call of gRPC that came without HTTP/2. */
  static Routed grpcOverHttp1() {
    return GRPC_OVER_HTTP1;
  }

  private static boolean is(CharSequence target, int end, String path) {
    return end == path.length() && CanonicalPath.regionEquals(target, 0, path);
  }

  private static Routed[] notFound(String detail) {
    Refusal refusal = Refusal.of(Refusal.Reason.NOT_FOUND, detail);
    Routed[] byDialect = new Routed[DIALECTS.length];
    for (Dialect dialect : DIALECTS) {
      byDialect[dialect.ordinal()] = Routed.refused(dialect, refusal);
    }
    return byDialect;
  }

  private static Routed[] malformed(Dialect dialect) {
    Routed[] byProblem = new Routed[PROBLEMS.length];
    for (PathProblem problem : PROBLEMS) {
      Refusal refusal = Refusal.of(Refusal.Reason.MALFORMED, problem.detail());
      byProblem[problem.ordinal()] = Routed.refused(dialect, refusal);
    }
    return byProblem;
  }
}
