package io.scopegate.gateway.route;

import io.scopegate.config.Key;
import java.util.List;

/**
 * Health checks that a listener answers itself, without a token.
 *
 * @param grpc whether {@code grpc.health.v1.Health/Check} is answered
 * @param paths of requests by HTTP that are answered
 */
public record HealthChecks(
    @Key(
            doc =
                "Answer `grpc.health.v1.Health/Check`, for load balancers and `grpc_health_probe`:"
                    + " SERVING or NOT_SERVING, as `/readyz` says, for any name of a service.",
            def = "false",
            reload = Key.Reload.AT_ONCE)
        boolean grpc,
    @Key(
            doc =
                "Paths for which `GET` and `HEAD` are answered 200 or 503, as `/readyz` says, such as"
                    + " `/` or `/healthz`; they are never forwarded.",
            def = "[]",
            reload = Key.Reload.AT_ONCE)
        List<String> paths) {
  /** None. */
  static final HealthChecks NONE = new HealthChecks(false, List.of());

  private static final String CHECK = "/grpc.health.v1.Health/Check";

  /** Copies the list. */
  public HealthChecks {
    paths = List.copyOf(paths);
  }

  /** Whether any are answered. */
  boolean isOn() {
    return grpc || !paths.isEmpty();
  }

  boolean isCall(CharSequence target) {
    return grpc && CHECK.contentEquals(target);
  }

  boolean isAsked(CharSequence method, CharSequence target) {
    if (paths.isEmpty() || !"GET".contentEquals(method) && !"HEAD".contentEquals(method)) {
      return false;
    }
    CharSequence path = EndpointTable.pathOf(target);
    for (String one : paths) {
      if (one.contentEquals(path)) {
        return true;
      }
    }
    return false;
  }
}
