package io.scopegate.testkit.kubernetes;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Issues service accounts' tokens and says whose a token is. */
final class Tokens {
  private static final String EXTRA = "authentication.kubernetes.io/";

  private final TokenIssuer issuer;
  private final Map<String, Identity> opaque = new ConcurrentHashMap<>();

  Tokens(TokenIssuer issuer) {
    this.issuer = issuer;
  }

  void addStatic(String token, Identity identity) {
    opaque.put(token, identity);
  }

  void removeStatic(String token) {
    opaque.remove(token);
  }

  String issue(ServiceAccount account, TokenSpec spec, View view) {
    JsonObject kubernetes =
        new JsonObject()
            .put("namespace", account.namespace())
            .put(
                "serviceaccount",
                new JsonObject().put("name", account.name()).put("uid", account.uid()));
    if (!spec.pod().isEmpty()) {
      JsonObject pod = view.find(Resource.PODS, account.namespace(), spec.pod());
      if (pod == null) {
        throw ApiException.notFound(Resource.PODS, spec.pod());
      }
      kubernetes.put("pod", new JsonObject().put("name", spec.pod()).put("uid", uid(pod)));
    }
    List<String> audiences =
        spec.audiences().isEmpty() ? List.of(issuer.issuer()) : spec.audiences();
    return issuer.sign(
        new JsonObject()
            .put("aud", new JsonArray(audiences))
            .put("exp", spec.issuedAt().plus(spec.lifetime()).getEpochSecond())
            .put("iat", spec.issuedAt().getEpochSecond())
            .put("nbf", spec.issuedAt().getEpochSecond())
            .put("jti", UUID.randomUUID().toString())
            .put("sub", account.username())
            .put("kubernetes.io", kubernetes));
  }

  /** Whose token it is, for one of these audiences. */
  Review review(String token, List<String> audiences, View view) {
    List<String> wanted = audiences.isEmpty() ? List.of(issuer.issuer()) : audiences;
    Identity known = opaque.get(token);
    if (known != null) {
      return audiences.isEmpty() || audiences.contains(issuer.issuer())
          ? new Review(known, List.of(issuer.issuer()), "")
          : Review.rejected("token audiences are invalid for the target audiences");
    }
    return issuer
        .claims(token)
        .map(claims -> review(claims, wanted, view))
        .orElseGet(() -> Review.rejected("invalid bearer token"));
  }

  private Review review(JsonObject claims, List<String> wanted, View view) {
    long now = Instant.now().getEpochSecond();
    if (now >= claims.getLong("exp")) {
      return Review.rejected("service account token has expired");
    }
    if (now < claims.getLong("nbf")) {
      return Review.rejected("service account token is not valid yet");
    }
    List<String> matching =
        claims.getJsonArray("aud").stream().map(String::valueOf).filter(wanted::contains).toList();
    if (matching.isEmpty()) {
      return Review.rejected("token audiences are invalid for the target audiences");
    }
    JsonObject kubernetes = claims.getJsonObject("kubernetes.io");
    String namespace = kubernetes.getString("namespace");
    JsonObject account = kubernetes.getJsonObject("serviceaccount");
    if (!exists(view, Resource.SERVICE_ACCOUNTS, namespace, account)) {
      return Review.rejected("service account token has been invalidated");
    }
    JsonObject pod = kubernetes.getJsonObject("pod");
    if (pod != null && !exists(view, Resource.PODS, namespace, pod)) {
      return Review.rejected("service account token has been invalidated");
    }
    return new Review(identity(claims, namespace, account, pod), matching, "");
  }

  private static Identity identity(
      JsonObject claims, String namespace, JsonObject account, @Nullable JsonObject pod) {
    Map<String, List<String>> extra = new HashMap<>();
    extra.put(EXTRA + "credential-id", List.of("JTI=" + claims.getString("jti")));
    if (pod != null) {
      extra.put(EXTRA + "pod-name", List.of(pod.getString("name")));
      extra.put(EXTRA + "pod-uid", List.of(pod.getString("uid")));
    }
    return Identity.authenticated(
        claims.getString("sub"),
        account.getString("uid"),
        List.of("system:serviceaccounts", "system:serviceaccounts:" + namespace),
        extra);
  }

  private static boolean exists(
      View view, Resource resource, String namespace, JsonObject reference) {
    JsonObject found = view.find(resource, namespace, reference.getString("name"));
    return found != null && uid(found).equals(reference.getString("uid"));
  }

  private static String uid(JsonObject object) {
    return object.getJsonObject("metadata").getString("uid");
  }

  /**
   * The outcome.
   *
   * @param identity whose it is, or null
   * @param audiences those of the wanted that the token is for
   * @param error why it is nobody's
   */
  record Review(@Nullable Identity identity, List<String> audiences, String error) {
    static Review rejected(String error) {
      return new Review(null, List.of(), error);
    }
  }
}
