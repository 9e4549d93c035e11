package io.scopegate.testkit.kubernetes;

/**
 * A service account.
 *
 * @param namespace its namespace
 * @param name its name
 * @param uid what tells it from an earlier one of the same name
 */
public record ServiceAccount(String namespace, String name, String uid) {

  /** {@code system:serviceaccount:namespace:name}. */
  public String username() {
    return "system:serviceaccount:" + namespace + ":" + name;
  }

  /** Itself, to be granted something. */
  public Subject subject() {
    return Subject.serviceAccount(namespace, name);
  }
}
