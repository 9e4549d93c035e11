package io.scopegate.e2e.hostile;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How much is attacked in this run, and how long. {@code SCOPEGATE_E2E_LONG} asks for all of it,
 * each way in by itself; {@code SCOPEGATE_E2E_MINUTE} for the same volume and a minute for each
 * attack, by all ways at the same time.
 */
final class Volume {
  /** Whether this is the full run. */
  static final boolean FULL = isSet("SCOPEGATE_E2E_LONG");

  /** Whether each attack gets a minute, by all ways at the same time. */
  static final boolean MINUTE = !FULL && isSet("SCOPEGATE_E2E_MINUTE");

  /** Whether the volume is ten times what kills, for a minute. */
  static final boolean LARGE = FULL || MINUTE;

  /** How many times what was enough to kill a gateway that bounds nothing. */
  static final int TIMES = LARGE ? 10 : 1;

  /** How long one attack lasts. */
  static final Duration ATTACK = LARGE ? Duration.ofSeconds(60) : Duration.ofMillis(1_200);

  /** How long the gateway gets at most to deal with what was sent before it is looked at. */
  static final Duration DIGESTED = LARGE ? Duration.ofSeconds(30) : Duration.ofSeconds(3);

  /** How long honest clients are measured beside as much honest work. */
  static final Duration HONEST =
      FULL ? Duration.ofSeconds(15) : MINUTE ? Duration.ofSeconds(8) : Duration.ofSeconds(4);

  /**
   * Below this a p99 proves nothing: a short run sees a few dozen requests, on a machine whose
   * cores the clients share, and can only tell who starves.
   */
  static final Duration FLOOR = LARGE ? Duration.ofMillis(25) : Duration.ofSeconds(1);

  /**
   * So many connections are tried at the same time; more go in groups of ways. Both ends need a
   * descriptor for each.
   */
  static final int MOST_CONNECTIONS = 10_000;

  private static final @Nullable String ONLY = System.getenv("SCOPEGATE_E2E_ATTACK");
  private static final Slice SLICE = Slice.of(System.getenv("SCOPEGATE_E2E_SLICE"));

  private Volume() {}

  private static boolean isSet(String variable) {
    return "true".equals(System.getenv(variable));
  }

  /** Whether every way in is tried by itself, rather than all at the same time. */
  static boolean oneDoorAtATime() {
    return FULL || ONLY != null && !MINUTE;
  }

  /** Whether a case was asked for: {@code SCOPEGATE_E2E_ATTACK} is a part of its title. */
  static boolean isWanted(String title) {
    return ONLY == null || title.toLowerCase(Locale.ROOT).contains(ONLY.toLowerCase(Locale.ROOT));
  }

  /** Whether the case of this number belongs to this run: {@code SCOPEGATE_E2E_SLICE}. */
  static boolean isInSlice(int number) {
    return SLICE.has(number);
  }

  /**
   * A part of all cases.
   *
   * @param part which, from 1 on
   * @param parts of how many
   */
  record Slice(int part, int parts) {
    /** Reads {@code 2/5}; all cases when there is nothing to read. */
    static Slice of(@Nullable String text) {
      if (text == null || text.isEmpty()) {
        return new Slice(1, 1);
      }
      String[] numbers = text.split("/", -1);
      if (numbers.length != 2) {
        throw new IllegalArgumentException(
            "SCOPEGATE_E2E_SLICE: " + text + " (expected: a part of a number of them, as 2/5)");
      }
      return new Slice(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
    }

    Slice {
      if (part < 1 || part > parts) {
        throw new IllegalArgumentException(
            "SCOPEGATE_E2E_SLICE: " + part + "/" + parts + " (expected: 1/" + parts + " at least)");
      }
    }

    /** Whether it has the case of this number. */
    boolean has(int number) {
      return number % parts == part - 1;
    }
  }
}
