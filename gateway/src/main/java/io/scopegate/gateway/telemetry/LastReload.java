package io.scopegate.gateway.telemetry;

import java.time.Instant;
import java.util.List;

/**
 * What became of the configuration file when it was last loaded.
 *
 * @param time when; the start, as long as it was never reloaded
 * @param isStart whether it was the start
 * @param changed the keys that have changed
 * @param atNextStart the keys whose change takes effect at the next start
 * @param problems why it is not in force, or which part of it; empty when all of it is
 */
public record LastReload(
    Instant time,
    boolean isStart,
    List<String> changed,
    List<String> atNextStart,
    List<String> problems) {
  /** So many of each are kept. */
  private static final int MOST = 50;

  /** Copies the lists, and cuts them. */
  public LastReload {
    changed = cut(changed);
    atNextStart = cut(atNextStart);
    problems = cut(problems);
  }

  private static List<String> cut(List<String> all) {
    return all.stream().limit(MOST).toList();
  }

  /** The file was loaded for the first time. */
  static LastReload start(Instant time) {
    return new LastReload(time, true, List.of(), List.of(), List.of());
  }
}
