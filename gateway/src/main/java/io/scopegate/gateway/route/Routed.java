package io.scopegate.gateway.route;

import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.meter.BodyFormat;
import org.jspecify.annotations.Nullable;

/**
 * Where a request goes: either an endpoint with its route, or a refusal.
 *
 * @param dialect how to answer this client
 * @param endpoint the row that matched; null when refused
 * @param route the index of the listener's route that serves the endpoint; -1 when refused, and for
 *     what the gateway itself answers
 * @param refusal why not; null when matched
 * @param body what the request's body holds, as its content type says
 * @param rewrite what becomes of the path, where it is not Tempo's own; else null
 */
public record Routed(
    Dialect dialect,
    @Nullable Endpoint endpoint,
    int route,
    @Nullable Refusal refusal,
    BodyFormat body,
    @Nullable PathRewrite rewrite) {

  /** To an endpoint, by Tempo's own path. */
  Routed(Dialect dialect, Endpoint endpoint, int route, BodyFormat body) {
    this(dialect, endpoint, route, null, body, null);
  }

  /** A refused request. */
  static Routed refused(Dialect dialect, Refusal refusal) {
    return new Routed(dialect, null, -1, refusal, BodyFormat.OTHER, null);
  }

  /** This endpoint, by a path that is rewritten. */
  Routed by(PathRewrite path) {
    return new Routed(dialect, endpoint, route, refusal, body, path);
  }

  /**
   * The endpoint of what is served.
   *
   * @throws IllegalStateException when it is refused
   */
  public Endpoint served() {
    if (endpoint == null) {
      throw new IllegalStateException("endpoint: null (expected: a request that is served)");
    }
    return endpoint;
  }

  /** Whether the gateway itself answers, as it does to health checks. */
  public boolean isAnsweredHere() {
    return endpoint != null && route < 0;
  }
}
