package io.scopegate.testkit.kubernetes;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Who somebody is, as TokenReview and RBAC see it.
 *
 * @param name the user's name
 * @param uid the user's UID, or empty
 * @param groups the groups, {@code system:authenticated} among them
 * @param extra what else the authenticator knows
 */
public record Identity(
    String name, String uid, List<String> groups, Map<String, List<String>> extra) {
  static final Identity ANONYMOUS =
      new Identity("system:anonymous", "", List.of("system:unauthenticated"), Map.of());

  /** Copies the collections. */
  public Identity {
    groups = List.copyOf(groups);
    extra = Map.copyOf(extra);
  }

  /** A user who has proved it: {@code system:authenticated} is added. */
  public static Identity authenticated(String name, List<String> groups) {
    return authenticated(name, "", groups, Map.of());
  }

  static Identity authenticated(
      String name, String uid, List<String> groups, Map<String, List<String>> extra) {
    List<String> all = new ArrayList<>(groups);
    if (!all.contains("system:authenticated")) {
      all.add("system:authenticated");
    }
    return new Identity(name, uid, all, extra);
  }
}
