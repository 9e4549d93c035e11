package io.scopegate.authz.decision;

import io.scopegate.authz.kubernetes.Reviewer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Limits the wait for a renewal when the old answer may still be used: if the API server hangs, no
 * request should wait for the whole deadline. The renewal goes on meanwhile, and its answer counts
 * as soon as it is there.
 */
final class StaleAfterDelay {
  /** A healthy API server answers in a fraction of this. */
  static final long MILLIS = 500;

  private StaleAfterDelay() {}

  /**
   * Waits for a renewal, but not long.
   *
   * @param renewal completes on the caller's loop
   * @param stale the old answer if it may serve, else null; called when the delay is over
   * @return completes on the caller's loop
   */
  static <A> Future<A> with(Reviewer reviewer, Future<A> renewal, Supplier<@Nullable A> stale) {
    if (renewal.isComplete()) {
      return renewal;
    }
    Promise<A> first = Promise.promise();
    renewal.onSuccess(first::tryComplete).onFailure(first::tryFail);
    Executor home = CallerLoop.current();
    reviewer.later(MILLIS, () -> home.execute(() -> end(first, stale)));
    return first.future();
  }

  private static <A> void end(Promise<A> first, Supplier<@Nullable A> stale) {
    if (!first.future().isComplete()) {
      A old = stale.get();
      if (old != null) {
        first.tryComplete(old);
      }
    }
  }
}
