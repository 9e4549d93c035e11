package io.scopegate.authz.kubernetes;

import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.User;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;

/**
 * Writes and reads the <a
 * href="https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/">SubjectAccessReview</a>.
 */
public final class SubjectAccessReviews {
  static final String PATH = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

  private SubjectAccessReviews() {}

  /** The question, as it is sent; empty fields are left out. */
  public static JsonObject request(User user, ResourceAttributes attributes) {
    JsonObject spec = new JsonObject().put("user", user.name());
    put(spec, "uid", user.uid());
    if (!user.groups().isEmpty()) {
      spec.put("groups", new JsonArray(new ArrayList<>(user.groups())));
    }
    if (!user.extra().isEmpty()) {
      JsonObject extra = new JsonObject();
      user.extra().forEach((key, values) -> extra.put(key, new JsonArray(new ArrayList<>(values))));
      spec.put("extra", extra);
    }
    return review(
        attributes.isResource()
            ? spec.put("resourceAttributes", resource(attributes))
            : spec.put("nonResourceAttributes", path(attributes)));
  }

  private static JsonObject path(ResourceAttributes attributes) {
    return new JsonObject().put("path", attributes.path()).put("verb", attributes.verb());
  }

  /** A question whose answer does not matter. */
  static JsonObject probe() {
    JsonObject attributes = new JsonObject().put("verb", "get").put("resource", "probe");
    return review(
        new JsonObject().put("user", "scopegate-probe").put("resourceAttributes", attributes));
  }

  private static JsonObject review(JsonObject spec) {
    return new JsonObject()
        .put("apiVersion", "authorization.k8s.io/v1")
        .put("kind", "SubjectAccessReview")
        .put("spec", spec);
  }

  private static JsonObject resource(ResourceAttributes attributes) {
    JsonObject resource = new JsonObject();
    put(resource, "namespace", attributes.namespace());
    put(resource, "verb", attributes.verb());
    put(resource, "group", attributes.apiGroup());
    put(resource, "version", attributes.apiVersion());
    put(resource, "resource", attributes.resource());
    put(resource, "subresource", attributes.subresource());
    put(resource, "name", attributes.name());
    return resource;
  }

  private static void put(JsonObject target, String key, String value) {
    if (!value.isEmpty()) {
      target.put(key, value);
    }
  }

  /**
   * Reads the answer: yes only when it is said without any doubt. A no with an {@code
   * evaluationError} is none: one of the API server's authorisers failed, a webhook for example,
   * and could have allowed it. Only {@code denied} is final then.
   *
   * @throws ClassCastException when a field has the wrong type
   * @throws IllegalArgumentException when {@code allowed} is missing
   */
  public static Finding read(JsonObject status) {
    Boolean allowed = status.getBoolean("allowed");
    if (allowed == null) {
      throw new IllegalArgumentException("status.allowed: missing (expected: true or false)");
    }
    boolean denied = status.getBoolean("denied", false);
    boolean failed = !status.getString("evaluationError", "").isEmpty();
    return new Finding(
        allowed && !denied, !allowed && !denied && failed, status.getString("reason", ""));
  }

  /**
   * What a review found.
   *
   * @param allowed whether the user may
   * @param undecided whether the API server could not tell; never together with allowed
   * @param reason why, in the API server's words; may be empty
   */
  public record Finding(boolean allowed, boolean undecided, String reason) {}
}
