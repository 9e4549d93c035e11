package io.scopegate.authz;

/**
 * Whether an answer still stands before its time is over: whoever keeps the answer shares this, and
 * whoever learns that it may have changed ends it. A stream in flight looks at its leases now and
 * then; ending one costs nothing to those who do not hold it.
 */
public final class Lease {
  private volatile boolean ended;

  /** Whether the answer must be asked for anew. */
  public boolean ended() {
    return ended;
  }

  /** From now on the answer must be asked for anew. */
  public void end() {
    ended = true;
  }
}
