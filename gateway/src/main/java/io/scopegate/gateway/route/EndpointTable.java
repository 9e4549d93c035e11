package io.scopegate.gateway.route;

import io.netty.util.AsciiString;
import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.meter.BodyFormat;
import io.scopegate.gateway.meter.CostPlace;
import io.scopegate.gateway.meter.RangePlace;
import io.scopegate.gateway.meter.SizePlace;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What one listener serves: finds a request's endpoint, or the refusal when it has none.
 *
 * <p>Immutable and safe for use by several threads. Routing allocates nothing, except for paths
 * with a tenant in them and for aliases.
 */
public final class EndpointTable {
  /** Where a request goes that has no method or no path, such as CONNECT. */
  public static final Routed NO_PATH =
      Routed.refused(
          Dialect.PROBLEM, Refusal.of(Refusal.Reason.MALFORMED, "route: the request has no path"));

  private static final String HEALTH_PATH = "/healthz";
  private static final Routed HEALTHY =
      new Routed(
          Dialect.PROBLEM,
          new Endpoint("healthz", false, Operation.PUBLIC, Traffic.NONE),
          -1,
          BodyFormat.OTHER);

  /** A health check; all of them count as this one endpoint. */
  private static final Routed CHECKED =
      new Routed(
          Dialect.PROBLEM,
          new Endpoint("health", false, Operation.PUBLIC, Traffic.NONE),
          -1,
          BodyFormat.OTHER);

  private static final Routed CHECKED_BY_GRPC =
      new Routed(
          Dialect.GRPC,
          new Endpoint("grpc.health.v1.Health/Check", true, Operation.PUBLIC, Traffic.NONE),
          -1,
          BodyFormat.OTHER);

  private static final List<String> WRITING =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  /** What RFC 9110 9.2.1 calls safe, as far as it is forwarded. */
  private static final List<String> READING = List.of("GET", "HEAD", "OPTIONS");

  private final PathIndex grpc;
  private final PathIndex exact;
  private final List<PathEntry> byTraceId;
  private final List<PathEntry> byTag;
  private final @Nullable PathEntry generic;
  private final @Nullable PathEntry genericGrpc;
  private final @Nullable ProxyTargets proxy;
  private final boolean health;
  private final HealthChecks checks;
  private final Unmatched unmatched;
  private final List<Set<Protocol>> routes;
  private final PathRules paths;
  private final boolean grpcWeb;
  private final @Nullable TenantPaths tenantPaths;
  private final Map<String, String> aliasPaths;
  private final @Nullable PathAliases aliases;

  private EndpointTable(
      List<Set<Protocol>> routes,
      PathRules paths,
      @Nullable TenantPaths tenantPaths,
      boolean grpcWeb,
      Map<String, String> aliasPaths,
      HealthChecks checks) {
    this.routes = routes;
    this.paths = paths;
    this.checks = checks;
    this.tenantPaths = tenantPaths;
    this.grpcWeb = grpcWeb;
    this.grpc = new PathIndex(targets(Row.Shape.GRPC, routes));
    this.exact = new PathIndex(targets(Row.Shape.EXACT, routes));
    this.byTraceId = targets(Row.Shape.TRACE_ID, routes);
    this.byTag = targets(Row.Shape.TAG, routes);
    this.generic = generic(routes, false);
    this.genericGrpc = generic(routes, true);
    int proxied = routeOf(Protocol.PROXY, routes);
    this.proxy = proxied < 0 ? null : new ProxyTargets(proxied, paths);
    this.health = routeOf(Protocol.HEALTH, routes) >= 0;
    this.unmatched = new Unmatched(routes);
    this.aliasPaths = aliasPaths;
    this.aliases = aliasPaths.isEmpty() ? null : new PathAliases(aliasPaths, exact);
  }

  /**
   * The table of a listener.
   *
   * @param routes what each of its routes serves; when two serve the same endpoint the earlier one
   *     gets it, and rows of their own go before anything generic
   */
  public static EndpointTable of(List<Set<Protocol>> routes) {
    return of(routes, PathRules.NONE);
  }

  /** The table of a listener, with patterns for the paths of proxied requests. */
  public static EndpointTable of(List<Set<Protocol>> routes, PathRules paths) {
    return new EndpointTable(routes, paths, null, false, Map.of(), HealthChecks.NONE);
  }

  /**
   * A table that also has the paths with a tenant in them.
   *
   * @param tenantHeader the header that says the same, in lower case
   */
  public EndpointTable withTenantPaths(AsciiString tenantHeader) {
    return new EndpointTable(
        routes, paths, new TenantPaths(routes, tenantHeader), grpcWeb, aliasPaths, checks);
  }

  /** A table whose gRPC methods are also called by gRPC-Web. */
  public EndpointTable withGrpcWeb() {
    return new EndpointTable(routes, paths, tenantPaths, true, aliasPaths, checks);
  }

