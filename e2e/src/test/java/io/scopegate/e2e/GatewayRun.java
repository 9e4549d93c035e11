package io.scopegate.e2e;

import io.scopegate.testkit.TestCa;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/** The gateway as a process of its own, configured by the contract's {@code local.yaml}. */
final class GatewayRun implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(60);
  private static final Pattern ADDRESS = Pattern.compile("127\\.0\\.0\\.1:\\d+");
  private static final String KUBERNETES = "kubernetes: {kubeconfig: \"${SCOPEGATE_KUBECONFIG}\"";

  private final Cluster cluster;
  private final Path directory;
  private final Ports ports;
  private final Part process;

  private GatewayRun(Cluster cluster, Path directory, Ports ports, Part process) {
    this.cluster = cluster;
    this.directory = directory;
    this.ports = ports;
    this.process = process;
  }

  /** The contract's file as it is. */
  static String contract() {
    return Scratch.read(
        Scratch.repository("gateway/src/test/resources/io/scopegate/gateway/contract/local.yaml"));
  }

  /** Begins a configuration. */
  static Setup of(Cluster cluster, Upstreams upstreams) {
    return new Setup(cluster, upstreams);
  }

  Ports ports() {
    return ports;
  }

  Part process() {
    return process;
  }

  /** Where its files are. */
  Path directory() {
    return directory;
  }

  String query(String path) {
    return "https://localhost:" + ports.query() + path;
  }

  String queryInClearText(String path) {
    return "http://localhost:" + ports.query() + path;
  }

  String otlpHttp(String path) {
    return "https://localhost:" + ports.otlpHttp() + path;
  }

  String admin(String path) {
    return "http://127.0.0.1:" + ports.admin() + path;
  }

  /** How many reviews of a kind, {@code token} or {@code access}, it has asked for. */
  long reviews(String kind) {
    return Metrics.of(Http.one(cluster.ca()).get(admin("/metrics")).text())
        .sum("scopegate_review_duration_seconds_count", "kind=\"" + kind + "\"");
  }

  /** Ends it, and fails if its logs hold a token or speak of a leaked buffer. */
  @Override
  public void close() {
    process.close();
    if (process.output().contains("LEAK:")) {
      throw new AssertionError("a buffer was leaked: " + directory);
    }
    if (!cluster.tokensSeenIn(process).isEmpty()) {
      throw new AssertionError("a token is in the log: " + directory);
    }
  }

  /**
   * Where the upstreams are.
   *
   * @param otlpGrpc OTLP over gRPC
   * @param otlpHttp OTLP over HTTP
   * @param query queries
   */
  record Upstreams(int otlpGrpc, int otlpHttp, int query) {
    /** One server for everything. */
    static Upstreams one(int port) {
      return new Upstreams(port, port, port);
    }
  }

  /**
   * The gateway's ports.
   *
   * @param otlpGrpc OTLP over gRPC
   * @param otlpHttp OTLP over HTTP
   * @param query queries
   * @param admin metrics and health
   */
  record Ports(int otlpGrpc, int otlpHttp, int query, int admin) {
    /** Those of the contract. */
    static final Ports CONTRACT = new Ports(4317, 4318, 3200, 8080);

    static Ports free() {
      return new Ports(FreePorts.next(), FreePorts.next(), FreePorts.next(), FreePorts.next());
    }
  }

  /** A configuration in the making. */
  static final class Setup {
    private final Cluster cluster;
    private final Upstreams upstreams;
    private final Map<String, String> replaced = new LinkedHashMap<>();
    private final StringBuilder added = new StringBuilder();
    private final List<String> jvm =
        new ArrayList<>(
            List.of(
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-Xms64m",
                "-Dio.netty.leakDetection.level=paranoid"));
    private Ports ports = Ports.free();
    private int console = FreePorts.next();
    private Path kubeconfig = Path.of("none");
    private String kubernetes = "";
    private String certificates = "";
    private String checks = "upstreamChecks: {interval: 0s}\n";
    private boolean literal;
    private UnaryOperator<List<String>> within = command -> command;

    private Setup(Cluster cluster, Upstreams upstreams) {
      this.cluster = cluster;
      this.upstreams = upstreams;
    }

    /** With these ports. */
    Setup on(Ports chosen) {
      ports = chosen;
      return this;
    }

    /** With its console here. */
    Setup console(int port) {
      console = port;
      return this;
    }

    /** With another kubeconfig than one with a token of the gateway's account. */
    Setup kubeconfig(Path file) {
      kubeconfig = file;
      return this;
    }

    /** With further keys below {@code authentication.kubernetes}, in flow style. */
    Setup kubernetes(String keys) {
      kubernetes = ", " + keys;
      return this;
    }

    /**
     * With another text in place of one of the contract's, whose ports are the real ones by then.
     */
    Setup replace(String text, String by) {
      replaced.put(text, by);
      return this;
    }

    /** With further top-level keys. */
    Setup add(String yaml) {
      added.append(yaml).append('\n');
      return this;
    }

    /** With checks of its upstreams, which many tests want to get nothing but what they send. */
    Setup checkingUpstreams() {
      checks = "";
      return this;
    }

    /** With {@code tls.crt} and {@code tls.key} of this directory. */
    Setup certificates(Path directory) {
      certificates = directory.toString();
      return this;
    }

    /** With the contract's file as it is, its ports included. */
    Setup literally() {
      literal = true;
      return on(Ports.CONTRACT);
    }

    /** With further JVM flags. */
    Setup jvm(String... flags) {
      jvm.addAll(List.of(flags));
      return this;
    }

    /** As a part of another command, which becomes it; not with an image. */
    Setup within(UnaryOperator<List<String>> other) {
      Assumptions.assumeTrue(GatewayImage.chosen().isEmpty(), "an image is run in its own way");
      within = other;
      return this;
    }

    /** Starts it and waits until it is ready. */
    GatewayRun start(String name) {
      GatewayRun run = launch(name);
      Http http = Http.one(cluster.ca());
      Until.holds(
          "the gateway is ready, see " + run.directory(),
          READY,
          () -> {
            if (!run.process().isAlive()) {
              throw new IllegalStateException(run.process().output());
            }
            return http.get(run.admin("/readyz")).status() == 200;
          });
      return run;
    }

    /** Starts it. */
    GatewayRun launch(String name) {
      Path directory = Scratch.directory(name);
      Path tls = certificates.isEmpty() ? directory : Path.of(certificates);
      if (certificates.isEmpty()) {
        TestCa.Issued issued = cluster.ca().server();
        issued.writeCertificate(tls.resolve("tls.crt"));
        issued.writeKey(tls.resolve("tls.key"));
      }
      Map<String, String> environment =
          Map.of(
              "SCOPEGATE_TLS_CERT", tls.resolve("tls.crt").toString(),
              "SCOPEGATE_TLS_KEY", tls.resolve("tls.key").toString(),
              "SCOPEGATE_KUBECONFIG",
                  (kubeconfig.toString().equals("none") ? cluster.kubeconfig() : kubeconfig)
                      .toString());
      Path config = Scratch.write(directory.resolve("scopegate.yaml"), text());
      Part process =
          GatewayImage.chosen()
              .map(image -> image.serve(directory, environment, jvm, config))
              .orElseGet(() -> GatewayJvm.serve(directory, environment, jvm, config, within));
      return new GatewayRun(cluster, directory, ports, process);
    }

    private String text() {
      if (literal) {
        return contract();
      }
      // a suite of so many starts would wait for ten minutes; the literal file warms up
      String text = withPorts(contract()).replace("admin: {", "admin: {warmUp: 0s, ");
      Map<String, String> all = new LinkedHashMap<>();
      all.put(KUBERNETES, KUBERNETES + kubernetes);
      all.putAll(replaced);
      for (Map.Entry<String, String> one : all.entrySet()) {
        if (!text.contains(one.getKey())) {
          throw new IllegalStateException("not in the contract's file: " + one.getKey());
        }
        text = text.replace(one.getKey(), one.getValue());
      }
      return text + checks + added;
    }

    /** In one pass: a new port may begin with the digits of one that is to be replaced. */
    private String withPorts(String contract) {
      Map<String, Integer> now = new HashMap<>();
      now.put("127.0.0.1:14317", upstreams.otlpGrpc());
      now.put("127.0.0.1:14318", upstreams.otlpHttp());
      now.put("127.0.0.1:13200", upstreams.query());
      now.put("127.0.0.1:4317", ports.otlpGrpc());
      now.put("127.0.0.1:4318", ports.otlpHttp());
      now.put("127.0.0.1:3200", ports.query());
      now.put("127.0.0.1:8080", ports.admin());
      now.put("127.0.0.1:8081", console);
      String text =
          ADDRESS
              .matcher(contract)
              .replaceAll(found -> {
                Integer port = now.remove(found.group());
                if (port == null) {
                  throw new IllegalStateException("unknown, or there twice: " + found.group());
                }
                return "127.0.0.1:" + port;
              });
      if (!now.isEmpty()) {
        throw new IllegalStateException("not in the contract's file: " + now.keySet());
      }
      return text;
    }
  }
}
