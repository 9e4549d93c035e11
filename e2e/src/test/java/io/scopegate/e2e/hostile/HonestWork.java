package io.scopegate.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.KeptAlive;
import io.scopegate.e2e.Paced;
import io.scopegate.e2e.Until;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Work that the gateway may be asked for, to compare an attack with: searches of another tenant.
 */
final class HonestWork implements AutoCloseable {
  private static final int CLIENTS = 8;

  /** More would be all that two cores can do. */
  private static final double MOST_PER_SECOND = 1_000;

  private static final double LEAST_PER_SECOND = 100;

  /** Fewer tell nothing; a busy machine takes longer for them. */
  private static final int READS = 20;

  private static final Duration ENOUGH = Duration.ofMinutes(2);

  private final Paced paced = new Paced();
  private final List<KeptAlive> clients = new ArrayList<>();

  private HonestWork(Target target, double perSecond) {
    double bounded = Math.min(MOST_PER_SECOND, Math.max(LEAST_PER_SECOND, perSecond));
    Duration every = Duration.ofNanos((long) (CLIENTS / bounded * 1e9));
    byte[] search = KeptAlive.search(target.around().hostileToken(), Surroundings.HOSTILE);
    for (int i = 0; i < CLIENTS; i++) {
      KeptAlive client = connect(target.port(Listener.QUICK));
      clients.add(client);
      paced.each(
          every,
          () -> {
            assertThat(client.status(search)).isEqualTo(200);
            return true;
          });
    }
  }

  /** The p99 of guests beside so many honest requests a second. */
  static Duration p99(Target target, Guests guests, double perSecond, Duration time) {
    try (HonestWork work = new HonestWork(target, perSecond)) {
      Watch watch = guests.watch();
      Until.passed(time);
      Until.holds("readers are served", ENOUGH, () -> watch.reads().count() >= READS);
      assertThat(watch.failures()).as("beside honest work").isEmpty();
      return watch.reads().p99();
    }
  }

  private static KeptAlive connect(int port) {
    try {
      return KeptAlive.connect(port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      paced.close();
    } finally {
      for (KeptAlive client : clients) {
        try {
          client.close();
        } catch (IOException e) {
          // it has been measured
        }
      }
    }
  }
}
