package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.scopegate.gateway.reload.ConfigurationFollower;
import io.scopegate.testkit.Await;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A changed configuration file acts while connections are open and requests are under way. */
final class ReloadIT {
  private static final String LISTENERS =
      """
      listeners:
        in: {address: "127.0.0.1:0", serves: [generic-read], upstream: up}
      """;
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private RawUpstream upstream;
  private GatewayHarness harness;
  private Wire client;

  @BeforeEach
  void start() throws IOException {
    log.start();
    logger().addAppender(log);
    logger().setLevel(Level.INFO);
    upstream = RawUpstream.open();
    harness = GatewayHarness.following(upstreams(upstream) + LISTENERS);
    client = Wire.connect(harness.port("in"));
  }

  @AfterEach
  void stop() throws IOException {
    logger().detachAppender(log);
    logger().setLevel(null);
    client.close();
    upstream.reset();
    harness.close();
    upstream.close();
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(ConfigurationFollower.class);
  }

  private List<String> logged() {
    return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private static String upstreams(RawUpstream up) {
    return "upstreams: {up: {url: \"http://127.0.0.1:%d\", protocol: http1}}\n"
        .formatted(up.port());
  }

  private String unchanged() {
    return upstreams(upstream) + LISTENERS;
  }

  private void ask(Wire from) throws IOException {
    from.write(harness.http1("GET", "/api/search"));
  }

  /** Answers one request on this connection of an upstream; gives its head. */
  private static Wire.Head answer(Wire up) throws IOException {
    Wire.Head head = up.readHead();
    up.write(OK + "ok");
    return head;
  }

  private static void assertAnswered(Wire from) throws IOException {
    Wire.Head head = from.readHead();
    assertThat(head.status()).isEqualTo(200);
    assertThat(from.readBody(head)).hasSize(2);
  }

  private double reloads(String result) {
    String name = "scopegate_reloads_total{result=\"" + result + "\",what=\"configuration\"} ";
    return harness
        .metrics()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
        .sum();
  }

  private boolean isCurrent() {
    return gauge("scopegate_configuration_current ") == 1;
  }

  private double gauge(String start) {
    return harness
        .metrics()
        .lines()
        .filter(line -> line.startsWith(start))
        .mapToDouble(line -> Double.parseDouble(line.substring(start.length())))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aDeletedFileIsNoticedAndWhatRunsStays() throws IOException {
    Path data = harness.directory.resolve("config/..data");
    Path version = Files.readSymbolicLink(data);
    Files.delete(data);
    harness.pollFiles();

    assertThat(isCurrent()).isFalse();
    assertThat(logged())
        .anyMatch(line -> line.endsWith("file is missing, keeping the current configuration"));
    ask(client);
    answer(upstream.accept());
    assertAnswered(client);

    Files.createSymbolicLink(data, version);
    harness.pollFiles();

    assertThat(isCurrent()).isTrue();
    assertThat(logged()).anyMatch(line -> line.endsWith("the file is back, unchanged"));
    assertThat(reloads("ok") + reloads("failed")).isZero();
  }

  @Test
  void aReloadThatIsAskedForReadsTheFileWithoutAChange() throws Exception {
    double before = gauge("scopegate_configuration_last_reload_timestamp_seconds ");

    Await.result(harness.gateway.reload());

    assertThat(reloads("ok")).isEqualTo(1);
    assertThat(gauge("scopegate_configuration_last_reload_timestamp_seconds "))
        .isGreaterThan(before);
    assertThat(logged())
        .anyMatch(line -> line.endsWith(": configuration reloaded (nothing changed)"));
  }

  @Test
  void aRightThatIsAskedForOtherwiseActsOnAnOpenConnection() throws IOException {
    ask(client);
    Wire up = upstream.accept();
    answer(up);
    assertAnswered(client);

    harness.reload(unchanged() + "authorization: {verbs: {read: list}}\n");

    ask(client);
    Wire.Head refused = client.readHead();
    assertThat(refused.status()).isEqualTo(403);
    client.readBody(refused);
    assertThat(reloads("ok")).isEqualTo(1);
    assertThat(isCurrent()).isTrue();
    assertThat(logged())
        .anyMatch(
            line -> line.endsWith(": configuration reloaded (changed: authorization.verbs.read)"));

    harness.reload(unchanged());

    ask(client);
    answer(up); // the upstream is the same, so its connection is
    assertAnswered(client);
  }

  @Test
  void anInvalidFileIsReportedAndChangesNothing() throws IOException {
    harness.reload(unchanged() + "authorization: {verbs: {read: list}}\nlimit: {}\nlog: 1\n");

    ask(client);
    answer(upstream.accept());
    assertAnswered(client);
    assertThat(reloads("failed")).isEqualTo(1);
    assertThat(isCurrent()).isFalse();
    assertThat(logged())
        .anyMatch(line -> line.contains(" limit: unknown key"))
        .anyMatch(line -> line.contains(" log: "))
        .anyMatch(line -> line.endsWith("invalid, keeping the current configuration"));
  }

  @Test
  void aListenerMovesAndItsConnectionsStay() throws IOException {
    int before = harness.port("in");

    harness.reload(unchanged().replace("127.0.0.1:0", "localhost:0"));

    assertThat(harness.port("in")).isNotEqualTo(before);
    assertThatThrownBy(() -> Wire.connect(before)).isInstanceOf(ConnectException.class);
    ask(client);
    Wire up = upstream.accept();
    answer(up);
    assertAnswered(client);
    try (Wire fresh = Wire.connect(harness.port("in"))) {
      ask(fresh);
      answer(up);
      assertAnswered(fresh);
    }
  }

  @Test
  void listenersChangePlaces() throws IOException {
    String two =
        upstreams(upstream)
            + """
            listeners:
              in: {address: "127.0.0.1:%d", serves: [generic-read], upstream: up}
              other: {address: "127.0.0.1:%d", serves: [generic-write], upstream: up}
            """;
    int first = harness.port("in");
    harness.reload(two.formatted(first, 0));
    int second = harness.port("other");

    harness.reload(two.formatted(second, first));

    assertThat(reloads("ok")).isEqualTo(2);
    assertThat(harness.port("in")).isEqualTo(second);
    assertThat(harness.port("other")).isEqualTo(first);
  }

  @Test
  void aListenerThatIsGoneLetsRequestsUnderWayEnd() throws IOException {
    int port = harness.port("in");
    ask(client);
    Wire up = upstream.accept();
    up.readHead();
    try (Wire idle = Wire.connect(port);
        Wire silent = Wire.connect(port)) {
      ask(idle);
      answer(upstream.accept());
      assertAnswered(idle);

      harness.reload(
          upstreams(upstream)
              + """
              listeners:
                new: {address: "127.0.0.1:0", serves: [generic-read], upstream: up}
              """);

      assertThat(idle.isClosedByPeer()).isTrue();
      assertThat(silent.isClosedByPeer()).isTrue();
    }
    assertThatThrownBy(() -> Wire.connect(port)).isInstanceOf(ConnectException.class);
    up.write(OK + "ok");
    assertAnswered(client);
    assertThat(client.isClosedByPeer()).isTrue();
    try (Wire fresh = Wire.connect(harness.port("new"))) {
      ask(fresh);
      Wire again = fresh;
      assertThat(answerAny(up)).isTrue();
      assertAnswered(again);
    }
  }

  /** The last used connection serves the next request. */
  private static boolean answerAny(Wire up) throws IOException {
    return answer(up).has("get /api/search http/1.1");
  }

  @Test
  void aListenerThatCannotBeOpenedKeepsNothingElseFromActing() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      harness.reload(
          unchanged()
              + "  taken: {address: \"127.0.0.1:%d\", serves: [generic-read], upstream: up}\n"
                  .formatted(taken.getLocalPort())
              + "authorization: {verbs: {read: list}}\n");
    }

    ask(client);
    assertThat(client.readHead().status()).isEqualTo(403);
    assertThat(reloads("failed")).isEqualTo(1);
    assertThat(logged())
        .anyMatch(line -> line.startsWith("listeners.taken.address: 127.0.0.1:"))
        .anyMatch(line ->
            line.endsWith(
                " configuration reloaded except for the listeners named above"
                    + " (changed: listeners.taken, authorization.verbs.read)"));
    assertThat(isCurrent()).isFalse();
  }

