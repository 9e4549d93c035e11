package io.scopegate.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A master with a replica, and three Sentinels that watch them and have a password of their own.
 */
final class RedisSentinels implements AutoCloseable {
  private static final String MASTER = "limits";
  private static final String SENTINEL_PASSWORD = "watch-51d0aa";
  private static final Duration READY = Duration.ofSeconds(60);

  private final int first = FreePorts.next();
  private final int second = FreePorts.next();
  private final List<Integer> sentinels =
      List.of(FreePorts.next(), FreePorts.next(), FreePorts.next());
  private final List<Part> watchers = new ArrayList<>();
  private Part master;
  private Part replica;

  /** Starts them; without the part the test is skipped. */
  RedisSentinels() {
    master = Redis.launch("redis-first", first, Scratch.directory("redis-first"), List.of());
    replica =
        Redis.launch(
            "redis-second",
            second,
            Scratch.directory("redis-second"),
            List.of("--replicaof", "127.0.0.1 " + first, "--repl-diskless-sync-delay", "0"));
    Until.holds(
        "the replica has caught up",
        READY,
        () ->
            Redis.ask(second, Redis.password(), "INFO replication")
                .toString()
                .contains("link_status:up"));
    sentinels.forEach(port -> watchers.add(watcher(port)));
    Until.holds(
        "the Sentinels know each other and the replica",
        READY,
        () -> {
          for (int port : sentinels) {
            List<String> known = Redis.ask(port, SENTINEL_PASSWORD, "SENTINEL MASTER " + MASTER);
            if (!fact(known, "num-slaves").equals("1")
                || !fact(known, "num-other-sentinels").equals("2")) {
              return false;
            }
          }
          return true;
        });
  }

  private static String fact(List<String> pairs, String name) {
    int at = pairs.indexOf(name);
    return at < 0 ? "" : pairs.get(at + 1);
  }

  private Part watcher(int port) {
    Path directory = Scratch.directory("redis-sentinel");
    Path file = directory.resolve("sentinel.conf");
    try {
      Files.writeString(
          file,
          String.join(
              "\n",
              "port " + port,
              "bind 127.0.0.1",
              "dir " + directory,
              "requirepass " + SENTINEL_PASSWORD,
              "sentinel sentinel-pass " + SENTINEL_PASSWORD,
              "sentinel monitor " + MASTER + " 127.0.0.1 " + first + " 2",
              "sentinel auth-pass " + MASTER + " " + Redis.password(),
              "sentinel down-after-milliseconds " + MASTER + " 1000",
              "sentinel failover-timeout " + MASTER + " 5000",
              ""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Part process =
        Part.start(
            "redis-sentinel",
            directory,
            Map.of(),
            List.of(Parts.need("redis-server").toString(), file.toString(), "--sentinel"));
    Until.holds(
        "the Sentinel answers",
        READY,
        () -> Redis.ask(port, SENTINEL_PASSWORD, "PING").equals(List.of("+PONG")));
    return process;
  }

  /** The value of {@code limits.store}. */
  String store() {
    return "{type: redis, url: \"redis://:"
        + Redis.password()
        + "@"
        + sentinels.stream().map(p -> "127.0.0.1:" + p).collect(Collectors.joining(","))
        + "/0\", sentinel: {master: "
        + MASTER
        + ", password: "
        + SENTINEL_PASSWORD
        + "}}";
  }

  static String password() {
    return SENTINEL_PASSWORD;
  }

  /** Kills the master as an operating system would; the replica becomes it. */
  void killMaster() {
    master.close();
  }

  /** Waits until the replica is the master. */
  void failedOver() {
    Until.holds(
        "the replica is the master",
        READY,
        () -> Redis.ask(second, Redis.password(), "ROLE").contains("master"));
  }

  /** Starts what was the master again, where it was. */
  void restartFirst() {
    master = Redis.launch("redis-first", first, Scratch.directory("redis-first"), List.of());
  }

  @Override
  public void close() {
    watchers.forEach(Part::close);
    replica.close();
    master.close();
  }
}
