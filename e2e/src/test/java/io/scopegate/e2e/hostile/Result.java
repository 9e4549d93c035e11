package io.scopegate.e2e.hostile;

import io.scopegate.e2e.Scratch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one case came to, as a row of {@code target/hostile.tsv}. What is not known is {@code -}: a
 * gateway that has died has no heap.
 */
final class Result {
  private static final Path FILE = Path.of("target", "hostile.tsv");
  private static final double MIB = 1024 * 1024;
  private static final String UNKNOWN = "-";
  private static final List<String> COLUMNS =
      List.of(
          "number",
          "attack",
          "ways",
          "seconds",
          "connections",
          "messages",
          "MB sent",
          "thrown out",
          "alive",
          "heap before, MiB",
          "heap held, MiB",
          "heap after, MiB",
          "spans lost",
          "reads",
          "reads failed",
          "p99 beside honest work, ms",
          "p99 with the attack, ms",
          "ratio",
          "p99 past the gateway, ms",
          "slowed down",
          "result");

  private final Map<String, String> values = new TreeMap<>();

  /** Of a case that begins. */
  Result(Case tried) {
    set("number", tried.number());
    set("attack", tried.attack().title());
    set("ways", tried.ways());
    set("connections", tried.attack().connections() * Volume.TIMES * tried.doors().size());
  }

  /** How long it took. */
  void took(Duration time) {
    set("seconds", time.toSeconds());
  }

  /** What was sent. */
  void sent(Assault assault) {
    set("messages", assault.messages());
    set("MB sent", "%.1f".formatted(assault.bytes() / 1e6));
    set("thrown out", assault.thrownOut());
  }

  /** Whether the gateway has survived it. */
  void alive(boolean isAlive) {
    set("alive", isAlive ? "yes" : "no");
  }

  /** Bytes of the heap in use after a collection. */
  void heap(String when, long bytes) {
    set("heap " + when + ", MiB", "%.1f".formatted(bytes / MIB));
  }

  /** What became of honest clients. */
  void guests(Watch watch, int lost) {
    set("spans lost", lost);
    set("reads", watch.reads().count());
    set("reads failed", watch.failed());
  }

  /** How fast readers were, beside what they were compared with. */
  void p99(Duration beside, Watch watch, double slower) {
    Duration with = watch.reads().p99();
    set("p99 beside honest work, ms", millis(beside));
    set("p99 with the attack, ms", millis(with));
    set("ratio", "%.2f".formatted((double) with.toNanos() / beside.toNanos()));
    set("p99 past the gateway, ms", millis(watch.direct().p99()));
    set("slowed down", "%.1f".formatted(slower));
  }

  private static String millis(Duration time) {
    return "%.1f".formatted(time.toNanos() / 1e6);
  }

  /** Whether all held, or what did not. */
  void ended(String how) {
    set("result", how.lines().filter(line -> !line.isBlank()).findFirst().orElse("").strip());
  }

  private void set(String column, Object value) {
    if (!COLUMNS.contains(column)) {
      throw new IllegalArgumentException(column + " (expected: one of " + COLUMNS + ")");
    }
    values.put(column, value.toString().replace('\t', ' '));
  }

  /** Writes the row into the table, instead of the one of the same case, if there is one. */
  void write() {
    String row = row();
    List<String> others =
        rows().filter(other -> !key(other).equals(key(row))).collect(Collectors.toList());
    others.add(row);
    others.sort((one, other) -> Integer.compare(number(one), number(other)));
    Scratch.replace(FILE, String.join("\t", COLUMNS) + "\n" + String.join("\n", others) + "\n");
  }

  private String row() {
    return COLUMNS.stream()
        .map(column -> values.getOrDefault(column, UNKNOWN))
        .collect(Collectors.joining("\t"));
  }

  private static Stream<String> rows() {
    try {
      return Files.exists(FILE) ? Files.readAllLines(FILE).stream().skip(1) : Stream.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> key(String row) {
    return List.of(row.split("\t", -1)).subList(1, 3);
  }

  private static int number(String row) {
    return Integer.parseInt(row.substring(0, row.indexOf('\t')));
  }
}