  /**
   * A table that also knows exact paths by other names.
   *
   * @param known the path in this table that each alias stands for
   * @throws IllegalArgumentException when one of them is not in the table as an exact path
   */
  public EndpointTable withAliases(Map<String, String> known) {
    return new EndpointTable(routes, paths, tenantPaths, grpcWeb, Map.copyOf(known), checks);
  }

  /** The exact paths of requests by HTTP, in the order of the documentation. */
  public Set<String> exactPaths() {
    return targets(Row.Shape.EXACT, routes).stream()
        .map(PathEntry::prefix)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Whether a path by itself, without a query, belongs to an endpoint. */
  public boolean hasPath(String path) {
    long scanned = CanonicalPath.scan(path);
    int end = CanonicalPath.end(scanned);
    int hash = CanonicalPath.hash(scanned);
    return scanned >= 0
        && (grpc.find(path, end, hash) != null
            || http(path, end, hash) != null
            || (tenantPaths != null && tenantPaths.targetOf(path) != null));
  }

  /** Whether a text is a path that is read in one way only, and nothing more. */
  public static boolean isPlainPath(String path) {
    long scanned = CanonicalPath.scan(path);
    return scanned >= 0 && CanonicalPath.end(scanned) == path.length() && path.indexOf('%') < 0;
  }

  /** A table that also has health checks, which go before everything else. */
  public EndpointTable withHealthChecks(HealthChecks answered) {
    return new EndpointTable(routes, paths, tenantPaths, grpcWeb, aliasPaths, answered);
  }

  /** Whether this only asks whether the process lives. */
  public static boolean isLiveness(Routed found) {
    return found == HEALTHY;
  }

  /** The services whose gRPC methods the table of all protocols names, without generic ones. */
  public static Set<String> grpcServices() {
    return Rows.ALL.stream()
        .map(Row::endpoint)
        .filter(Endpoint::grpc)
        .map(endpoint -> endpoint.name().substring(0, endpoint.name().indexOf('/')))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** As {@link #route(CharSequence, CharSequence, CharSequence, boolean)} of an HTTP/2 request. */
  public Routed route(
      CharSequence method, CharSequence target, @Nullable CharSequence contentType) {
    return route(method, target, contentType, true);
  }

  /**
   * Where a request goes.
   *
   * @param method as the client sent it
   * @param target path and query, as the client sent them
   * @param contentType the request's {@code content-type}, or null
   * @param http2 whether the request came over HTTP/2; there is no gRPC without it
   * @return one of a few values made beforehand, unless the path is rewritten
   */
  public Routed route(
      CharSequence method, CharSequence target, @Nullable CharSequence contentType, boolean http2) {
    MediaType media = MediaType.of(contentType);
    Dialect asked = dialect(method, media);
    boolean isGrpc = asked == Dialect.GRPC_WEB || (asked == Dialect.GRPC && http2);
    if (checks.isOn()) {
      if (isGrpc
          ? asked == Dialect.GRPC && checks.isCall(target)
          : checks.isAsked(method, target)) {
        return isGrpc ? CHECKED_BY_GRPC : CHECKED;
      }
    }
    Routed ofTenant =
        tenantPaths == null || isGrpc
            ? null
            : tenantPaths.route(method, target, contentType, http2);
    if (ofTenant != null) {
      return ofTenant;
    }
    long scanned = CanonicalPath.scan(target);
    if (scanned < 0) {
      return Unmatched.malformed(isGrpc ? asked : Dialect.PROBLEM, PathProblem.of(scanned));
    }
    if (asked == Dialect.GRPC && !http2) {
      return Unmatched.grpcOverHttp1();
    }
    int end = CanonicalPath.end(scanned);
    if (isGrpc && end < target.length()) {
      return Unmatched.malformed(asked, PathProblem.GRPC_QUERY);
    }
    if (health && HEALTH_PATH.contentEquals(pathOf(target))) {
      return HEALTHY;
    }
    if (proxy != null) {
      return proxy.route(method, target, media, isGrpc);
    }
    PathEntry call = grpc.find(target, end, CanonicalPath.hash(scanned));
    if (isGrpc) {
      return call == null ? noCall(target, end, asked) : call.grpc(asked);
    }
    PathEntry found = http(target, end, CanonicalPath.hash(scanned));
    if (found != null) {
      return found.http(method, media, contentType);
    }
    if (call != null) {
      return call.notGrpc(method, media);
    }
    Routed aliased =
        aliases == null ? null : aliases.route(method, target, end, media, contentType);
    if (aliased != null) {
      return aliased;
    }
    return generic != null
        ? generic.http(method, media, contentType)
        : unmatched.http(target, end, media);
  }

  /**
   * The content type that requests to a path by HTTP usually have.
   *
   * @return null where any will do, or none
   */
  public @Nullable String usualContentType(CharSequence method, CharSequence target) {
    if (tenantPaths != null) {
      CharSequence known = tenantPaths.targetOf(target);
      if (known != null) {
        return tenantPaths.endpoints().usualContentType(method, known);
      }
    }
    long scanned = CanonicalPath.scan(target);
    PathEntry found =
        scanned < 0 || proxy != null
            ? null
            : http(target, CanonicalPath.end(scanned), CanonicalPath.hash(scanned));
    if (found == null && aliases != null && scanned >= 0) {
      found = aliases.find(target, CanonicalPath.end(scanned));
    }
    return found == null ? null : found.usualType(method);
  }

  /** The path of a request target, without its query. */
  public static CharSequence pathOf(CharSequence target) {
    int end = target instanceof AsciiString ascii ? ascii.indexOf('?', 0) : indexOfQuery(target);
    return end < 0 ? target : target.subSequence(0, end);
  }

  /** How to refuse a request: as a gRPC call if it looks like one, else with a problem document. */
  private Dialect dialect(CharSequence method, MediaType media) {
    boolean call = media == MediaType.GRPC || (grpcWeb && media == MediaType.GRPC_WEB);
    if (!call || !PathEntry.is(method, "POST")) {
      return Dialect.PROBLEM;
    }
    return media == MediaType.GRPC ? Dialect.GRPC : Dialect.GRPC_WEB;
  }

  private Routed noCall(CharSequence target, int end, Dialect dialect) {
    return genericGrpc != null ? genericGrpc.grpc(dialect) : unmatched.grpc(target, end, dialect);
  }

  /** The protocol that a canonical path belongs to, whatever the method; null without one. */
  @Nullable Protocol protocolOf(CharSequence target, int end) {
    int hash = CanonicalPath.hash(CanonicalPath.scan(target));
    PathEntry call = grpc.find(target, end, hash);
    PathEntry found = call == null ? http(target, end, hash) : call;
    return found == null ? null : found.protocol();
  }

  private @Nullable PathEntry http(CharSequence target, int end, int hash) {
    PathEntry found = exact.find(target, end, hash);
    if (found != null) {
      return found;
    }
    for (PathEntry candidate : byTraceId) {
      String prefix = candidate.prefix();
      if (CanonicalPath.startsWith(target, end, prefix)
          && CanonicalPath.isUnreserved(target, prefix.length(), end)) {
        return candidate;
      }
    }
    return byTag.isEmpty() ? null : tagValues(target, end);
  }

  private @Nullable PathEntry tagValues(CharSequence target, int end) {
    TagPath found = TagPath.of(target, end);
    for (PathEntry candidate : byTag) {
      if (found != null && candidate.prefix().equals(found.prefix())) {
        return candidate;
      }
    }
    return null;
  }

  private static int indexOfQuery(CharSequence target) {
    for (int i = 0; i < target.length(); i++) {
      if (target.charAt(i) == '?') {
        return i;
      }
    }
    return -1;
  }

  private static List<PathEntry> targets(Row.Shape shape, List<Set<Protocol>> routes) {
    Map<String, List<Row>> byPath =
        Rows.ALL.stream()
            .filter(row -> row.shape() == shape && routeOf(row.protocol(), routes) >= 0)
            .collect(Collectors.groupingBy(Row::pattern, LinkedHashMap::new, Collectors.toList()));
    return byPath.values().stream()
        .map(rows -> new PathEntry(rows, routeOf(rows.get(0).protocol(), routes)))
        .toList();
  }

  private static @Nullable PathEntry generic(List<Set<Protocol>> routes, boolean grpc) {
    for (int route = 0; route < routes.size(); route++) {
      for (Protocol protocol : routes.get(route)) {
        if (protocol.isGeneric()) {
          boolean write = protocol == Protocol.GENERIC_WRITE;
          Endpoint endpoint = generic(write, grpc);
          List<String> methods = grpc || write ? WRITING : READING;
          return new PathEntry(
              List.of(new Row(protocol, methods, "/", endpoint, Content.ANY)), route);
        }
      }
    }
    return null;
  }

  /** The content is unknown, so neither spans nor ranges are read. */
  private static Endpoint generic(boolean write, boolean grpc) {
    if (write) {
      return new Endpoint("generic", grpc, Operation.WRITE, Traffic.INGEST);
    }
    Traffic read =
        grpc
            ? Traffic.calls(RangePlace.NOWHERE, SizePlace.NOWHERE, CostPlace.NOWHERE)
            : Traffic.QUERY;
    return new Endpoint("generic", grpc, Operation.READ, read);
  }

  private static int routeOf(Protocol protocol, List<Set<Protocol>> routes) {
    for (int i = 0; i < routes.size(); i++) {
      if (routes.get(i).contains(protocol)) {
        return i;
      }
    }
    return -1;
  }
}
