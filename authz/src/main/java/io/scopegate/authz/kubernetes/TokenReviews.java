package io.scopegate.authz.kubernetes;

import io.scopegate.authz.User;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads the <a
 * href="https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/">TokenReview</a>.
 */
public final class TokenReviews {
  static final String PATH = "/apis/authentication.k8s.io/v1/tokenreviews";

  /** Differs between two tokens of one account, so it must not tell them apart as users. */
  private static final Set<String> CREDENTIAL_IDS =
      Set.of("authentication.kubernetes.io/credential-id");

  private TokenReviews() {}

  /** The question about a token; audiences are left out when none are asked for. */
  public static JsonObject request(String token, @Nullable List<String> audiences) {
    JsonObject spec = new JsonObject().put("token", token);
    if (audiences != null && !audiences.isEmpty()) {
      spec.put("audiences", new JsonArray(new ArrayList<>(audiences)));
    }
    return new JsonObject()
        .put("apiVersion", "authentication.k8s.io/v1")
        .put("kind", "TokenReview")
        .put("spec", spec);
  }

  /**
   * Reads the answer.
   *
   * @throws ClassCastException when a field has the wrong type
   * @throws IllegalArgumentException when an accepted token has no user
   */
  public static Finding read(JsonObject status, List<String> asked) {
    if (!status.getBoolean("authenticated", false)) {
      String error = status.getString("error", "");
      return new Finding(
          null, reason(error), Rejections.isPlain(error), Rejections.isLasting(error));
    }
    // A server that does not know audiences accepts any: then the token is not meant for us.
    if (!asked.isEmpty() && strings(status, "audiences").stream().noneMatch(asked::contains)) {
      return new Finding(
          null, "the token is not meant for any of the expected audiences", true, true);
    }
    return new Finding(user(status.getJsonObject("user", new JsonObject())), "", false, false);
  }

  private static User user(JsonObject user) {
    String name = user.getString("username", "");
    if (name.isEmpty()) {
      throw new IllegalArgumentException("status.user.username: empty (expected: a name)");
    }
    return new User(name, user.getString("uid", ""), strings(user, "groups"), extra(user));
  }

  private static Map<String, List<String>> extra(JsonObject user) {
    JsonObject given = user.getJsonObject("extra", new JsonObject());
    Map<String, List<String>> extra = new LinkedHashMap<>();
    for (String key : given.fieldNames()) {
      if (!CREDENTIAL_IDS.contains(key)) {
        extra.put(key, strings(given, key));
      }
    }
    return extra;
  }

  private static List<String> strings(JsonObject owner, String key) {
    JsonArray array = owner.getJsonArray(key);
    if (array == null) {
      return List.of();
    }
    List<String> strings = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      strings.add(Objects.requireNonNullElse(array.getString(i), ""));
    }
    return strings;
  }

  /** In our own words: the server's might quote the token. */
  private static String reason(String error) {
    String lower = error.toLowerCase(Locale.ROOT);
    if (lower.contains("expired")) {
      return "Kubernetes rejected the token: it has expired";
    }
    if (lower.contains("audience")) {
      return "Kubernetes rejected the token: it is meant for another audience";
    }
    return "Kubernetes rejected the token";
  }

  /**
   * What a review found.
   *
   * @param user whose token it is; null when it was rejected
   * @param reason why it was rejected; empty otherwise
   * @param plain whether it was rejected for what it is, and not because somebody could not tell
   * @param lasting whether it was rejected for what nothing but its own contents can tell
   */
  public record Finding(@Nullable User user, String reason, boolean plain, boolean lasting) {}
}
