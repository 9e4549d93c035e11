package io.scopegate.authz;

/**
 * Whether an answer is still valid before it expires. All holders of the answer share its lease,
 * and the lease is ended when the answer may have changed. Open streams check their leases from
 * time to time; ending a lease costs other holders nothing.
 */
public final class Lease {
  private volatile boolean ended;

  /** Whether the answer must be asked for again. */
  public boolean ended() {
    return ended;
  }

  /** Ends the lease: the answer must be asked for again. */
  public void end() {
    ended = true;
  }
}
