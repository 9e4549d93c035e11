package io.scopegate.e2e.hostile;

import io.scopegate.e2e.Part;
import io.scopegate.e2e.Until;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the gateway has still to do of what was sent to it, as the kernel tells: bytes that it has
 * not read, and a thread that does not come to rest.
 */
final class Backlog {
  private static final Duration LOOK = Duration.ofMillis(300);
  private static final int QUIET_LOOKS = 3;
  private static final int LOCAL = 1;
  private static final int QUEUES = 4;

  /** Honest clients alone keep a thread busy for less of its time than this. */
  private static final double RESTING = 0.6;

  private final Part process;
  private final Set<String> ports;

  private Backlog(Part process, Set<String> ports) {
    this.process = process;
    this.ports = ports;
  }

  /** That of all ports of the gateway. */
  static Backlog of(Target target) {
    return new Backlog(
        target.process(),
        Stream.of(Listener.values())
            .map(listener -> ":%04X".formatted(target.port(listener)))
            .collect(Collectors.toSet()));
  }

  /**
   * Waits until the gateway has read all that it will read, and has dealt with it.
   *
   * @param atMost after which this returns in any case
   */
  void awaitQuiet(Duration atMost) {
    long end = System.nanoTime() + atMost.toNanos();
    long last = -1;
    Map<Path, Long> before = process.wantedNanos();
    for (int quiet = 0; quiet < QUIET_LOOKS && System.nanoTime() - end < 0; ) {
      Until.passed(LOOK);
      long now = bytes();
      Map<Path, Long> after = process.wantedNanos();
      quiet = now == last && isResting(before, after) ? quiet + 1 : 0;
      last = now;
      before = after;
    }
  }

  private static boolean isResting(Map<Path, Long> before, Map<Path, Long> after) {
    return after.entrySet().stream()
        .allMatch(thread ->
            thread.getValue() - before.getOrDefault(thread.getKey(), thread.getValue())
                < RESTING * LOOK.toNanos());
  }

  private long bytes() {
    return Stream.of("/proc/net/tcp", "/proc/net/tcp6")
        .flatMap(file -> lines(Path.of(file)).stream())
        .map(line -> line.trim().split("\\s+"))
        .filter(line -> ports.contains(line[LOCAL].substring(line[LOCAL].lastIndexOf(':'))))
        .mapToLong(line -> Long.parseLong(line[QUEUES].split(":")[1], 16))
        .sum();
  }

  private static List<String> lines(Path file) {
    try {
      List<String> all = Files.readAllLines(file);
      return all.subList(1, all.size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
