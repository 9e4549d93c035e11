package io.scopegate.gateway.explain;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.config.Printable;
import io.scopegate.gateway.access.Access;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.AuditOnlyAccess;
import io.scopegate.gateway.access.ConnectionDecisionCache;
import io.scopegate.gateway.access.DecisionBasis;
import io.scopegate.gateway.answer.Cors;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.request.RequestPlan;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.EndpointTable;
import io.scopegate.gateway.tls.TlsConfig;
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
 * Evaluates a request as the data path does, with the same {@link RequestPlan} and the same {@link
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
   * @throws IllegalArgumentException when there is no such listener, when several serve it, or when
   *     it takes no clear text and the request comes so
   */
  public MatchedListener place(ExplainRequest inquiry) {
    String wanted = inquiry.listener();
    if (wanted != null && !tables.containsKey(wanted)) {
      throw new IllegalArgumentException(
          "listener: " + Printable.escaped(wanted) + " (expected: one of " + tables.keySet() + ")");
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
        .map(table -> read(table.getKey(), table.getValue(), inquiry, method))
        .toList();
  }

  private MatchedListener read(
      String name, EndpointTable table, ExplainRequest inquiry, String method) {
    ListenerConfig listener = Objects.requireNonNull(config.listeners().get(name), name);
    boolean tls = isTls(name, listener.tls().mode(), inquiry);
    String contentType = contentType(table, inquiry, method);
    Http2Headers head = head(inquiry, method, contentType, tls);
    RequestPlan plan =
        new RequestPlan(
            table, Cors.of(listener.cors(), tenantHeader), listener.tls().clearTextTokens());
    RequestPlan.Next next = plan.read(head, inquiry.http2(), tls);
    return new MatchedListener(
        name,
        method,
        contentType,
        tls,
        next,
        next == RequestPlan.Next.ANSWER_QUESTION ? null : plan.routed(),
        next == RequestPlan.Next.REFUSE ? plan.refusal() : null,
        plan.pages(),
        head);
  }

  private static boolean isTls(String name, TlsConfig.Mode mode, ExplainRequest inquiry) {
    boolean clearText = inquiry.connection().clearText();
    if (clearText && mode == TlsConfig.Mode.REQUIRED && name.equals(inquiry.listener())) {
      throw new IllegalArgumentException(
          "clear text: listener " + name + " takes TLS only (expected: without it)");
    }
    return mode == TlsConfig.Mode.REQUIRED || mode != TlsConfig.Mode.DISABLED && !clearText;
  }

  /** The listener whose refusal says most: one that knows the path comes first. */
  private static MatchedListener mostTelling(List<MatchedListener> all) {
    return all.stream()
        .filter(place -> place.refusal() != null && place.refusal().reason() != Reason.NOT_FOUND)
        .findFirst()
        .orElse(all.get(0));
  }

  /** The one that is given, or else what such requests usually have. */
  private static @Nullable String contentType(
      EndpointTable table, ExplainRequest inquiry, String method) {
    String given = inquiry.headers().contentType();
    if (given != null) {
      return given.isEmpty() ? null : given;
    }
    return inquiry.grpc()
        ? "application/grpc"
        : table.usualContentType(method, inquiry.targetAsRead());
  }

  /**
   * Decides about the request.
   *
   * @param place where it arrives
   * @param access decides by the same configuration
   * @return completes when all reviews have been answered; never fails
   */
  public Future<Explanation> explain(ExplainRequest inquiry, MatchedListener place, Access access) {
    ListenerConfig listener =
        Objects.requireNonNull(config.listeners().get(place.listener()), "listener");
    return decide(
        inquiry,
        place,
        listener.isAuditOnly(config.authorization().enforce())
            ? new AuditOnlyAccess(access, config.authorization(), config.tenancy())
            : access);
  }

  private Future<Explanation> decide(ExplainRequest inquiry, MatchedListener place, Access access) {
    long start = clock.millis();
    Endpoint endpoint = place.endpoint();
    if (endpoint == null || !place.isUndecided()) {
      boolean readable = place.next() == RequestPlan.Next.REFUSE_TOKEN;
      AccessDecision known = readable ? AccessDecision.TOKEN_IN_CLEAR_TEXT : null;
      return Future.succeededFuture(explanation(inquiry, place, known, start));
    }
    Http2Headers head = place.head();
    ConnectionDecisionCache memo = new ConnectionDecisionCache();
    AccessDecision known = access.known(endpoint, head, memo);
    Future<AccessDecision> decided =
        known == null ? access.ask(endpoint, head, memo) : Future.succeededFuture(known);
    return decided.compose(verdict ->
        other(endpoint, verdict, access)
            .map(mapping -> explanation(inquiry, place, verdict, mapping, start)));
  }

  /** Only a denial may be one of the other mapping. */
  private static Future<String> other(Endpoint endpoint, AccessDecision verdict, Access access) {
    Refusal refusal = verdict.waived() == null ? verdict.refusal() : verdict.waived();
    DecisionBasis grounds = verdict.grounds();
    return refusal != null && refusal.reason() == Reason.FORBIDDEN && grounds != null
        ? access.otherMapping(endpoint, grounds)
        : Future.succeededFuture("");
  }

  /** The explanation when there was no time to decide. */
  public Explanation undecided(ExplainRequest inquiry, MatchedListener place, String why) {
    Refusal refusal = Refusal.retryable(Reason.UNDECIDED, why, 0);
    AccessDecision verdict = new AccessDecision(refusal, null, "", "", 0);
    return explanation(inquiry, place, verdict, clock.millis());
  }

  private Explanation explanation(
      ExplainRequest inquiry, MatchedListener place, @Nullable AccessDecision verdict, long start) {
    return explanation(inquiry, place, verdict, "", start);
  }

  private Explanation explanation(
      ExplainRequest inquiry,
      MatchedListener place,
      @Nullable AccessDecision verdict,
      String otherMapping,
      long start) {
    List<String> listeners =
        inquiry.listener() == null ? List.copyOf(tables.keySet()) : List.of(place.listener());
    return new Explanation(
        inquiry, place, listeners, verdict, otherMapping, config, start, clock.millis());
  }

  private Http2Headers head(
      ExplainRequest inquiry, String method, @Nullable String contentType, boolean tls) {
    ExplainRequest.Headers headers = inquiry.headers();
    Http2Headers head = new DefaultHttp2Headers(false);
    head.method(method).path(inquiry.targetAsRead()).scheme(tls ? "https" : "http");
    for (int i = 0; i < headers.hosts().size(); i++) {
      if (i == 0 && inquiry.http2()) {
        head.authority(headers.hosts().get(i));
      } else {
        head.add(HttpHeaderNames.HOST, headers.hosts().get(i));
      }
    }
    if (contentType != null) {
      head.set(HttpHeaderNames.CONTENT_TYPE, contentType);
    }
    if (headers.tenant() != null) {
      head.set(tenantHeader, headers.tenant());
    }
    if (headers.origin() != null) {
      head.set(HttpHeaderNames.ORIGIN, headers.origin());
      if (method.equals("OPTIONS")) { // as browsers ask beforehand, and nobody else does
        head.set(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD, "POST");
      }
    }
    if (inquiry.as() != null) {
      head.add(HttpHeaderNames.AUTHORIZATION, "Bearer whose-it-is-was-said");
    }
    headers.authorizations().forEach(a -> head.add(HttpHeaderNames.AUTHORIZATION, a.reveal()));
    return head;
  }
}
