package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scopegate.testkit.TestCa;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ports: TLS and clear text, limits, age and the end. */
class PortIT {
  private static RawUpstream upstream;
  private static GatewayHarness harness;

  @BeforeAll
  static void start() throws IOException {
    upstream = RawUpstream.open();
    harness = GatewayHarness.start(yaml(upstream.port()));
  }

  private static String yaml(int port) {
    return """
    upstreams: {up: {url: "http://127.0.0.1:%d", protocol: http1}}
    tls: {mode: optional, certificateFile: DIR/tls.crt, keyFile: DIR/tls.key}
    listeners:
      optional: {address: "127.0.0.1:0", serves: [generic-write], upstream: up}
      required:
        address: "127.0.0.1:0"
        serves: [generic-write]
        upstream: up
        tls: {mode: required, minVersion: TLSv1.3}
      disabled:
        address: "127.0.0.1:0"
        serves: [generic-write]
        upstream: up
        tls: {mode: disabled}
      hasty:
        address: "127.0.0.1:0"
        serves: [generic-write]
        upstream: up
        clients: {handshakeTimeout: 200ms, headerTimeout: 200ms}
      restless:
        address: "127.0.0.1:0"
        serves: [generic-write]
        upstream: up
        clients: {idleTimeout: 300ms}
      brisk:
        address: "127.0.0.1:0"
        serves: [generic-write]
        upstream: up
        clients: {headerTimeout: 300ms}
      http1:
        address: "127.0.0.1:0"
        serves: [generic-write]
        upstream: up
        clients: {http2: false}
      small:
        address: "127.0.0.1:0"
        serves: [generic-write]
        upstream: up
        clients: {maxConnections: 2}
    """
        .formatted(port);
  }

  @AfterEach
  void forget() throws IOException {
    harness.dropUpstreams(upstream);
  }

  @AfterAll
  static void stop() throws IOException {
    harness.close();
    upstream.close();
  }

  // ---- TLS

  @ParameterizedTest
  @CsvSource({"optional, TLSv1.2", "optional, TLSv1.3", "required, TLSv1.3"})
  void speaksWhatAlpnAgreedOn(String listener, String version) throws IOException {
    try (H2Wire h2 =
            H2Wire.client(Wire.connectTls(harness.port(listener), harness.trust(), "h2", version));
        Wire h1 = Wire.connectTls(harness.port(listener), harness.trust(), "http/1.1", version)) {
      assertThat(h2.message(h2.request(harness.http2With("no", "GET", "/x"), true)).status())
          .isEqualTo(401);
      h1.write(harness.http1With("no", "GET", "/x"));
      assertThat(h1.readHead().status()).isEqualTo(401);
      assertThat(((SSLSocket) h1.socket).getApplicationProtocol()).isEqualTo("http/1.1");
    }
  }

  @ParameterizedTest
  @CsvSource({"optional, TLSv1.2", "optional, TLSv1.3", "required, TLSv1.3"})
  void http2OverTlsWithoutAlpnWorksAsBehindALoadBalancer(String listener, String version)
      throws IOException {
    int port = harness.port(listener);
    try (H2Wire h2 = H2Wire.client(Wire.connectTlsWithoutAlpn(port, harness.trust(), version));
        Wire h1 = Wire.connectTlsWithoutAlpn(port, harness.trust(), version);
        Wire stranger = Wire.connectTls(port, harness.trust(), "grpc-exp", version)) {
      assertThat(h2.message(h2.request(harness.http2With("no", "GET", "/x"), true)).status())
          .isEqualTo(401);
      for (byte b : GatewayHarness.ascii(harness.http1With("no", "POST", "/x"))) {
        h1.write(new byte[] {b});
      }
      assertThat(h1.readHead().status()).isEqualTo(401);
      // what ALPN could not agree on is as good as no ALPN
      H2Wire other = H2Wire.client(stranger);
      assertThat(other.message(other.request(harness.http2With("no", "GET", "/x"), true)).status())
          .isEqualTo(401);
    }
  }

