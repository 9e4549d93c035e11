package io.scopegate.gateway.explain;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.scopegate.authz.Authorization;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.DecisionBasis;
import io.scopegate.gateway.access.Enforcement;
import io.scopegate.gateway.answer.Answers;
import io.scopegate.gateway.answer.Cors;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Reply;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.limit.TenantLimits;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.request.RequestPlan;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.Routed;
import io.scopegate.gateway.telemetry.RequestIds;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What would happen to a request, and why.
 *
 * @param inquiry the request
 * @param place where it arrives
 * @param listeners the listeners that were looked at
 * @param verdict what was decided; null when nobody had to decide
 * @param otherMapping the mapping by which the right would be there; empty when there is none
 * @param config what else is shown
 * @param startMillis when the question was put, in milliseconds since the epoch: what was answered
 *     before comes from a cache
 * @param nowMillis when it was answered
 */
public record Explanation(
    ExplainRequest inquiry,
    MatchedListener place,
    List<String> listeners,
    @Nullable AccessDecision verdict,
    String otherMapping,
    ExplainConfig config,
    long startMillis,
    long nowMillis) {

  /** Copies the list. */
  public Explanation {
    listeners = List.copyOf(listeners);
  }

  /** The endpoint; null when none serves it. */
  @Nullable Endpoint endpoint() {
    return place.endpoint();
  }

  /** Why the request would be refused; null when it would go on. */
  public @Nullable Refusal refusal() {
    return verdict == null ? place.refusal() : verdict.refusal();
  }

  /** Why it would be refused if refusals were more than logged; null mostly. */
  @Nullable Refusal waived() {
    return verdict == null ? null : verdict.waived();
  }

  /** What the verdict rests on; null when nobody was asked who it is. */
  @Nullable DecisionBasis grounds() {
    return verdict == null ? null : verdict.grounds();
  }

  /** The gateway's answer to the client; null when Tempo would answer. */
  @Nullable Reply reply() {
    String id = RequestIds.of(null).toString();
    Cors.Pages pages = place.pages();
    if (isQuestion() && pages != null) {
      return pages.reply(id);
    }
    Refusal refusal = refusal();
    Endpoint endpoint = endpoint();
    return refusal == null
        ? null
        : Answers.reply(refusal, place.dialect(), endpoint != null && endpoint.ingest(), id);
  }

  /** Whether it is a browser's preflight request, which is always allowed. */
  boolean isQuestion() {
    return place.next() == RequestPlan.Next.ANSWER_QUESTION;
  }

  /** The seconds that a reply tells to wait; empty for one that does not. */
  static String retryAfter(Reply reply) {
    CharSequence seconds = reply.head().get(HttpHeaderNames.RETRY_AFTER);
    return seconds == null ? "" : seconds.toString();
  }

  /**
   * How it ends: 0 when the request would go on, 1 when it is refused, 3 when nobody could decide.
   */
  public int exitCode() {
    Refusal refusal = refusal();
    if (refusal == null || isQuestion()) {
      return 0;
    }
    return refusal.reason() == Refusal.Reason.UNDECIDED ? 3 : 1;
  }

  /** Whether only rules of the configuration grant anything, because Kubernetes is never asked. */
  boolean isWithoutKubernetes() {
    DecisionBasis grounds = grounds();
    return grounds != null
        && grounds.answers().stream()
            .anyMatch(answer ->
                answer.decision() == Authorization.Decision.DENY
                    && answer.ground().source() == Authorization.Ground.Source.STATIC_RULE);
  }

  /** Whether a request over a limit would be forwarded all the same. */
  boolean onlyLogsLimits() {
    return config.enforceLimits() == Enforcement.AUDIT;
  }

  /** The limits of a tenant, those of all tenants merged in. */
  TenantLimits limits(String tenant) {
    return config.limits().apply(tenant);
  }

  /** The name of the upstream that the endpoint's requests go to. */
  String upstream() {
    Routed routed = Objects.requireNonNull(place.routed(), "routed");
    ListenerConfig listener = Objects.requireNonNull(config.listeners().get(place.listener()));
    return listener.effectiveRoutes().get(routed.route()).upstream();
  }

  /** That upstream. */
  UpstreamConfig upstreamConfig() {
    return Objects.requireNonNull(config.upstreams().get(upstream()));
  }
}