  @Test
  void anUpstreamMovesAndRequestsUnderWayEndOnTheOldOne() throws IOException {
    ask(client);
    Wire old = upstream.accept();
    old.readHead();
    try (RawUpstream next = RawUpstream.open();
        Wire other = Wire.connect(harness.port("in"))) {
      harness.reload(upstreams(next) + LISTENERS);

      ask(other);
      answer(next.accept());
      assertAnswered(other);
      old.write(OK + "ok");
      assertAnswered(client);
      assertThat(old.isClosedByPeer()).isTrue();
      next.reset();
    }
  }

  @Test
  void anHttp2UpstreamMovesAndStreamsUnderWayEndOnTheOldOne() throws IOException {
    String http2 = unchanged().replace("http1", "h2c");
    harness.reload(http2);
    ask(client);
    try (RawUpstream next = RawUpstream.open();
        H2Wire old = upstream.acceptH2();
        Wire other = Wire.connect(harness.port("in"))) {
      int stream = old.opened().stream();

      harness.reload(upstreams(next).replace("http1", "h2c") + LISTENERS);

      ask(other);
      H2Wire fresh = next.acceptH2();
      fresh.respond(fresh.opened().stream(), "ok", ":status", "200", "content-length", "2");
      assertAnswered(other);
      old.respond(stream, "ok", ":status", "200", "content-length", "2");
      assertAnswered(client);
      old.awaitEnd();
      next.reset();
    }
  }

