package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.Subject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Certificates, authorities and an upstream's client certificate that are replaced again and again
 * while clients come, stay and go: no request fails, and nothing is left behind. 25 times, or 1,000
 * when {@code SCOPEGATE_E2E_LONG} is {@code true}.
 */
final class RotationIT {
  private static final int ROTATIONS =
      "true".equals(System.getenv("SCOPEGATE_E2E_LONG")) ? 1_000 : 25;
  private static final int DIFFERENT = 16;
  private static final long PAUSE_NANOS = 2_000_000;
  private static final List<String> LISTENERS = List.of("renamed", "swapped");
  private static final String REQUEST =
      "GET /api/search HTTP/1.1\r\nHost: a\r\nX-Scope-OrgID: " + GatewayHarness.TENANT + "\r\n\r\n";

  @TempDir private Path directory;
  private final TestCa ca = TestCa.create();
  private final List<TestCa.Issued> servers = different(ca::server);
  private final List<TestCa.Issued> selves = different(() -> ca.client("scopegate"));
  private final List<TestCa> strangers = different(TestCa::create);
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final AtomicLong answers = new AtomicLong();
  private final AtomicLong arrivals = new AtomicLong();
  private final List<Thread> clients = new ArrayList<>();
  private final Map<String, RotatedFiles> listeners = new LinkedHashMap<>();
  private volatile boolean over;
  private int turn;

  /** Making keys takes longer than replacing files. */
  private static <T> List<T> different(Supplier<T> maker) {
    return Stream.generate(maker).limit(DIFFERENT).toList();
  }

  @Test
  void noRotationFailsARequestOrLeavesAnythingBehind() throws Exception {
    RotatedFiles own =
        new RotatedFiles(directory.resolve("own"), RotatedFiles.How.SWAPPED, pair(selves.get(0)));
    for (String name : LISTENERS) {
      RotatedFiles.How how = RotatedFiles.How.valueOf(name.toUpperCase(Locale.ROOT));
      listeners.put(name, new RotatedFiles(directory.resolve(name), how, server(servers.get(0))));
    }
    try (TlsUpstream upstream = TlsUpstream.open(ca, 10);
        GatewayHarness harness = GatewayHarness.following(yaml(upstream.port(), own))) {
      harness.kubernetes.grant(Subject.user("jane"), Rule.readTraces(GatewayHarness.TENANT));
      SSLContext jane = harness.showing(ca.client("jane"), ca.certificate());
      rotate(harness, jane, own); // everything that is made once is made now
      upstream.drop();
      long contexts = contexts();
      long descriptors = descriptors();
      int threads = threads();
      begin(harness, jane);

      for (int i = 1; i <= ROTATIONS; i++) {
        if (i % 10 == 0) {
          breakHalfWay(harness);
        }
        rotate(harness, jane, own);
        awaitTraffic();
      }

      end();
      assertThat(failures).isEmpty();
      assertThat(upstream.serials()).hasSizeGreaterThan(DIFFERENT / 2);
      assertThat(harness.metrics())
          .contains(
              "scopegate_reloads_total{result=\"failed\",what=\"certificates\"} "
                  + (double) (ROTATIONS / 10));
      GatewayHarness.until(() -> harness.gateway.clientConnections() == 0);
      upstream.drop();
      GatewayHarness.until(() -> harness.gateway.upstreamConnections() == 0);
      GatewayHarness.until(() -> descriptors() <= descriptors + 10);
      assertThat(threads()).as("pools that were not full yet").isLessThan(threads + 40);
      assertThat(contexts()).isLessThan(contexts + 10); // a rotation makes four
    }
  }

  private String yaml(int upstream, RotatedFiles own) {
    StringBuilder yaml = new StringBuilder();
    yaml.append(
        """
        upstreams:
          up:
            url: "https://localhost:%d"
            protocol: http1
            tls: {caFile: "%s", certificateFile: "%s", keyFile: "%s"}
        listeners:
        """
            .formatted(
                upstream,
                ca.writePem(directory.resolve("upstream.crt")),
                own.file("tls.crt"),
                own.file("tls.key")));
    listeners.forEach((name, files) ->
        yaml.append(
            """
              %s:
                address: "127.0.0.1:0"
                serves: [generic-read]
                upstream: up
                tls: {mode: required, certificateFile: "%s", keyFile: "%s", clientCaFile: "%s"}
            """
                .formatted(
                    name, files.file("tls.crt"), files.file("tls.key"), files.file("ca.crt"))));
    return yaml.toString();
  }

  // ---- what is replaced

  private static Map<String, String> pair(TestCa.Issued issued) {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("tls.crt", issued.certificatePem());
    files.put("tls.key", issued.keyPem());
    return files;
  }

