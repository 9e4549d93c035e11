package io.scopegate.authz;

import java.util.List;
import java.util.Map;

/**
 * Who somebody is, in the words of a <a
 * href="https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/">TokenReview</a>.
 *
 * @param name the user name, {@code system:serviceaccount:NAMESPACE:NAME} for a service account
 * @param uid the unique id of the account, empty when unknown
 * @param groups the groups the user belongs to, in the order they were given
 * @param extra further attributes; credential ids are already left out, so that two tokens of one
 *     account are one user
 */
public record User(String name, String uid, List<String> groups, Map<String, List<String>> extra) {

  /** Copies the collections. */
  public User {
    groups = List.copyOf(groups);
    extra = Map.copyOf(extra);
  }
}
