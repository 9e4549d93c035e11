package io.scopegate.authz.http;

import java.util.concurrent.CompletableFuture;

/**
 * Gives up calls on a thread of its own. The JDK's client completes futures while it holds locks of
 * its own, so a caller that cancelled with a lock held, while the client's thread waits for that
 * lock in a callback, would wait for ever, and the client with it.
 */
public final class Cancellation {
  private Cancellation() {}

  /**
   * Cancels soon, on another thread.
   *
   * @param cancel what gives the call up
   */
  public static void later(Runnable cancel) {
    CompletableFuture<Void> unused = CompletableFuture.runAsync(cancel);
  }
}
