package io.scopegate.e2e.hostile;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How much is attacked in this run, and how long; {@code SCOPEGATE_E2E_LONG} asks for all of it.
 */
final class Volume {
  /** Whether this is the full run. */
  static final boolean FULL = "true".equals(System.getenv("SCOPEGATE_E2E_LONG"));

  /** How many times what was enough to kill a gateway that bounds nothing. */
  static final int TIMES = FULL ? 10 : 1;

  /** How long one attack lasts. */
  static final Duration ATTACK = FULL ? Duration.ofSeconds(60) : Duration.ofMillis(1_200);

  /** How long the gateway gets at most to deal with what was sent before it is looked at. */
  static final Duration DIGESTED = FULL ? Duration.ofSeconds(30) : Duration.ofSeconds(3);

  /** How long honest clients are measured beside as much honest work. */
  static final Duration HONEST = FULL ? Duration.ofSeconds(15) : Duration.ofSeconds(4);

  /**
   * Below this a p99 proves nothing: a short run sees a few dozen requests, on a machine whose
   * cores the clients share, and can only tell who starves.
   */
  static final Duration FLOOR = FULL ? Duration.ofMillis(25) : Duration.ofSeconds(1);

  private static final @Nullable String ONLY = System.getenv("SCOPEGATE_E2E_ATTACK");

  private Volume() {}

  /** Whether every way in is tried by itself, rather than all at the same time. */
  static boolean oneDoorAtATime() {
    return FULL || ONLY != null;
  }

  /** Whether a case was asked for: {@code SCOPEGATE_E2E_ATTACK} is a part of its title. */
  static boolean isWanted(String title) {
    return ONLY == null || title.toLowerCase(Locale.ROOT).contains(ONLY.toLowerCase(Locale.ROOT));
  }
}
