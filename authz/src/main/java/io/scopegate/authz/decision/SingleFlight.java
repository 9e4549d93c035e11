package io.scopegate.authz.decision;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks equal questions that come at the same time once. Each caller gets its own future on its own
 * event loop, so that no handler delays another.
 *
 * @param <K> the question
 * @param <A> the answer
 */
final class SingleFlight<K, A> {
  private static final Logger LOG = LoggerFactory.getLogger(SingleFlight.class);

  private final ConcurrentHashMap<K, Promise<A>> flights = new ConcurrentHashMap<>();

  /**
   * Joins an equal question in progress, or asks it.
   *
   * @param question asks; called at most once, by this call or not at all; must keep the answer
   *     where later callers find it before it completes
   */
  Future<A> join(K key, Supplier<Future<A>> question) {
    Promise<A> mine = Promise.promise();
    Promise<A> earlier = flights.putIfAbsent(key, mine);
    if (earlier != null) {
      return onCallersLoop(earlier.future());
    }
    Future<A> answer = onCallersLoop(mine.future());
    start(key, mine, question);
    return answer;
  }

  /** The answer to an equal question in progress; null when there is none. */
  @Nullable Future<A> inProgress(K key) {
    Promise<A> earlier = flights.get(key);
    return earlier == null ? null : onCallersLoop(earlier.future());
  }

  /** How many questions are in progress. */
  int size() {
    return flights.size();
  }

  private void start(K key, Promise<A> flight, Supplier<Future<A>> question) {
    Future<A> asked;
    try {
      asked = question.get();
    } catch (Throwable e) {
      // An Error too: the flight would stay, and everybody who joins it later would wait for ever.
      asked = Future.failedFuture(e);
    }
    asked.onComplete(result -> {
      flights.remove(key, flight);
      flight.handle(result);
    });
  }

  private static <A> Future<A> onCallersLoop(Future<A> shared) {
    Executor home = CallerLoop.current();
    Promise<A> own = Promise.promise();
    shared.onComplete(result -> home.execute(() -> hand(own, result)));
    return own.future();
  }

  /** A waiter that throws must not keep the answer from those behind it. */
  private static <A> void hand(Promise<A> own, AsyncResult<A> result) {
    try {
      own.handle(result);
    } catch (RuntimeException e) {
      LOG.error("Handling the answer to a review failed", e);
    }
  }
}
