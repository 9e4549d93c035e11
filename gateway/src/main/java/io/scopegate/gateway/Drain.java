package io.scopegate.gateway;

import io.scopegate.config.DurationText;
import io.scopegate.gateway.exchange.Budget;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The graceful part of the end: after five seconds, or the drain time when that is shorter, no new
 * connections and GOAWAY; then a wait until all connections are closed, or the drain time is over.
 */
final class Drain {
  private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

  /** How long ports stay open after readiness is gone, until clients have noticed. */
  private static final long UNREADY_MILLIS = 5_000;

  private static final long POLL_MILLIS = 50;

  private final Vertx vertx;
  private final Workers workers;
  private final Budget budget;

  Drain(Vertx vertx, Workers workers, Budget budget) {
    this.vertx = vertx;
    this.workers = workers;
    this.budget = budget;
  }

  /**
   * Waits for clients that read the readiness, closes the ports, and waits for requests.
   *
   * @param time the most to wait for requests in progress
   * @param closePorts closes the ports of tenants
   * @return completes when no connection is open or the time is over
   */
  Future<Void> drain(Duration time, Supplier<Future<Void>> closePorts) {
    long unreadyMillis = Math.min(UNREADY_MILLIS, time.toMillis());
    LOG.info(
        "stopping: not ready any more; the listeners close in {}",
        DurationText.format(Duration.ofMillis(unreadyMillis)));
    return after(unreadyMillis)
        .compose(waited -> closePorts.get())
        .compose(closed -> {
          LOG.info(
              "stopping: the listeners are closed; waiting up to {} for {} requests in progress",
              DurationText.format(time),
              budget.requests());
          workers.drain();
          return drained(System.nanoTime() + time.toNanos());
        });
  }

  private Future<Void> drained(long endNanos) {
    return workers
        .clients()
        .compose(open -> {
          if (open == 0) {
            LOG.info("stopping: all connections are closed");
            return Future.succeededFuture();
          }
          if (System.nanoTime() - endNanos >= 0) {
            LOG.warn(
                "forwarding.drain: closing {} connections that are still open, with {} requests",
                open,
                budget.requests());
            return Future.succeededFuture();
          }
          return after(POLL_MILLIS).compose(waited -> drained(endNanos));
        });
  }

  private Future<Void> after(long millis) {
    Promise<Void> over = Promise.promise();
    vertx.setTimer(Math.max(1, millis), timer -> over.complete());
    return over.future();
  }
}
