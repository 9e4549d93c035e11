package io.scopegate.gateway.route;

import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.util.AsciiString;
import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.meter.BodyFormat;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where requests go that are proxied: any path and any gRPC method, with the verb that <a
 * href="https://github.com/brancz/kube-rbac-proxy">kube-rbac-proxy</a> takes from the HTTP method.
 * Each gRPC call is a POST, so those that are known to read are {@code get}.
 */
@SuppressWarnings("EnumOrdinal") // an array by media type, for speed
final class ProxyTargets {
  private static final String NAME = "proxy";
  private static final String EXPORT = "/v1/traces";

  private static final Routed NOT_ALLOWED = notAllowed(Dialect.PROBLEM);
  private static final Routed NOT_ALLOWED_GRPC = notAllowed(Dialect.GRPC);

  private static final Routed NO_METHOD =
      Routed.refused(
          Dialect.PROBLEM,
          Refusal.of(
              Refusal.Reason.MALFORMED,
              "method: not one that can be forwarded (expected: a token of RFC 9110, 5.6.2, other"
                  + " than CONNECT)"));

  private final PathRules paths;
  private final Routed[] export;
  private final Map<String, Routed> byMethod;
  private final Routed otherMethod;
  private final Map<String, Routed> calls;
  private final Routed otherCall;
  private final Routed ignored;
  private final Routed ignoredCall;

  /**
   * Makes the answers.
   *
   * @param route the index of the listener's route
   */
  ProxyTargets(int route, PathRules paths) {
    this.paths = paths;
    this.byMethod =
        Map.of(
            "GET", http(route, Operation.READ, Traffic.QUERY, "get"),
            "POST", http(route, Operation.WRITE, Traffic.WRITE, "create"),
            "PUT", http(route, Operation.WRITE, Traffic.WRITE, "update"),
            "PATCH", http(route, Operation.WRITE, Traffic.WRITE, "patch"),
            "DELETE", http(route, Operation.WRITE, Traffic.WRITE, "delete"));
    this.otherMethod = http(route, Operation.READ, Traffic.QUERY, "*");
    Endpoint exported = new Endpoint(EXPORT, false, Operation.WRITE, Traffic.INGEST, "create");
    this.export =
        Stream.of(MediaType.values())
            .map(media -> new Routed(PathEntry.otlp(media), exported, route, exported(media)))
            .toArray(Routed[]::new);
    this.calls =
        Rows.ALL.stream()
            .filter(row -> row.endpoint().grpc())
            .collect(Collectors.toUnmodifiableMap(Row::pattern, known(route)));
    this.otherCall =
        call(
            route,
            new Endpoint(NAME, true, Operation.WRITE, Traffic.WRITE, "create"),
            BodyFormat.OTHER);
    this.ignored = new Routed(Dialect.PROBLEM, ignored(false), route, BodyFormat.OTHER);
    this.ignoredCall = call(route, ignored(true), BodyFormat.OTHER);
  }

  /** A receiver of OTLP reads any other content type as protobuf, or rejects it. */
  private static BodyFormat exported(MediaType media) {
    return Objects.requireNonNullElse(Rows.OTLP.format(media, null), BodyFormat.OTLP_PROTOBUF);
  }

  private static Endpoint ignored(boolean grpc) {
    return new Endpoint("ignored", grpc, Operation.PUBLIC, Traffic.NONE);
  }

  private static Function<Row, Routed> known(int route) {
    return row -> {
      Endpoint known = row.endpoint();
      String verb = known.operation() == Operation.READ ? "get" : "create";
      Endpoint proxied = new Endpoint(known.name(), true, known.operation(), known.traffic(), verb);
      BodyFormat message = row.content().format(MediaType.GRPC, null);
      return call(route, proxied, Objects.requireNonNull(message, "message"));
    };
  }

  private static Routed http(int route, Operation operation, Traffic traffic, String verb) {
    Endpoint endpoint = new Endpoint(NAME, false, operation, traffic, verb);
    return new Routed(Dialect.PROBLEM, endpoint, route, BodyFormat.OTHER);
  }

  private static Routed call(int route, Endpoint endpoint, BodyFormat message) {
    return new Routed(Dialect.GRPC, endpoint, route, message);
  }

  private static Routed notAllowed(Dialect dialect) {
    return Routed.refused(
        dialect,
        Refusal.of(
            Refusal.Reason.NOT_FOUND, "path: matched by none of this listener's allowPaths"));
  }

  /**
   * Where a request goes.
   *
   * @param target a canonical one
   * @param isGrpc whether it is a gRPC call
   */
  Routed route(CharSequence method, CharSequence target, MediaType media, boolean isGrpc) {
    if (!isForwardable(method)) {
      return NO_METHOD;
    }
    Routed byPath = paths.isEmpty() ? null : byPath(target, isGrpc);
    if (byPath != null) {
      return byPath;
    }
    if (isGrpc) {
      return calls.getOrDefault(target.toString(), otherCall);
    }
    if (PathEntry.is(method, "POST") && EXPORT.contentEquals(EndpointTable.pathOf(target))) {
      return export[media.ordinal()];
    }
    return byMethod.getOrDefault(method.toString(), otherMethod);
  }

  /** HTTP/2 allows any text as the method; and what follows CONNECT is not HTTP. */
  private static boolean isForwardable(CharSequence method) {
    return method.length() > 0
        && HttpHeaderValidationUtil.validateToken(method) < 0
        && !AsciiString.contentEqualsIgnoreCase("CONNECT", method);
  }

  private @Nullable Routed byPath(CharSequence target, boolean isGrpc) {
    String path = DecodedPath.of(target);
    if (!paths.allows(path)) {
      return isGrpc ? NOT_ALLOWED_GRPC : NOT_ALLOWED;
    }
    if (paths.ignores(path)) {
      return isGrpc ? ignoredCall : ignored;
    }
    return null;
  }
}
