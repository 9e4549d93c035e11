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
  private final Part[] servers = new Part[2];
  private int master;

  /** Starts them; without the part the test is skipped. */
  RedisSentinels() {
    servers[0] = launch(0, List.of());
    servers[1] = launch(1, List.of("--replicaof", "127.0.0.1 " + first));
    followed();
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

  private Part launch(int server, List<String> further) {
    List<String> all = new ArrayList<>(List.of("--repl-diskless-sync-delay", "0"));
    all.addAll(further);
    String name = server == 0 ? "redis-first" : "redis-second";
    return Redis.launch(name, port(server), Scratch.directory(name), all);
  }

  private int port(int server) {
    return server == 0 ? first : second;
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
    servers[master].close();
  }

  /** Waits until the replica is the master. */
  void failedOver() {
    int next = 1 - master;
    Until.holds(
        "the replica is the master",
        READY,
        () -> Redis.ask(port(next), Redis.password(), "ROLE").contains("master"));
    master = next;
  }

  /** Starts what was the master again, where it was, and waits until it is a replica. */
  void restartKilled() {
    servers[1 - master] = launch(1 - master, List.of());
    followed();
  }

  /** Waits until the other one is a replica that has caught up. */
  private void followed() {
    Until.holds(
        "the replica has caught up",
        READY,
        () ->
            Redis.ask(port(1 - master), Redis.password(), "INFO replication")
                .toString()
                .contains("link_status:up"));
  }

  @Override
  public void close() {
    watchers.forEach(Part::close);
    for (Part server : servers) {
      server.close();
    }
  }
}
