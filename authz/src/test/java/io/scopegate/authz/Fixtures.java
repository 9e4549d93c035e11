package io.scopegate.authz;

import io.scopegate.authz.KubernetesConfig.ForeignTokens;
import io.scopegate.authz.KubernetesConfig.Mode;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** What several tests need. */
public final class Fixtures {
  public static final User INGEST =
      new User(
          "system:serviceaccount:payments:ingest",
          "4711",
          List.of("system:serviceaccounts", "system:authenticated"),
          Map.of());
  public static final ResourceAttributes WRITE_PAYMENTS =
      new ResourceAttributes("create", "tempo.grafana.com", "", "payments", "", "traces", "");

  private Fixtures() {}

  public static ReviewsConfig reviews(Duration timeout) {
    return new ReviewsConfig(100_000, 100_000, 64, 2000, 32, 20, timeout);
  }

  public static KubernetesConfig kubernetes(List<String> audiences, Duration timeout) {
    TokenCacheConfig cache =
        new TokenCacheConfig(
            Duration.ofMinutes(2), Duration.ofSeconds(10), Duration.ofMinutes(5), 1000);
    return new KubernetesConfig(
        Mode.REVIEW, null, audiences, true, ForeignTokens.ASK, false, cache, reviews(timeout));
  }

  public static DecisionCacheConfig decisions() {
    return new DecisionCacheConfig(
        Duration.ofMinutes(5), Duration.ofSeconds(30), Duration.ofMinutes(5), 1000);
  }

  public static JsonObject accepted(String name) {
    return new JsonObject()
        .put("authenticated", true)
        .put("user", new JsonObject().put("username", name).put("groups", new JsonArray()));
  }

  public static JsonObject rejected(String error) {
    return new JsonObject().put("user", new JsonObject()).put("error", error);
  }

  public static JsonObject allowed(boolean allowed) {
    return new JsonObject().put("allowed", allowed).put("reason", "because");
  }

  /** A token with this payload; its signature means nothing. */
  public static String jwt(String payload) {
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    return base64.encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8))
        + "."
        + base64.encodeToString(payload.getBytes(StandardCharsets.UTF_8))
        + ".c2lnbmF0dXJl";
  }
}
