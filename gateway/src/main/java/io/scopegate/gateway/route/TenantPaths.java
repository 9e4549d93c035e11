package io.scopegate.gateway.route;

import io.netty.util.AsciiString;
import io.scopegate.gateway.answer.Dialect;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The paths under which the gateway of the tempo-operator serves Tempo, with the tenant in them:
 * {@code /api/traces/v1/{tenant}/tempo/api/…} and {@code /api/traces/v1/{tenant}/v1/traces}. Behind
 * the tenant the endpoint table is the same, so what is not in it is refused here, too.
 */
final class TenantPaths {
  private static final String PREFIX = "/api/traces/v1/";
  private static final String TEMPO = "/tempo";
  private static final String TEMPO_API = "/tempo/api/";
  private static final String OTLP = "/v1/traces";

  private final EndpointTable endpoints;
  private final AsciiString header;

  /**
   * For a listener.
   *
   * @param routes what each of its routes serves
   * @param header the tenant header, in lower case
   */
  TenantPaths(List<Set<Protocol>> routes, AsciiString header) {
    this.endpoints = EndpointTable.of(routes.stream().map(TenantPaths::reached).toList());
    this.header = header;
  }

  private static Set<Protocol> reached(Set<Protocol> route) {
    return route.stream()
        .filter(Protocol::reachableByTenantPath)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Where a request by HTTP goes.
   *
   * @return null when it has no such path
   */
  @Nullable Routed route(
      CharSequence method, CharSequence target, @Nullable CharSequence contentType, boolean http2) {
    int start = PREFIX.length();
    int end = endOfTenant(target);
    int rest = end < 0 ? -1 : restOf(target, end);
    if (rest < 0) {
      return null;
    }
    long scanned = CanonicalPath.scan(target.subSequence(0, end));
    if (scanned < 0 || end == start) {
      return Unmatched.malformed(
          Dialect.PROBLEM, scanned < 0 ? PathProblem.of(scanned) : PathProblem.EMPTY_SEGMENT);
    }
    CharSequence known = target.subSequence(rest, target.length());
    Routed routed = endpoints.route(method, known, contentType, http2);
    return routed.endpoint() == null
        ? routed
        : routed.by(
            new TenantPath(
                header, AsciiString.of(target.subSequence(start, end)), AsciiString.of(known)));
  }

  /** What is served behind a tenant. */
  EndpointTable endpoints() {
    return endpoints;
  }

  /** The path and query that Tempo knows; null when the path names no tenant. */
  @Nullable CharSequence targetOf(CharSequence target) {
    int end = endOfTenant(target);
    int rest = end < 0 ? -1 : restOf(target, end);
    return rest < 0 ? null : target.subSequence(rest, target.length());
  }

  /** Where the tenant ends; -1 when it is no such path. */
  private static int endOfTenant(CharSequence target) {
    if (!CanonicalPath.startsWith(target, target.length(), PREFIX)) {
      return -1;
    }
    int end = PREFIX.length();
    while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
      end++;
    }
    return end;
  }

  /** Where Tempo's own path begins, behind the tenant; -1 when there is none. */
  private static int restOf(CharSequence target, int at) {
    if (has(target, at, TEMPO_API)) {
      return at + TEMPO.length();
    }
    int end = at + OTLP.length();
    return has(target, at, OTLP) && (end == target.length() || target.charAt(end) == '?') ? at : -1;
  }

  private static boolean has(CharSequence target, int at, String expected) {
    return target.length() - at >= expected.length()
        && CanonicalPath.regionEquals(target, at, expected);
  }
}