  @Test
  void whatAlpnAgreedOnIsNotOverruledByThePreface() throws IOException {
    try (Wire h1 = Wire.connectTls(harness.port("required"), harness.trust(), "http/1.1")) {
      h1.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      assertThat(h1.readHead().status()).isEqualTo(400);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "P", "PRI", "PRI * HTTP/2.0\r\n"})
  void halfAPrefaceInsideTlsIsNotWaitedForLongerThanAHead(String begun) throws IOException {
    int port = harness.port("brisk");
    try (Wire client = Wire.connectTlsWithoutAlpn(port, harness.trust(), "TLSv1.3")) {
      client.write(begun);
      assertThat(client.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void aPortWithoutHttp2TakesNoPrefaceInsideTls() throws IOException {
    int port = harness.port("http1");
    try (Wire h2 = Wire.connectTlsWithoutAlpn(port, harness.trust(), "TLSv1.3")) {
      h2.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      assertThat(h2.isClosedByPeer()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"optional", "disabled"})
  void speaksBothVersionsInClearText(String listener) throws IOException {
    try (H2Wire h2 = H2Wire.connect(harness.port(listener));
        Wire h1 = Wire.connect(harness.port(listener))) {
      assertThat(h2.message(h2.request(harness.http2With("no", "GET", "/x"), true)).status())
          .isEqualTo(401);
      for (byte b : GatewayHarness.ascii(harness.http1With("no", "POST", "/x"))) {
        h1.write(new byte[] {b});
      }
      assertThat(h1.readHead().status()).isEqualTo(401);
    }
  }

  @Test
  void refusesWhatIsNotWanted() throws IOException {
    try (Wire clear = Wire.connect(harness.port("required"))) {
      clear.write(harness.http1("GET", "/x"));
      assertThat(clear.readHead().status()).isEqualTo(400);
      assertThat(clear.isClosedByPeer()).isTrue();
    }
    int required = harness.port("required");
    int disabled = harness.port("disabled");
    assertThatThrownBy(() -> Wire.connectTls(required, harness.trust(), "h2", "TLSv1.2"))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Wire.connectTls(disabled, harness.trust(), "h2"))
        .isInstanceOf(IOException.class);
  }

  @Test
  void showsANewCertificateToNewConnections() throws IOException {
    RawUpstream nobody = upstream;
    TestCa.Issued one = harness.ca.server("one.example");
    TestCa.Issued two = harness.ca.server("two.example");
    Path dir = Files.createTempDirectory("certificates");
    write(dir, "..1", one);
    Files.createSymbolicLink(dir.resolve("..data"), Path.of("..1"));
    Files.createSymbolicLink(dir.resolve("tls.crt"), Path.of("..data/tls.crt"));
    Files.createSymbolicLink(dir.resolve("tls.key"), Path.of("..data/tls.key"));
    String yaml = yaml(nobody.port()).replace("DIR/tls", dir + "/tls");
    try (GatewayHarness rotating = GatewayHarness.following(yaml)) {
      assertThat(shown(rotating)).isEqualTo(one.certificate());
      Wire before = Wire.connectTls(rotating.port("optional"), harness.trust(), "http/1.1");

      write(dir, "..2", two);
      Files.createSymbolicLink(dir.resolve("..next"), Path.of("..2"));
      Files.move(dir.resolve("..next"), dir.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);

      rotating.pollFiles();
      GatewayHarness.until(() -> shown(rotating).equals(two.certificate()));
      before.write(rotating.http1With("no", "GET", "/x"));
      assertThat(before.readHead().status()).isEqualTo(401);
      before.close();
    }
  }

  private static void write(Path dir, String name, TestCa.Issued issued) throws IOException {
    Path data = Files.createDirectory(dir.resolve(name));
    issued.writeCertificate(data.resolve("tls.crt"));
    issued.writeKey(data.resolve("tls.key"));
  }

  private static X509Certificate shown(GatewayHarness gateway) {
    try (Wire wire = Wire.connectTls(gateway.port("optional"), harness.trust(), "http/1.1")) {
      SSLSocket socket = (SSLSocket) wire.socket;
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  // ---- limits

  @ParameterizedTest
  @ValueSource(strings = {"", "P", "GET /x HTTP/1.1\r\nHost: a\r\nX-", "\u0016\u0003\u0001"})
  void closesClientsThatTakeTooLong(String begin) throws IOException {
    try (Wire client = Wire.connect(harness.port("hasty"))) {
      client.write(begin);
      assertThat(client.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void closesConnectionsWithoutRequests() throws IOException {
    try (Wire h1 = Wire.connect(harness.port("restless"));
        H2Wire h2 = H2Wire.connect(harness.port("restless"))) {
      h1.write(harness.http1With("no", "GET", "/x"));
      h1.readBody(h1.readHead());
      assertThat(h1.isClosedByPeer()).isTrue();
      assertThat(h2.awaitEnd()).isZero();
    }
  }

  @Test
  void takesSoManyConnectionsAtATime() throws IOException {
    try (Wire one = Wire.connect(harness.port("small"))) {
      one.write(harness.http1With("no", "GET", "/x"));
      one.readBody(one.readHead());
      try (Wire two = Wire.connect(harness.port("small"))) {
        two.write(harness.http1With("no", "GET", "/x"));
        two.readBody(two.readHead());
        try (Wire three = Wire.connect(harness.port("small"))) {
          three.write(harness.http1With("no", "GET", "/x"));
          assertThat(three.readHead().status()).isEqualTo(401);
          assertThat(one.isClosedByPeer()).isTrue();
        }
      }
      GatewayHarness.until(() -> answers("small"));
    }
  }

  private static boolean answers(String listener) {
    try (Wire wire = Wire.connect(harness.port(listener))) {
      wire.write(harness.http1With("no", "GET", "/x"));
      return wire.readHead().status() == 401;
    } catch (IOException closed) {
      return false;
    }
  }

  // ---- age and end

  @Test
  void asksOldConnectionsToGoWithoutLosingARequest() throws IOException {
    String old =
        yaml(upstream.port()) + "forwarding: {maxConnectionAge: 2s, drain: 1s, eventLoops: 1}\n";
    try (GatewayHarness aging = GatewayHarness.start(old);
        Wire h1 = Wire.connect(aging.port("disabled")).write(aging.http1("GET", "/one"));
        Wire up1 = upstream.accept();
        H2Wire h2 = H2Wire.connect(aging.port("disabled"))) {
      up1.readHead();
      int id = h2.request(aging.http2("GET", "/two"), true);
      Wire up2 = upstream.accept();
      up2.readHead();

      assertThat(h2.await(H2Wire.GOAWAY, 0).lastStream()).isEqualTo(Integer.MAX_VALUE);
      int late = h2.request(aging.http2With("no", "GET", "/late"), true);
      assertThat(h2.message(late).status()).isEqualTo(401);
      h2.credits = false; // they would meet a closed connection
      up2.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\ntwo");
      assertThat(h2.message(id).body()).asString().isEqualTo("two");
      assertThat(h2.awaitEnd()).isZero();
      try (H2Wire later = H2Wire.connect(aging.port("disabled"))) {
        later.await(
            H2Wire.GOAWAY, 0); // by now the first one is too old as well, whatever its age is
      }

      up1.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\none");
      Wire.Head head = h1.readHead();
      assertThat(head.has("connection: close")).isTrue();
      assertThat(h1.readBody(head)).asString().isEqualTo("one");
      assertThat(h1.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void finishesWhatRunsWhenItStops() throws Exception {
    String yaml = yaml(upstream.port()) + "forwarding: {drain: 20s, eventLoops: 1}\n";
    try (GatewayHarness ending = GatewayHarness.start(yaml);
        H2Wire h2 = H2Wire.connect(ending.port("disabled"));
        Wire h1 = Wire.connect(ending.port("disabled"));
        Wire idle = Wire.connect(ending.port("disabled"))) {
      int port = ending.port("disabled");
      idle.write(ending.http1With("no", "GET", "/x"));
      idle.readBody(idle.readHead());
      int id = h2.request(ending.http2("GET", "/two"), true);
      Wire up2 = upstream.accept();
      up2.readHead();
      h1.write(ending.http1("GET", "/one"));
      Wire up1 = upstream.accept();
      up1.readHead();

      Thread stopping = new Thread(ending::stop);
      stopping.start();
      GatewayHarness.until(() -> !ending.gateway.isReady());
      assertThat(h2.await(H2Wire.GOAWAY, 0).code()).isZero();
      assertThat(idle.isClosedByPeer()).isTrue();
      assertThatThrownBy(() -> Wire.connect(port)).isInstanceOf(ConnectException.class);

      h2.credits = false; // they would meet a closed connection
      up2.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo");
      assertThat(h2.message(id).body()).asString().isEqualTo("two");
      up1.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none");
      assertThat(h1.readBody(h1.readHead())).asString().isEqualTo("one");
      assertThat(h1.isClosedByPeer()).isTrue();
      assertThat(h2.awaitEnd()).isZero();
      stopping.join(30_000);
      assertThat(stopping.isAlive()).isFalse();
    }
  }
}
