package io.scopegate.authz.decision;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/** Times within the next minute, so that what has to be done then is not done all at once. */
final class RenewalJitter implements LongSupplier {
  private static final long LONGEST_MILLIS = Duration.ofMinutes(1).toMillis();

  private final long nowMillis;

  RenewalJitter(InstantSource clock) {
    this.nowMillis = clock.millis();
  }

  @Override
  public long getAsLong() {
    return nowMillis + ThreadLocalRandom.current().nextLong(LONGEST_MILLIS / 2, LONGEST_MILLIS);
  }
}
