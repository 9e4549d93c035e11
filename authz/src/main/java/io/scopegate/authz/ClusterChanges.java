package io.scopegate.authz;

/**
 * Hears of changes in the cluster that may end answers before their time. Called on any thread, one
 * call at a time; must not block.
 */
public interface ClusterChanges {
  /** What somebody may do has perhaps changed. */
  void rightsChanged(RightsChange change);

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
