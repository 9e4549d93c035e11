package io.scopegate.gateway.forward;

import io.scopegate.config.DurationText;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.forward.HealthCheckConfig.Type;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Asks one server again and again, on one event loop, over a connection of its own that no other
 * request uses or waits for.
 *
 * <pre>
 *   WAITING --time--> ASKING --answer, failure or timeout--> WAITING --> ... --stop--> STOPPED
 * </pre>
 */
final class EndpointCheck {
  /** The most that the first check is put off, so that those of many servers spread. */
  private static final long MOST_FIRST_MILLIS = 1_000;

  private static final double JITTER = 0.1;

  private final HealthCheckConfig config;
  private final Connector connector;
  private final boolean http2;
  private final RandomGenerator random;
  private final Told told;
  private @Nullable Pool pool;
  private @Nullable CheckCall asking;
  private boolean stopped;
  private boolean isWell = true;
  private int inARow;

  /** Hears of what is found, on the event loop. */
  interface Told {
    /**
     * Enough checks in a row had another result than before; or the first one, or the first one
     * after a failure that was not enough, is good.
     *
     * @param why what is wrong; null when nothing is
     */
    void found(boolean isWell, @Nullable String why);
  }

  EndpointCheck(
      HealthCheckConfig config,
      Connector connector,
      boolean http2,
      RandomGenerator random,
      Told told) {
    this.config = config;
    this.connector = connector;
    this.http2 = http2;
    this.random = random;
    this.told = told;
  }

  private LoopContext worker() {
    return connector.worker();
  }

  /** Begins. */
  void start() {
    after((long) (Math.min(config.interval().toMillis(), MOST_FIRST_MILLIS) * random.nextDouble()));
  }

  /** Asks no more, and closes its connection. */
  void stop() {
    stopped = true;
    CheckCall open = asking;
    if (open != null) {
      open.abort();
    }
    closePool();
  }

  private void after(long millis) {
    worker().eventLoop.schedule(this::ask, millis, TimeUnit.MILLISECONDS);
  }

  private void ask() {
    if (stopped) {
      return;
    }
    CheckCall call = new CheckCall(worker(), config.type() == Type.GRPC, this::ended);
    asking = call;
    worker()
        .eventLoop
        .schedule(() -> tooLate(call), config.timeout().toMillis(), TimeUnit.MILLISECONDS);
    UpstreamConfig to = connector.config();
    UpstreamUrl url = to.url(config.type() == Type.GRPC);
    String authority = to.host().isClients() ? url.authority() : to.host().of(url);
    call.send(pool().open(null), config, url.tls(), authority);
  }

  private void tooLate(CheckCall call) {
    call.giveUp("no answer within " + DurationText.format(config.timeout()));
  }

  private Pool pool() {
    Pool known = pool;
    if (known == null) {
      known = NoHome.pool(connector, http2);
      pool = known;
    }
    return known;
  }

  private void closePool() {
    Pool open = pool;
    pool = null;
    if (open != null) {
      open.retire();
    }
  }

  private void ended(@Nullable String wrong) {
    asking = null;
    if (stopped) {
      return;
    }
    boolean good = wrong == null;
    if (!good) {
      closePool(); // the next one shows whether it takes connections
    }
    inARow = inARow > 0 == good ? inARow + (good ? 1 : -1) : good ? 1 : -1;
    boolean confirms = inARow == 1 && isWell;
    boolean turns =
        good && !isWell && inARow >= config.successes()
            || !good && isWell && -inARow >= config.failures();
    if (turns || confirms) {
      isWell = good;
      told.found(good, wrong);
    }
    double spread = 1 + JITTER * (2 * random.nextDouble() - 1);
    after((long) (config.interval().toMillis() * spread));
  }
}
