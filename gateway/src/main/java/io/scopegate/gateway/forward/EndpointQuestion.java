package io.scopegate.gateway.forward;

import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.forward.HealthCheckConfig.Type;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Asks a server of which nothing is heard whether anybody is there: {@code GET /} over a connection
 * of its own, to which any answer will do. One at a time. That it takes no connection is no answer:
 * what it has not answered by then was sent over connections whose other ends may be gone.
 */
final class EndpointQuestion {
  private static final HealthCheckConfig ANYTHING =
      new HealthCheckConfig(
          Type.HTTP, "/", "", 0, Duration.ofSeconds(1), Duration.ofSeconds(1), 1, 1);
  private static final String LATE = "late";

  /** A timer that is so late tells of this event loop: what came meanwhile is not read yet. */
  private static final long PAUSED_NANOS = 150_000_000;

  /** In that time it is read. */
  private static final long READ_NANOS = 50_000_000;

  /** A loop that is late so often cannot tell. */
  private static final int MOST_PAUSES = 3;

  private final Connector connector;
  private final boolean http2;
  private boolean asking;
  private boolean isUnreachable;

  EndpointQuestion(Connector connector, boolean http2) {
    this.connector = connector;
    this.http2 = http2;
  }

  /**
   * Asks, unless that is under way.
   *
   * @param answered is called when anything comes, an error included
   * @param silent is called when nothing comes in that time, or it takes no connection
   */
  void ask(long nanos, Runnable answered, Runnable silent) {
    if (asking) {
      return;
    }
    asking = true;
    isUnreachable = false;
    LoopContext worker = connector.worker();
    Pool pool = NoHome.pool(connector, http2, () -> isUnreachable = true);
    CheckCall call =
        new CheckCall(
            worker,
            false,
            wrong -> {
              asking = false;
              pool.retire();
              (LATE.equals(wrong) || isUnreachable ? silent : answered).run();
            });
    giveUpAfter(nanos, call, MOST_PAUSES);
    UpstreamUrl url = connector.config().url();
    call.send(pool.open(null), ANYTHING, url.tls(), url.authority());
  }

  private void giveUpAfter(long nanos, CheckCall call, int pauses) {
    long dueNanos = System.nanoTime() + nanos;
    connector
        .worker()
        .eventLoop
        .schedule(
            () -> {
              boolean isLate = System.nanoTime() - dueNanos > PAUSED_NANOS;
              if (isLate && pauses > 0) {
                giveUpAfter(READ_NANOS, call, pauses - 1);
              } else {
                call.giveUp(isLate ? "not known" : LATE);
              }
            },
            nanos,
            TimeUnit.NANOSECONDS);
  }
}
