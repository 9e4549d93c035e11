package io.scopegate.gateway;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.exchange.LoopContext;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.ToIntFunction;

/** The event loops of the data path, each with what its connections share. */
final class Workers {
  private final Map<EventLoop, LoopContext> contexts = new HashMap<>();

  /**
   * One for each event loop of a group.
   *
   * @param lag takes how late each loop was, in nanoseconds
   */
  Workers(EventLoopGroup loops, Budget budget, LongConsumer lag) {
    loops.forEach(executor -> {
      EventLoop loop = (EventLoop) executor;
      contexts.put(loop, new LoopContext(loop, budget, lag));
    });
  }

  /** By event loop; it does not change. */
  Map<EventLoop, LoopContext> contexts() {
    return Collections.unmodifiableMap(contexts);
  }

  /** Tasks that wait for their turn, on all event loops. */
  long waitingTasks() {
    return contexts.keySet().stream()
        .filter(SingleThreadEventExecutor.class::isInstance)
        .mapToLong(loop -> ((SingleThreadEventExecutor) loop).pendingTasks())
        .sum();
  }

  /** Tells the clients of all connections to go away, in their protocol's way. */
  void drain() {
    contexts.forEach((loop, context) -> loop.execute(context::drain));
  }

  /** A count of every event loop; only from a thread that is none of them, and while they run. */
  int sum(ToIntFunction<LoopContext> count) {
    int all = 0;
    for (Map.Entry<EventLoop, LoopContext> worker : contexts.entrySet()) {
      all +=
          worker
              .getKey()
              .submit(() -> count.applyAsInt(worker.getValue()))
              .syncUninterruptibly()
              .getNow();
    }
    return all;
  }

  /** Completes with how many connections of clients are open. */
  Future<Integer> clients() {
    List<Future<Integer>> counts = new ArrayList<>();
    contexts.forEach((loop, context) -> {
      Promise<Integer> count = Promise.promise();
      loop.execute(() -> count.complete(context.clients()));
      counts.add(count.future());
    });
    return Future.all(counts).map(all -> counts.stream().mapToInt(Future::result).sum());
  }
}
