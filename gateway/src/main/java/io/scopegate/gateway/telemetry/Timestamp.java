package io.scopegate.gateway.telemetry;

import io.scopegate.gateway.json.JsonBytes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Writes times as <a href="https://datatracker.ietf.org/doc/html/rfc3339">RFC 3339</a> in UTC with
 * milliseconds. Remembers the current second, so that most times cost three digits; for one thread.
 */
final class Timestamp {
  private static final int UP_TO_SECONDS = "2026-11-21T12:00:00".length();

  private long second = Long.MIN_VALUE;
  private byte[] text = {};

  /** Appends a time in milliseconds since the epoch, without quotes. */
  void append(long epochMillis, JsonBytes out) {
    long current = Math.floorDiv(epochMillis, 1000L);
    if (current != second) {
      String whole = Instant.ofEpochSecond(current).toString();
      text = whole.substring(0, UP_TO_SECONDS).getBytes(StandardCharsets.US_ASCII);
      second = current;
    }
    out.raw(text).raw('.').digits((int) Math.floorMod(epochMillis, 1000L), 3).raw('Z');
  }
}
