package io.scopegate.e2e;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A cluster of three masters, each with a replica. */
final class RedisCluster implements AutoCloseable {
  private static final int MASTERS = 3;
  private static final int SLOTS = 16_384;
  private static final Duration READY = Duration.ofSeconds(60);

  private final List<Node> nodes = new ArrayList<>();

  private int killed;

  private record Node(int port, int bus, Path directory, Part process) {
    static Node of(int port, int bus, Path directory) {
      List<String> further =
          List.of(
              "--cluster-enabled", "yes",
              "--cluster-port", Integer.toString(bus),
              "--cluster-config-file", directory.resolve("nodes.conf").toString(),
              "--cluster-node-timeout", "2000",
              "--repl-diskless-sync-delay", "0");
      Part process = Redis.launch("redis-cluster", port, directory, further);
      return new Node(port, bus, directory, process);
    }

    String ask(String command) throws IOException {
      return String.join("\n", Redis.ask(port, Redis.password(), command));
    }

    String id() throws IOException {
      return ask("CLUSTER MYID");
    }

    boolean isMaster() throws IOException {
      return ask("ROLE").startsWith("master");
    }

    boolean hasCaughtUp() throws IOException {
      return ask("INFO replication").contains("master_link_status:up");
    }
  }

  /** Starts it; without the part the test is skipped. */
  RedisCluster() throws IOException {
    for (int i = 0; i < 2 * MASTERS; i++) {
      nodes.add(Node.of(FreePorts.next(), FreePorts.next(), Scratch.directory("redis-cluster")));
    }
    for (int i = 0; i < MASTERS; i++) {
      int from = i * SLOTS / MASTERS;
      int to = (i + 1) * SLOTS / MASTERS - 1;
      nodes.get(i).ask("CLUSTER ADDSLOTSRANGE " + from + " " + to);
    }
    for (Node node : nodes) {
      nodes.get(0).ask("CLUSTER MEET 127.0.0.1 " + node.port() + " " + node.bus());
    }
    Until.holds("all nodes know each other", READY, () -> allSay("CLUSTER INFO", "known_nodes:6"));
    for (int i = 0; i < MASTERS; i++) {
      String master = nodes.get(i).id();
      Node replica = nodes.get(i + MASTERS);
      Until.holds(
          "a replica has its master",
          READY,
          () -> replica.ask("CLUSTER REPLICATE " + master).equals("+OK"));
    }
    Until.holds("the cluster is complete", READY, () -> allSay("CLUSTER INFO", "cluster_state:ok"));
    Until.holds(
        "the replicas have caught up",
        READY,
        () -> {
          for (Node replica : nodes.subList(MASTERS, 2 * MASTERS)) {
            if (!replica.hasCaughtUp()) {
              return false;
            }
          }
          return true;
        });
  }

  private boolean allSay(String command, String words) throws IOException {
    for (Node node : nodes) {
      if (!node.ask(command).contains(words)) {
        return false;
      }
    }
    return true;
  }

  /** The value of {@code limits.store}: two of the nodes are named, and the user of the guide. */
  String store() throws IOException {
    for (Node node : nodes) {
      allow(node);
    }
    return "{type: redis, cluster: true, url: \"redis://"
        + Redis.USER
        + ":"
        + Redis.password()
        + "@"
        + nodes.subList(0, 2).stream()
            .map(n -> "127.0.0.1:" + n.port())
            .collect(Collectors.joining(","))
        + "\"}";
  }

  private static void allow(Node node) throws IOException {
    Redis.allow(node.port(), " +cluster|nodes +info +client|list");
  }

  /** Moves the slot of the budgets to another master, key by key, as a rebalancing does. */
  void moveSlot() throws IOException {
    String slot = slot();
    Node from = owner();
    Node to = from;
    for (Node node : nodes) {
      to = node != from && node.isMaster() ? node : to;
    }
    String fromId = from.id();
    String toId = to.id();
    expectOk(to, "CLUSTER SETSLOT " + slot + " IMPORTING " + fromId);
    expectOk(from, "CLUSTER SETSLOT " + slot + " MIGRATING " + toId);
    for (String keys; !(keys = keys(from, slot)).isEmpty(); ) {
      from.ask(
          "MIGRATE 127.0.0.1 "
              + to.port()
              + " \"\" 0 5000 REPLACE AUTH "
              + Redis.password()
              + " KEYS "
              + keys);
    }
    expectOk(to, "CLUSTER SETSLOT " + slot + " NODE " + toId);
    expectOk(from, "CLUSTER SETSLOT " + slot + " NODE " + toId);
  }

  private static void expectOk(Node node, String command) throws IOException {
    String answer = node.ask(command);
    if (!answer.equals("+OK")) {
      throw new IOException(command + ": " + answer);
    }
  }

  private static String keys(Node node, String slot) throws IOException {
    return Redis.ask(node.port(), Redis.password(), "CLUSTER GETKEYSINSLOT " + slot + " 100")
        .stream()
        .filter(key -> !key.startsWith("*"))
        .collect(Collectors.joining(" "));
  }

  private String slot() throws IOException {
    return nodes.get(0).ask("CLUSTER KEYSLOT scopegate").substring(1);
  }

  /** The master of the slot of the budgets. */
  private Node owner() throws IOException {
    int slot = Integer.parseInt(slot());
    for (Node node : nodes) {
      String self =
          node.ask("CLUSTER NODES")
              .lines()
              .filter(l -> l.contains("myself"))
              .findFirst()
              .orElse("");
      if (self.contains("master") && holds(self, slot)) {
        return node;
      }
    }
    throw new IOException("no node has the slot");
  }

  /** Kills the master of the slot of the budgets as an operating system would. */
  void killOwner() throws IOException {
    Node owner = owner();
    killed = nodes.indexOf(owner);
    owner.process().close();
  }

  /** Starts the killed one again, where it was, and waits until it follows who took its place. */
  void restartKilled() throws IOException {
    Node old = nodes.get(killed);
    Node back = Node.of(old.port(), old.bus(), old.directory());
    nodes.set(killed, back);
    allow(back);
    Until.holds("it has caught up", READY, back::hasCaughtUp);
  }

  /** Whether a line of CLUSTER NODES has a slot. */
  private static boolean holds(String line, int slot) {
    String[] words = line.split(" ");
    for (int i = 8; i < words.length; i++) {
      String[] range = words[i].split("-");
      if (!words[i].startsWith("[")
          && Integer.parseInt(range[0]) <= slot
          && slot <= Integer.parseInt(range[range.length - 1])) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    nodes.forEach(node -> node.process().close());
  }
}
