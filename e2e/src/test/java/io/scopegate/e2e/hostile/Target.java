package io.scopegate.e2e.hostile;

import io.scopegate.e2e.FreePorts;
import io.scopegate.e2e.GatewayJvm;
import io.scopegate.e2e.Http;
import io.scopegate.e2e.Part;
import io.scopegate.e2e.Scratch;
import io.scopegate.e2e.Until;
import io.scopegate.testkit.TestCa;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The gateway under attack: a process with a heap of 128 MiB, in front of stand-ins. */
final class Target implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(120);

  /** Those of the launcher, and a heap that is there from the start, so that only it can grow. */
  private static final List<String> FLAGS =
      List.of(
          "-Xms128m",
          "-Xmx128m",
          "-Xmn64m",
          "-XX:+UseSerialGC",
          "-XX:+AlwaysPreTouch",
          "-XX:+ExitOnOutOfMemoryError",
          "--enable-native-access=ALL-UNNAMED");

  private static final Map<String, String> DEFAULTS = Map.of("CLIENTS", "", "MORE", "");

  /** Short timeouts, so that a run sees them pass. */
  static final Map<String, String> IMPATIENT =
      Map.of("CLIENTS", "handshakeTimeout: 4s, headerTimeout: 3s, bodyTimeout: 3s");

  private final Surroundings around;
  private final Path directory = Scratch.directory("hostile");
  private final Map<Listener, Integer> ports = new EnumMap<>(Listener.class);
  private final Part process;
  private final Heap heap;

  private final Map<String, String> values = new HashMap<>();

  private Target(Surroundings around, Map<String, String> changes) {
    this.around = around;
    values.putAll(around.values());
    values.putAll(DEFAULTS);
    values.putAll(changes);
    for (Listener listener : Listener.values()) {
      ports.put(listener, FreePorts.next());
    }
    int management = FreePorts.next();
    rotateCertificate();
    around.writeCredentials(directory);
    configure("");
    List<String> flags = new ArrayList<>(FLAGS);
    flags.addAll(Heap.flags(management));
    process = GatewayJvm.serve(directory, Map.of(), flags, directory.resolve("scopegate.yaml"));
    awaitReady();
    heap = Heap.at(management);
  }

  /** Starts it and waits until it is ready. */
  static Target start(Surroundings around) {
    return start(around, Map.of());
  }

  /**
   * Starts it with other values than usual in {@code hostile.yaml}.
   *
   * @param changes names and values: {@code CLIENTS} for the keys of {@code clients}, {@code MORE}
   *     for further top-level keys, {@code QUICK_PORT} for another upstream
   */
  static Target start(Surroundings around, Map<String, String> changes) {
    return new Target(around, changes);
  }

  private void awaitReady() {
    Http http = Http.one(around.ca());
    String url = url(Listener.ADMIN, "/readyz");
    Until.holds(
        "the gateway is ready, see " + directory,
        READY,
        () -> !process.isAlive() || http.get(url).status() == 200);
    if (!process.isAlive()) {
      throw new AssertionError("the gateway did not start: " + process.output());
    }
  }

  Surroundings around() {
    return around;
  }

  int port(Listener listener) {
    return ports.get(listener);
  }

  Part process() {
    return process;
  }

  Heap heap() {
    return heap;
  }

  /** Where its files are. */
  Path directory() {
    return directory;
  }

  /** Writes its configuration again, with further top-level keys. */
  void configure(String added) {
    ports.forEach((listener, port) -> values.put(listener.name(), port.toString()));
    Scratch.replace(
        directory.resolve("scopegate.yaml"), Scratch.template("hostile.yaml", values) + added);
  }

  /**
   * What {@code /metrics} says of a metric, or of one series; all series of a metric are added up.
   */
  long metric(String name) {
    String text = Http.one(around.ca()).get(url(Listener.ADMIN, "/metrics")).text();
    return text.lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** An address of one of its ports in clear text. */
  String url(Listener listener, String path) {
    return "http://127.0.0.1:" + port(listener) + path;
  }

  /** Gives it a new certificate for its ports, as the kubelet does: both files at once. */
  void rotateCertificate() {
    try {
      Path fresh = Files.createTempDirectory(directory, "tls-");
      TestCa.Issued issued = around.ca().server();
      issued.writeCertificate(fresh.resolve("tls.crt"));
      issued.writeKey(fresh.resolve("tls.key"));
      Path link = directory.resolve("tls.new");
      Files.createSymbolicLink(link, fresh.getFileName());
      Files.move(link, directory.resolve("tls"), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many bytes it has logged since the log was last emptied. */
  long logBytes() {
    try {
      return Files.size(log());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The lines of its log that tell of a defect; empties the log, which a flood makes large. */
  List<String> takeDefects() {
    try (Stream<String> lines = Files.lines(log(), StandardCharsets.ISO_8859_1)) {
      List<String> defects =
          lines.filter(line -> line.contains("LEAK:") || line.contains("OutOf")).limit(5).toList();
      Files.newByteChannel(log(), StandardOpenOption.WRITE).truncate(0).close();
      return defects;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path log() {
    return directory.resolve("scopegate.out");
  }

  /** Does not mind that it is dead. */
  @Override
  public void close() {
    heap.close();
    process.close();
  }
}