  /** The authorities are others each time, and the clients' own is always among them. */
  private Map<String, String> server(TestCa.Issued issued) {
    Map<String, String> files = pair(issued);
    files.put("ca.crt", strangers.get(turn % DIFFERENT).pem() + ca.pem());
    return files;
  }

  /** Replaces everything; who connects after this sees what is new. */
  private void rotate(GatewayHarness harness, SSLContext jane, RotatedFiles own)
      throws IOException {
    turn++;
    TestCa.Issued next = servers.get(turn % DIFFERENT);
    own.replace(pair(selves.get(turn % DIFFERENT)));
    for (RotatedFiles files : listeners.values()) {
      files.replace(server(next));
    }
    harness.pollFiles();
    for (String listener : LISTENERS) {
      assertThat(shown(harness, listener, jane)).isEqualTo(next.certificate().getSerialNumber());
    }
  }

  private static BigInteger shown(GatewayHarness harness, String listener, SSLContext jane)
      throws IOException {
    try (Wire wire = Wire.connectTls(harness.port(listener), jane, "http/1.1")) {
      assertThat(ask(wire)).isEqualTo(200);
      SSLSocket socket = (SSLSocket) wire.socket;
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
    }
  }

  /** A certificate that is written in two steps, and looked at between them. */
  private void breakHalfWay(GatewayHarness harness) throws IOException {
    Map<String, String> files = server(servers.get((turn + 1) % DIFFERENT));
    files.computeIfPresent("tls.crt", (name, pem) -> pem.substring(0, pem.length() / 4));
    listeners.get("renamed").replace(files);
    harness.pollFiles();
  }

  // ---- who is there meanwhile

  /** What a client does until it is over. */
  private interface Client {
    void run() throws IOException;
  }

  private void begin(GatewayHarness harness, SSLContext jane) {
    for (String listener : LISTENERS) {
      int port = harness.port(listener);
      start(() -> stay(port, jane));
      start(() -> stayWithHttp2(port, jane));
      start(() -> comeAndGo(port, jane));
    }
  }

  private void start(Client client) {
    Thread thread =
        new Thread(() -> {
          try {
            client.run();
          } catch (IOException | RuntimeException | AssertionError e) {
            failures.add(e);
          }
        });
    clients.add(thread);
    thread.start();
  }

  private void stay(int port, SSLContext jane) throws IOException {
    try (Wire wire = Wire.connectTls(port, jane, "http/1.1")) {
      while (!over) {
        note(ask(wire));
      }
    }
  }

  private void stayWithHttp2(int port, SSLContext jane) throws IOException {
    Http2Headers head =
        H2Wire.fields(
            ":method", "GET", ":scheme", "https", ":path", "/api/search", ":authority", "a");
    head.add("x-scope-orgid", GatewayHarness.TENANT);
    try (H2Wire wire = H2Wire.client(Wire.connectTls(port, jane, "h2"))) {
      while (!over) {
        note(wire.message(wire.request(head, true)).status());
      }
    }
  }

  private void comeAndGo(int port, SSLContext jane) throws IOException {
    while (!over) {
      try (Wire wire = Wire.connectTls(port, jane, "http/1.1")) {
        note(ask(wire));
        arrivals.incrementAndGet();
      }
    }
  }

  private void note(int status) {
    if (status != 200) {
      failures.add(new AssertionError("status: " + status + " (expected: 200)"));
    }
    answers.incrementAndGet();
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  private static int ask(Wire wire) throws IOException {
    wire.write(REQUEST);
    Wire.Head head = wire.readHead();
    wire.readBody(head);
    return head.status();
  }

  /** Some have been answered and some have come since. */
  private void awaitTraffic() {
    long answered = answers.get();
    long arrived = arrivals.get();
    GatewayHarness.until(() ->
        !failures.isEmpty()
            || answers.get() >= answered + clients.size() && arrivals.get() >= arrived + 2);
  }

  private void end() throws InterruptedException {
    over = true;
    for (Thread client : clients) {
      client.join(10_000);
      assertThat(client.isAlive()).isFalse();
    }
  }

  // ---- what is left

  private static long descriptors() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getOpenFileDescriptorCount()
        : 0;
  }

  private static int threads() {
    return ManagementFactory.getThreadMXBean().getThreadCount();
  }

  /**
   * BoringSSL's contexts on the heap; whether they are freed as well, Netty's leak detector sees.
   */
  private static long contexts() throws JMException {
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    return histogram
        .lines()
        .filter(line ->
            line.matches(
                ".* io\\.netty\\.handler\\.ssl\\.ReferenceCountedOpenSsl\\w+Context( .*)?"))
        .mapToLong(line -> Long.parseLong(line.trim().split("\\s+")[1]))
        .sum();
  }
}
