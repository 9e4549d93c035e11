package io.scopegate.testkit.kubernetes;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Answers TokenReview, SubjectAccessReview, SelfSubjectAccessReview and TokenRequest. */
final class Reviews {
  private static final long MIN_LIFETIME_SECONDS = 600;

  private final Tokens tokens;
  private final Supplier<View> view;

  Reviews(Tokens tokens, Supplier<View> view) {
    this.tokens = tokens;
    this.view = view;
  }

  JsonObject token(JsonObject review) {
    JsonObject spec = spec(review);
    List<String> audiences = strings(spec, "audiences");
    Tokens.Review outcome = tokens.review(spec.getString("token", ""), audiences, view.get());
    JsonObject status = new JsonObject();
    Identity identity = outcome.identity();
    if (identity == null) {
      status.put("user", new JsonObject()).put("error", "[" + outcome.error() + "]");
    } else {
      status
          .put("authenticated", true)
          .put("user", user(identity))
          .put("audiences", new JsonArray(outcome.audiences()));
    }
    return answer("authentication.k8s.io/v1", "TokenReview", spec, status);
  }

  JsonObject access(JsonObject review) {
    JsonObject spec = spec(review);
    List<String> groups = strings(spec, "groups");
    String user = spec.getString("user", "");
    if (user.isEmpty() && groups.isEmpty()) {
      throw ApiException.invalid("spec.user: Invalid value: \"\": at least one of user or group");
    }
    Map<String, List<String>> extra = new HashMap<>();
    spec.getJsonObject("extra", new JsonObject())
        .forEach(entry -> extra.put(entry.getKey(), List.of(String.valueOf(entry.getValue()))));
    Identity who = new Identity(user, spec.getString("uid", ""), groups, extra);
    return answer(
        "authorization.k8s.io/v1", "SubjectAccessReview", spec, decide(who, question(spec)));
  }

  JsonObject selfAccess(JsonObject review, Identity caller) {
    JsonObject spec = spec(review);
    return answer(
        "authorization.k8s.io/v1", "SelfSubjectAccessReview", spec, decide(caller, question(spec)));
  }

  JsonObject request(RequestPath path, JsonObject request) {
    JsonObject spec = spec(request);
    JsonObject account = view.get().find(Resource.SERVICE_ACCOUNTS, path.namespace(), path.name());
    if (account == null) {
      throw ApiException.notFound(Resource.SERVICE_ACCOUNTS, path.name());
    }
    long seconds = spec.getLong("expirationSeconds", 3600L);
    if (seconds < MIN_LIFETIME_SECONDS) {
      throw ApiException.invalid(
          "spec.expirationSeconds: Invalid value: %d: may not specify a duration less than 10 minutes"
              .formatted(seconds));
    }
    JsonObject bound = spec.getJsonObject("boundObjectRef", new JsonObject());
    TokenSpec wanted =
        new TokenSpec(
            strings(spec, "audiences"),
            Instant.now(),
            Duration.ofSeconds(seconds),
            "Pod".equals(bound.getString("kind")) ? bound.getString("name", "") : "");
    String uid = account.getJsonObject("metadata").getString("uid");
    ServiceAccount whose = new ServiceAccount(path.namespace(), path.name(), uid);
    Instant end = wanted.issuedAt().plus(wanted.lifetime()).truncatedTo(ChronoUnit.SECONDS);
    JsonObject status =
        new JsonObject()
            .put("token", tokens.issue(whose, wanted, view.get()))
            .put("expirationTimestamp", end.toString());
    return answer("authentication.k8s.io/v1", "TokenRequest", spec, status);
  }

  private JsonObject decide(Identity who, AccessQuestion what) {
    Rbac.Decision decision = Rbac.decide(view.get(), who, what);
    JsonObject status = new JsonObject().put("allowed", decision.allowed());
    if (!decision.reason().isEmpty()) {
      status.put("reason", decision.reason());
    }
    // A role that is missing is a reason; an evaluationError is for an authoriser that failed.
    return decision.problem().isEmpty()
        ? status
        : status.put("reason", "RBAC: " + decision.problem());
  }

  private static AccessQuestion question(JsonObject spec) {
    JsonObject resource = spec.getJsonObject("resourceAttributes");
    JsonObject path = spec.getJsonObject("nonResourceAttributes");
    if ((resource == null) == (path == null)) {
      throw ApiException.invalid(
          "spec: Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be"
              + " specified");
    }
    return path == null
        ? AccessQuestion.ofResource(resource)
        : AccessQuestion.ofPath(path.getString("verb", ""), path.getString("path", "/"));
  }

  private static JsonObject user(Identity identity) {
    JsonObject user =
        new JsonObject()
            .put("username", identity.name())
            .put("groups", new JsonArray(identity.groups()));
    if (!identity.uid().isEmpty()) {
      user.put("uid", identity.uid());
    }
    if (!identity.extra().isEmpty()) {
      JsonObject extra = new JsonObject();
      identity.extra().forEach((key, values) -> extra.put(key, new JsonArray(values)));
      user.put("extra", extra);
    }
    return user;
  }

  private static JsonObject spec(JsonObject review) {
    JsonObject spec = review.getJsonObject("spec");
    if (spec == null) {
      throw ApiException.invalid("spec: Required value");
    }
    return spec;
  }

  private static List<String> strings(JsonObject json, String key) {
    return json.getJsonArray(key, new JsonArray()).stream().map(String::valueOf).toList();
  }

  private static JsonObject answer(
      String version, String kind, JsonObject spec, JsonObject status) {
    return new JsonObject()
        .put("kind", kind)
        .put("apiVersion", version)
        .put("metadata", new JsonObject())
        .put("spec", spec)
        .put("status", status);
  }
}
