package io.scopegate.authz.decision;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Where an answer has to be delivered: the caller's Vert.x context, else its event loop, else any
 * thread. The data path runs on Netty's loops without a Vert.x context, so both are looked for.
 */
final class CallerLoop {
  private CallerLoop() {}

  /** An executor that runs tasks on the calling thread's context or loop. */
  static Executor current() {
    Context context = Vertx.currentContext();
    if (context != null) {
      return task -> context.runOnContext(ignored -> task.run());
    }
    EventExecutor loop = ThreadExecutorMap.currentExecutor();
    return loop == null ? Runnable::run : task -> onLoop(loop, task);
  }

  private static void onLoop(EventExecutor loop, Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
      return;
    }
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      // The loop has shut down, and with it the waiting caller.
      return;
    }
  }
}
