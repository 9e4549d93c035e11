package io.scopegate.authz;

/**
 * Is notified of changes in the cluster that may invalidate cached answers. Called on any thread,
 * one call at a time; must not block.
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

  /** From now on every change of rights is reported; earlier decisions may have missed one. */
  void rightsFollowed();

  /**
   * From now on every deleted object of a kind is reported; earlier answers about tokens may have
   * missed one.
   */
  void accountsFollowed();
}
