package io.scopegate.gateway.explain;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.access.Access;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.ConnectionDecisionCache;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.EndpointTable;
import io.scopegate.gateway.route.Routed;
import io.scopegate.gateway.route.TenantPath;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes a request the way that {@code Gate} takes it, by the same table and the same {@link
 * Access}, and stops before it would be forwarded. For any thread.
 */
public final class Explainer {
  private static final List<String> USUAL_METHODS = List.of("GET", "POST");

  private final ExplainConfig config;
  private final InstantSource clock;
  private final Map<String, EndpointTable> tables = new LinkedHashMap<>();
  private final String tenantHeader;

  /** For one configuration. */
  public Explainer(ExplainConfig config, InstantSource clock) {
    this.config = config;
    this.clock = clock;
    this.tenantHeader = config.tenancy().header().toLowerCase(Locale.ROOT);
    config
        .listeners()
        .forEach((name, listener) -> {
          if (!listener.isHealth()) { // forwards nothing
            tables.put(name, listener.endpoints(tenantHeader));
          }
        });
  }

  /**
   * Finds the listener and the endpoint; asks nobody.
   *
   * @return where it arrives; a place that refuses it when no listener serves it
   * @throws IllegalArgumentException when there is no such listener, or when several serve it
   */
  public MatchedListener place(ExplainRequest inquiry) {
    String wanted = inquiry.listener();
    if (wanted != null && !tables.containsKey(wanted)) {
      throw new IllegalArgumentException(
          "listener: " + Printable.of(wanted) + " (expected: one of " + tables.keySet() + ")");
    }
    String method = inquiry.method();
    List<String> methods = method == null ? USUAL_METHODS : List.of(method);
    List<MatchedListener> all = methods.stream().flatMap(m -> places(inquiry, m).stream()).toList();
    List<MatchedListener> serving = all.stream().filter(MatchedListener::serves).toList();
    if (serving.stream().map(MatchedListener::listener).distinct().count() > 1) {
      String names =
          serving.stream().map(MatchedListener::listener).collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          "listener: several serve this (expected: one of " + names + ")");
    }
    return serving.isEmpty() ? mostTelling(all) : serving.get(0);
  }

  private List<MatchedListener> places(ExplainRequest inquiry, String method) {
    String wanted = inquiry.listener();
    return tables.entrySet().stream()
        .filter(table -> wanted == null || wanted.equals(table.getKey()))
        .map(table ->
            new MatchedListener(table.getKey(), method, route(table.getValue(), inquiry, method)))
        .toList();
  }

  private static Routed route(EndpointTable table, ExplainRequest inquiry, String method) {
    return table.route(method, inquiry.target(), contentType(inquiry, method), inquiry.grpc());
  }

  /** A listener that knows the path, and says what is wrong with the rest, knows more. */
  private static MatchedListener mostTelling(List<MatchedListener> all) {
    return all.stream()
        .filter(
            place -> Objects.requireNonNull(place.routed().refusal()).reason() != Reason.NOT_FOUND)
        .findFirst()
        .orElse(all.get(0));
  }

  private static @Nullable String contentType(ExplainRequest inquiry, String method) {
    if (inquiry.grpc()) {
      return "application/grpc";
    }
    return method.equals("POST") ? "application/x-protobuf" : null;
  }

  /**
   * Has it decided.
   *
   * @param place where it arrives
   * @param access decides by the same configuration
   * @return completes when everybody was asked who has to be; never fails
   */
  public Future<Explanation> explain(ExplainRequest inquiry, MatchedListener place, Access access) {
    long start = clock.millis();
    Endpoint endpoint = place.routed().endpoint();
    if (endpoint == null) {
      return Future.succeededFuture(explanation(inquiry, place, null, start));
    }
    Http2Headers head = head(inquiry, place);
    TenantPath path = place.routed().tenantPath();
    Refusal twoTenants = path == null ? null : path.applyTo(head);
    if (twoTenants != null) {
      AccessDecision refused = new AccessDecision(twoTenants, null, "", "", 0);
      return Future.succeededFuture(explanation(inquiry, place, refused, start));
    }
    ConnectionDecisionCache memo = new ConnectionDecisionCache();
    AccessDecision known = access.known(endpoint, head, memo);
    Future<AccessDecision> decided =
        known == null ? access.ask(endpoint, head, memo) : Future.succeededFuture(known);
    return decided.map(verdict -> explanation(inquiry, place, verdict, start));
  }

  /** What is to be said when there was no time to have it decided. */
  public Explanation undecided(ExplainRequest inquiry, MatchedListener place, String why) {
    Refusal refusal = Refusal.retryable(Reason.UNDECIDED, why, 0);
    AccessDecision verdict = new AccessDecision(refusal, null, "", "", 0);
    return explanation(inquiry, place, verdict, clock.millis());
  }

  private Explanation explanation(
      ExplainRequest inquiry, MatchedListener place, @Nullable AccessDecision verdict, long start) {
    List<String> listeners =
        inquiry.listener() == null ? List.copyOf(tables.keySet()) : List.of(place.listener());
    return new Explanation(inquiry, place, listeners, verdict, config, start, clock.millis());
  }

  private Http2Headers head(ExplainRequest inquiry, MatchedListener place) {
    Http2Headers head = new DefaultHttp2Headers(false);
    head.method(place.method()).path(inquiry.target()).scheme("https");
    String contentType = contentType(inquiry, place.method());
    if (contentType != null) {
      head.set(HttpHeaderNames.CONTENT_TYPE, contentType);
    }
    if (inquiry.tenant() != null) {
      head.set(tenantHeader, inquiry.tenant());
    }
    inquiry.authorizations().forEach(a -> head.add(HttpHeaderNames.AUTHORIZATION, a.reveal()));
    return head;
  }
}
