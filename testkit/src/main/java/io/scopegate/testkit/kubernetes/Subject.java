package io.scopegate.testkit.kubernetes;

import io.vertx.core.json.JsonObject;

/**
 * Whom a binding names.
 *
 * @param kind {@code User}, {@code Group} or {@code ServiceAccount}
 * @param namespace that of a service account, else empty
 * @param name its name
 */
public record Subject(String kind, String namespace, String name) {

  /** A user. */
  public static Subject user(String name) {
    return new Subject("User", "", name);
  }

  /** A group. */
  public static Subject group(String name) {
    return new Subject("Group", "", name);
  }

  /** A service account. */
  public static Subject serviceAccount(String namespace, String name) {
    return new Subject("ServiceAccount", namespace, name);
  }

  JsonObject toJson() {
    JsonObject json = new JsonObject().put("kind", kind).put("name", name);
    return kind.equals("ServiceAccount")
        ? json.put("namespace", namespace)
        : json.put("apiGroup", "rbac.authorization.k8s.io");
  }
}