  @Test
  void tlsActsForNewConnections() throws IOException {
    harness.reload(
        unchanged()
            + "tls: {mode: required, certificateFile: DIR/tls.crt, keyFile: DIR/tls.key}\n");

    ask(client);
    Wire up = upstream.accept();
    answer(up);
    assertAnswered(client);
    try (Wire secure = Wire.connectTls(harness.port("in"), harness.trust(), "http/1.1");
        Wire clear = Wire.connect(harness.port("in"))) {
      ask(secure);
      answer(up);
      assertAnswered(secure);
      ask(clear);
      assertThat(clear.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void whatIsForwardedActsAtOnce() throws IOException {
    ask(client);
    Wire up = upstream.accept();
    assertThat(answer(up).value("authorization")).isEmpty();
    assertAnswered(client);

    harness.reload(
        unchanged()
            + "forwarding: {stripAuthorization: false, drain: 1s, eventLoops: 1}\n"
            + "tenancy: {header: X-Tenant, source: [header]}\n");

    client.write(harness.http1("GET", "/api/search", "X-Tenant: " + GatewayHarness.TENANT));
    Wire.Head head = answer(up);
    assertThat(head.value("authorization")).startsWith("Bearer ");
    assertThat(head.value("x-tenant")).isEqualTo(GatewayHarness.TENANT);
    assertThat(head.value("x-scope-orgid")).isEmpty();
    assertAnswered(client);
  }

  @Test
  void namesTheKeysThatActAtTheNextStart() throws IOException {
    harness.reload(
        unchanged()
            + """
            admin: {address: "localhost:0", console: "127.0.0.1:0"}
            log: {format: text}
            forwarding: {drain: 1s, eventLoops: 2}
            """);

    assertThat(logged())
        .contains(
            "admin.address: the change takes effect at the next start",
            "log.format: the change takes effect at the next start",
            "forwarding.eventLoops: the change takes effect at the next start");
    assertThat(isCurrent()).isFalse(); // until it is started again
    assertThat(reloads("ok")).isEqualTo(1);
  }

  @Test
  void aCertificateThatCannotBeUsedChangesNothing() throws IOException {
    harness.reload(
        unchanged()
            + "authorization: {verbs: {read: list}}\n"
            + "tls: {mode: required, certificateFile: DIR/tls.crt, keyFile: DIR/ca.crt}\n");

    ask(client);
    answer(upstream.accept());
    assertAnswered(client);
    assertThat(reloads("failed")).isEqualTo(1);
  }
}
