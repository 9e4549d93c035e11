package io.scopegate.gateway.route;

import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.util.AsciiString;
import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.Refusal;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where requests go that are proxied: any path and any gRPC method, with the verb that <a
 * href="https://github.com/brancz/kube-rbac-proxy">kube-rbac-proxy</a> takes from the HTTP method.
 * Each gRPC call is a POST, so those that are known to read are {@code get}.
 */
@SuppressWarnings("EnumOrdinal") // arrays by dialect, for speed
final class ProxyTargets {
  private static final String NAME = "proxy";
  private static final String EXPORT = "/v1/traces";
  private static final Dialect[] DIALECTS = Dialect.values();

  private static final Routed NOT_ALLOWED = notAllowed(Dialect.PROBLEM);
  private static final Routed NOT_ALLOWED_GRPC = notAllowed(Dialect.GRPC);

  private static final Routed NO_METHOD =
      PathEntry.refused(
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
            "GET", http(route, Operation.READ, "get"),
            "POST", http(route, Operation.WRITE, "create"),
            "PUT", http(route, Operation.WRITE, "update"),
            "PATCH", http(route, Operation.WRITE, "patch"),
            "DELETE", http(route, Operation.WRITE, "delete"));
    this.otherMethod = http(route, Operation.READ, "*");
    this.export = new Routed[DIALECTS.length];
    Endpoint exported = new Endpoint(EXPORT, false, Operation.WRITE, true, "create");
    for (Dialect dialect : DIALECTS) {
      export[dialect.ordinal()] = new Routed(dialect, exported, route, null);
    }
    this.calls =
        Rows.ALL.stream()
            .filter(row -> row.endpoint().grpc())
            .collect(Collectors.toUnmodifiableMap(Row::pattern, known(route)));
    this.otherCall = call(route, new Endpoint(NAME, true, Operation.WRITE, false, "create"));
    Endpoint open = new Endpoint("ignored", false, Operation.PUBLIC, false);
    this.ignored = new Routed(Dialect.PROBLEM, open, route, null);
    this.ignoredCall = call(route, new Endpoint("ignored", true, Operation.PUBLIC, false));
  }

  private static Function<Row, Routed> known(int route) {
    return row -> {
      Endpoint known = row.endpoint();
      String verb = known.operation() == Operation.READ ? "get" : "create";
      return call(route, new Endpoint(known.name(), true, known.operation(), known.ingest(), verb));
    };
  }

  private static Routed http(int route, Operation operation, String verb) {
    Endpoint endpoint = new Endpoint(NAME, false, operation, false, verb);
    return new Routed(Dialect.PROBLEM, endpoint, route, null);
  }

  private static Routed call(int route, Endpoint endpoint) {
    return new Routed(Dialect.GRPC, endpoint, route, null);
  }

  private static Routed notAllowed(Dialect dialect) {
    return PathEntry.refused(
        dialect,
        Refusal.of(
            Refusal.Reason.NOT_FOUND, "path: none of this listener's allowPaths is like it"));
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
      return export[PathEntry.otlp(media).ordinal()];
    }
    return byMethod.getOrDefault(method.toString(), otherMethod);
  }

  /** HTTP/2 lets clients write anything there; and what follows CONNECT is no HTTP any more. */
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
