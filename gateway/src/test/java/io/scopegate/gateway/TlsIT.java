package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.config.PemFiles;
import io.scopegate.testkit.TestCa;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which certificate whom, which versions and suites, and tokens in clear text. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TlsIT {
  private static final int ALERT = 0x15;
  private static final int FATAL = 2;

  @TempDir private static Path directory;
  private final TestCa ca = TestCa.create();
  private final TestCa.Issued byDefault = ca.server();
  private final TestCa.Issued traces = ca.named("traces.example.com", "Upper.Example.com");
  private final TestCa.Issued wildcard = ca.named("*.tenants.example.com");
  private final TestCa.Issued own = ca.client("scopegate");
  private TlsUpstream upstream;
  private GatewayHarness harness;
  private double failedBefore;
  private double okBefore;

  @BeforeAll
  void start() throws IOException {
    upstream = TlsUpstream.open(ca, 100);
    writeAll();
    harness = GatewayHarness.following(yaml());
  }

  private void writeAll() {
    write("default", byDefault);
    write("traces", traces);
    write("wildcard", wildcard);
    write("own", own);
    ca.writePem(file("ca.crt"));
  }

  /** Nobody is connected, and what was counted is known. */
  @BeforeEach
  void begin() throws IOException {
    upstream.drop();
    GatewayHarness.until(() -> harness.gateway.clientConnections() == 0);
    GatewayHarness.until(() -> harness.gateway.upstreamConnections() == 0);
    upstream.serials().clear();
    failedBefore = reloads("failed");
    okBefore = reloads("ok");
  }

  @AfterEach
  void restore() throws IOException {
    writeAll();
    harness.reload(yaml());
  }

  @AfterAll
  void stop() throws IOException {
    harness.close();
    upstream.close();
  }

  private String yaml() {
    return """
    upstreams:
      up:
        url: "https://localhost:%1$d"
        protocol: http1
        tls: {caFile: "%2$s/ca.crt", certificateFile: "%2$s/own.crt", keyFile: "%2$s/own.key"}
    tls:
      mode: optional
      certificateFile: "%2$s/default.crt"
      keyFile: "%2$s/default.key"
      clientCaFile: "%2$s/ca.crt"
      certificates:
        - {certificateFile: "%2$s/traces.crt", keyFile: "%2$s/traces.key"}
        - {certificateFile: "%2$s/wildcard.crt", keyFile: "%2$s/wildcard.key"}
    listeners:
      open: {address: "127.0.0.1:0", serves: [generic-read], upstream: up}
      reads:
        address: "127.0.0.1:0"
        routes:
          - {serves: [tempo-query], upstream: up}
          - {serves: [otlp-http], upstream: up}
        tls: {clearTextTokens: reads}
      none:
        address: "127.0.0.1:0"
        serves: [generic-read]
        upstream: up
        tls: {clearTextTokens: refuse}
      new:
        address: "127.0.0.1:0"
        serves: [generic-read]
        upstream: up
        tls: {mode: required, minVersion: TLSv1.3, certificates: []}
      jdk:
        address: "127.0.0.1:0"
        serves: [generic-read]
        upstream: up
        tls: {certificateFile: "%3$s", keyFile: "%4$s", certificates: []}
    """
        .formatted(
            upstream.port(),
            directory,
            TestFiles.resource("tls/ed25519.crt"),
            TestFiles.resource("tls/ed25519.key"));
  }

  private Path file(String name) {
    return directory.resolve(name);
  }

  private void write(String name, TestCa.Issued issued) {
    issued.writeCertificate(file(name + ".crt"));
    issued.writeKey(file(name + ".key"));
  }

  // ---- names

  @ParameterizedTest
  @CsvSource({
    "traces.example.com, traces",
    "TRACES.example.com, traces",
    "upper.example.com, traces",
    "acme.tenants.example.com, wildcard",
    "a.b.tenants.example.com, default",
    "tenants.example.com, default",
    "example.org, default",
    ", default"
  })
  void theNameThatIsAskedForChoosesTheCertificate(@Nullable String name, String chosen)
      throws IOException {
    for (String protocol : List.of("h2", "http/1.1")) {
      for (String version : List.of("TLSv1.2", "TLSv1.3")) {
        assertThat(shown("open", name, protocol, version))
            .isEqualTo(PemFiles.certificates(file(chosen + ".crt")).get(0));
      }
    }
  }

  @Test
  void aCertificateAmongSeveralIsFollowedToo() throws IOException {
    write("traces", ca.named("other.example.com"));
    harness.pollFiles();

    X509Certificate now = PemFiles.certificates(file("traces.crt")).get(0);
    assertThat(shown("open", "other.example.com", "h2", "TLSv1.3")).isEqualTo(now);
    assertThat(shown("open", "traces.example.com", "h2", "TLSv1.3"))
        .isEqualTo(byDefault.certificate());
  }

  @Test
  void aNewCertificateWithTheNameOfAnotherIsNotTaken() throws IOException {
    write("traces", ca.named("*.tenants.example.com"));
    harness.pollFiles();

    assertThat(shown("open", "traces.example.com", "h2", "TLSv1.3"))
        .isEqualTo(traces.certificate());
    assertThat(reloads("failed") - failedBefore).isEqualTo(3); // of the listeners that have several
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "\u0016\u0003\u0001\u0040\u0001", "\u0016\u0003\u0001\u0000\u0005abcde"})
  void whatIsNoHelloIsDroppedAndNothingIsHeld(String bytes) throws IOException {
    try (Wire wire = Wire.connect(harness.port("open"))) {
      wire.write(bytes);
      wire.socket.shutdownOutput();
      assertThat(wire.isClosedByPeer()).isTrue();
    }
    GatewayHarness.until(() -> harness.gateway.clientConnections() == 0);
  }

  private X509Certificate shown(
      String listener, @Nullable String name, String protocol, String version) throws IOException {
    Wire plain = Wire.connect(harness.port(listener));
    SSLContext trust = GatewayHarness.trust(ca);
    try (SSLSocket socket =
        (SSLSocket) trust.getSocketFactory().createSocket(plain.socket, "localhost", 1, true)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {protocol});
      parameters.setProtocols(new String[] {version});
      if (name != null) {
        parameters.setServerNames(List.of(new SNIHostName(name)));
      }
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      assertThat(socket.getApplicationProtocol()).isEqualTo(protocol);
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  // ---- versions and suites

  @ParameterizedTest
  @CsvSource({
    "open, 0x0301, 0xC02F, 70",
    "open, 0x0302, 0xC02F, 70",
    "jdk, 0x0301, 0xC02F, 70",
    "jdk, 0x0302, 0xC02F, 70",
    "new, 0x0303, 0xC02F, 70",
    "open, 0x0303, 0xC013, 40",
    "jdk, 0x0303, 0xC013, 40"
  })
  void refusesOldVersionsAndSuites(String listener, String version, String suite, int alert)
      throws IOException {
    double before = failed("handshake", listener);
    try (Wire wire = Wire.connect(harness.port(listener))) {
      wire.write(hello(Integer.decode(version), Integer.decode(suite)));
      byte[] answer = wire.read(7);
      assertThat(answer[0]).isEqualTo((byte) ALERT);
      assertThat(answer[5]).isEqualTo((byte) FATAL);
      assertThat(answer[6]).isEqualTo((byte) alert);
      assertThat(wire.isClosedByPeer()).isTrue();
    }
    GatewayHarness.until(() -> failed("handshake", listener) == before + 1);
  }

  /** A ClientHello of TLS before 1.3 with one suite, for curve P-256. */
  private static byte[] hello(int version, int suite) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(body);
    out.writeShort(version);
    out.write(new byte[32]);
    out.writeByte(0); // no session
    out.writeShort(2);
    out.writeShort(suite);
    out.writeShort(0x0100); // no compression
    byte[] extensions = {
      0,
      10,
      0,
      4,
      0,
      2,
      0,
      23, // P-256
      0,
      11,
      0,
      2,
      1,
      0, // uncompressed points
      0,
      13,
      0,
      8,
      0,
      6,
      4,
      3,
      4,
      1,
      8,
      7 // ECDSA, RSA and Ed25519
    };
    out.writeShort(extensions.length);
    out.write(extensions);
    ByteArrayOutputStream record = new ByteArrayOutputStream();
    DataOutputStream all = new DataOutputStream(record);
    all.writeByte(0x16);
    all.writeShort(0x0301);
    all.writeShort(body.size() + 4);
    all.writeInt(0x01000000 | body.size());
    all.write(body.toByteArray());
    return record.toByteArray();
  }

  // ---- clear text

  @ParameterizedTest
  @CsvSource({
    "open, GET, /api/search, 200",
    "reads, GET, /api/search, 200",
    "reads, POST, /v1/traces, 401",
    "none, GET, /api/search, 401"
  })
  void aTokenInClearTextIsTakenWhereItMayBe(String listener, String method, String path, int status)
      throws IOException {
    String request =
        harness.http1(method, path, "Content-Type: application/x-protobuf", "Content-Length: 0");
    try (Wire clear = Wire.connect(harness.port(listener));
        Wire tls = Wire.connectTls(harness.port(listener), trust(), "http/1.1")) {
      clear.write(request);
      Wire.Head head = clear.readHead();
      String body = new String(clear.readBody(head), StandardCharsets.UTF_8);
      assertThat(head.status()).isEqualTo(status);
      assertThat(body.contains("clear text")).isEqualTo(status == 401);
      tls.write(request);
      assertThat(tls.readHead().status()).isEqualTo(200);
    }
  }

  @Test
  void clearTextWhereTlsIsRequiredIsToldClosedAndCounted() throws IOException {
    double before = failed("clear_text", "new");
    try (Wire clear = Wire.connect(harness.port("new"))) {
      clear.write(harness.http1("GET", "/api/search"));
      assertThat(clear.readHead().status()).isEqualTo(400);
      assertThat(clear.isClosedByPeer()).isTrue();
    }
    GatewayHarness.until(() -> failed("clear_text", "new") == before + 1);
  }

  private double failed(String cause, String listener) {
    return counted(
        "scopegate_connections_failed_total{cause=\"%s\",listener=\"%s\""
            .formatted(cause, listener));
  }

  @Test
  void whatConnectionsSpeakIsCounted() throws IOException {
    List<String> all = List.of("TLSv1.2", "TLSv1.3", "clear_text");
    List<Double> before = all.stream().map(this::established).toList();

    SSLContext trust = trust();
    Wire.connectTls(harness.port("open"), trust, "h2", "TLSv1.2").close();
    Wire.connectTls(harness.port("open"), trust, "h2", "TLSv1.3").close();
    try (Wire clear = Wire.connect(harness.port("open"))) {
      assertThat(ask(clear, harness.http1("GET", "/api/search"))).isEqualTo(200);
    }

    List<Double> after = before.stream().map(count -> count + 1).toList();
    GatewayHarness.until(() -> all.stream().map(this::established).toList().equals(after));
  }

  private double established(String transport) {
    return counted(
        "scopegate_connections_established_total{listener=\"open\",transport=\""
            + transport
            + "\"");
  }

  private SSLContext trust() {
    return GatewayHarness.trust(ca);
  }

  private static int ask(Wire wire, String request) throws IOException {
    wire.write(request);
    Wire.Head head = wire.readHead();
    wire.readBody(head);
    return head.status();
  }

  // ---- files that change

  @Test
  void whatCannotBeUsedKeepsTheOneBefore() throws IOException {
    String whole = byDefault.certificatePem();
    Files.writeString(file("default.crt"), whole.substring(0, whole.length() / 2));
    harness.pollFiles();
    assertThat(shown("new", null, "h2", "TLSv1.3")).isEqualTo(byDefault.certificate());
    assertThat(reloads("failed") - failedBefore).isEqualTo(4); // all listeners but the JDK's

    TestCa.Issued next = ca.server();
    next.writeCertificate(file("default.crt"));
    harness.pollFiles();
    assertThat(shown("new", null, "h2", "TLSv1.3")).isEqualTo(byDefault.certificate());
    assertThat(reloads("failed") - failedBefore).isEqualTo(8); // the key is still the old one

    next.writeKey(file("default.key"));
    harness.pollFiles();
    assertThat(shown("new", null, "h2", "TLSv1.3")).isEqualTo(next.certificate());
    assertThat(reloads("ok") - okBefore).isEqualTo(4);
  }

  @Test
  void theMetricsTellWhenCertificatesEndAndWhoDoesTls() throws IOException {
    assertThat(ends("listeners.open.tls", "default.crt"))
        .isEqualTo(byDefault.certificate().getNotAfter().getTime() / 1_000.0);
    assertThat(ends("upstreams.up.tls", "own.crt")).isPositive();
    assertThat(counted("scopegate_tls_provider{provider=\"JDK\",used_by=\"listeners.jdk.tls\""))
        .isEqualTo(1);

    harness.reload(yaml().replace("tls: {mode: required", "tls: {mode: disabled"));

    assertThat(harness.metrics()).doesNotContain("used_by=\"listeners.new.tls\"");
  }

  private double ends(String usedBy, String name) {
    return counted(
        "scopegate_certificate_expiration_timestamp_seconds{file=\""
            + file(name)
            + "\",used_by=\""
            + usedBy);
  }

  private double reloads(String result) {
    return counted("scopegate_reloads_total{result=\"" + result + "\",what=\"certificates\"");
  }

  private double counted(String series) {
    return harness
        .metrics()
        .lines()
        .filter(line -> line.startsWith(series))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  // ---- towards the upstream

  @Test
  void anUpstreamSeesANewCertificateOnNewConnectionsAndOldOnesGoOn() throws IOException {
    String get = harness.http1("GET", "/api/search");
    try (Wire wire = Wire.connect(harness.port("open"))) {
      assertThat(ask(wire, get)).isEqualTo(200);
      write("own", ca.client("scopegate"));
      harness.pollFiles();
      assertThat(ask(wire, get)).isEqualTo(200);
      assertThat(upstream.serials()).hasSize(1); // over the connection that was open

      upstream.drop();
      GatewayHarness.until(() -> harness.gateway.upstreamConnections() == 0);
      assertThat(ask(wire, get)).isEqualTo(200);
      assertThat(upstream.serials())
          .hasSize(2)
          .contains(PemFiles.certificates(file("own.crt")).get(0).getSerialNumber());
    }
  }

  @Test
  void anUpstreamWithACertificateOfAnotherAuthorityIsNotReached() throws IOException {
    String get = harness.http1("GET", "/api/search");
    TestCa.create().writePem(file("ca.crt"));
    harness.pollFiles();
    try (Wire wire = Wire.connect(harness.port("open"))) {
      assertThat(ask(wire, get)).isEqualTo(503);
    }

    ca.writePem(file("ca.crt"));
    harness.pollFiles();
    GatewayHarness.until(() -> answers(get));
  }

  private boolean answers(String request) {
    try (Wire wire = Wire.connect(harness.port("open"))) {
      return ask(wire, request) == 200;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
