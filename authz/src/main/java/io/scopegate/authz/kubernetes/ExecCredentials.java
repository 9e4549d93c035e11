package io.scopegate.authz.kubernetes;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what an {@code exec} plug-in gave until a minute before it expires, or half of its time
 * when that is shorter, and runs the plug-in then: never more often than every ten seconds, so that
 * a plug-in which gives the same credential again, or one that the API server refuses, is no load.
 * For any thread; the plug-in runs on the caller's.
 */
final class ExecCredentials {
  private static final long MARGIN_MILLIS = Duration.ofMinutes(1).toMillis();
  private static final long SPACING_MILLIS = Duration.ofSeconds(10).toMillis();

  private final InstantSource clock;

  // Guarded by this.
  private @Nullable ExecPlugin made;
  private @Nullable ExecCredential kept;
  private long obtainedMillis;
  private boolean refused;

  ExecCredentials(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * The credential of a plug-in.
   *
   * @throws ClusterAccessException when it has to be run and does not give one
   */
  synchronized ExecCredential get(ExecPlugin plugin) throws ClusterAccessException {
    long now = clock.millis();
    ExecCredential known = kept;
    if (known != null && plugin.equals(made) && !isDue(known, now)) {
      return known;
    }
    ExecCredential next = plugin.run();
    if (next.expiryMillis() <= clock.millis()) {
      throw new ClusterAccessException(
          plugin.where()
              + ": status.expirationTimestamp: "
              + Instant.ofEpochMilli(next.expiryMillis())
              + " is in the past",
          "a credential that has not expired");
    }
    made = plugin;
    kept = next;
    obtainedMillis = now;
    refused = false;
    return next;
  }

  private boolean isDue(ExecCredential known, long now) {
    if (now - obtainedMillis < SPACING_MILLIS && now < known.expiryMillis()) {
      return false;
    }
    long life = known.expiryMillis() - obtainedMillis;
    return refused || known.expiryMillis() - now <= Math.min(MARGIN_MILLIS, life / 2);
  }

  /** The API server did not accept it. */
  synchronized void refused() {
    refused = true;
  }
}
