package io.scopegate.authz;

import java.util.Set;

/**
 * Hears of changes in the cluster that may end answers before their time. Called on any thread, one
 * call at a time; must not block.
 */
public interface ClusterChanges {
  /**
   * What these users, and the members of these groups, may do has perhaps changed.
   *
   * @param users user names, {@code system:serviceaccount:NAMESPACE:NAME} for service accounts
   * @param groups group names
   */
  void rightsChanged(Set<String> users, Set<String> groups);

  /**
   * An object that tokens are bound to is gone: a service account, a Pod or a Secret. Its tokens
   * are never good again.
   *
   * @param uid its {@code metadata.uid}, which never comes back
   */
  void gone(String uid);

  /** From now on every change of rights is told; decisions from before may have missed one. */
  void rightsFollowed();

  /**
   * From now on everything of a kind that is gone is told; answers about tokens from before may
   * have missed something.
   */
  void accountsFollowed();
}
