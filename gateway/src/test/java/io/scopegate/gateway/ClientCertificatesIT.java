package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.config.PemFiles;
import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import javax.net.ssl.SSLContext;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that show a certificate, over real sockets. */
final class ClientCertificatesIT {
  private static final String RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String TLS =
      "tls: {mode: optional, certificateFile: %s, keyFile: %s, clientCaFile: DIR/ca.crt}\n";
  private static final String BORINGSSL = TLS.formatted("DIR/tls.crt", "DIR/tls.key");

  private final RawUpstream upstream = open();
  private final GatewayHarness harness = GatewayHarness.following(yaml(BORINGSSL));

  ClientCertificatesIT() {
    grant(harness, Subject.user("jane"));
  }

  private static RawUpstream open() {
    try {
      return RawUpstream.open();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private String yaml(String tls) {
    return """
    upstreams: {up: {url: "http://127.0.0.1:%d", protocol: http1}}
    listeners: {in: {address: "127.0.0.1:0", serves: [generic-read], upstream: up}}
    """
            .formatted(upstream.port())
        + tls;
  }

  private static void grant(GatewayHarness harness, Subject who) {
    harness.kubernetes.grant(who, Rule.readTraces(GatewayHarness.TENANT));
  }

  @AfterEach
  void stop() throws IOException {
    upstream.reset();
    harness.close();
    upstream.close();
  }

  private void serve() {
    upstream.serve(
        3,
        wire -> {
          while (!wire.readHead().text().isEmpty()) {
            wire.write(RESPONSE);
          }
        });
  }

  private static String bare(String... lines) {
    StringBuilder head = new StringBuilder("GET /api/search HTTP/1.1\r\nHost: a\r\n");
    head.append("X-Scope-OrgID: " + GatewayHarness.TENANT + "\r\n");
    for (String line : lines) {
      head.append(line).append("\r\n");
    }
    return head.append("\r\n").toString();
  }

  private static int ask(Wire client, String request) throws IOException {
    client.write(request);
    Wire.Head head = client.readHead();
    client.readBody(head);
    return head.status();
  }

  private Wire connect(SSLContext tls) throws IOException {
    return Wire.connectTls(harness.port("in"), tls, "http/1.1");
  }

  @Test
  void aGoodCertificateIsAUser() throws IOException {
    serve();
    try (Wire jane = connect(harness.showing(harness.ca.client("jane")));
        Wire joe = connect(harness.showing(harness.ca.client("joe")))) {
      assertThat(ask(jane, bare())).isEqualTo(200);
      assertThat(ask(joe, bare())).isEqualTo(403);
      assertThat(ask(jane, bare())).isEqualTo(200);
    }
  }

  @Test
  void itsOrganizationsAreGroups() throws IOException {
    serve();
    grant(harness, Subject.group("ops"));
    try (Wire joe = connect(harness.showing(harness.ca.client("joe", "dev", "ops")))) {
      assertThat(ask(joe, bare())).isEqualTo(200);
    }
  }

  @Test
  void aSpiffeCertificateIsTheWorkloadOfItsUriAndOnOpenConnectionsToo() throws IOException {
    serve();
    String writer = "spiffe://example.org/ns/apps/sa/writer";
    grant(harness, Subject.user(writer));
    harness.reload(
        yaml(BORINGSSL.replace("clientCaFile", "clientUser: uri, clientGroups: ou, clientCaFile")));
    TestCa.Issued workload = harness.ca.workload("O=SPIRE, C=US", "uri:" + writer);
    TestCa.Issued several = harness.ca.workload("O=SPIRE", "uri:" + writer, "uri:spiffe://b/c");
    try (Wire one = connect(harness.showing(workload));
        Wire two = connect(harness.showing(several));
        Wire jane = connect(harness.showing(harness.ca.client("jane")))) {
      assertThat(ask(one, bare())).isEqualTo(200);
      assertThat(ask(two, bare())).isEqualTo(401);
      jane.write(bare());
      Wire.Head head = jane.readHead();
      assertThat(head.status()).isEqualTo(401);
      assertThat(jane.readBody(head)).asString().contains("one URI among its alternative names");

      harness.reload(yaml(BORINGSSL));
      assertThat(ask(jane, bare())).isEqualTo(200);
      assertThat(ask(one, bare())).isEqualTo(401);
    }
  }

  @Test
  void http2KnowsItToo() throws IOException {
    serve();
    SSLContext tls = harness.showing(harness.ca.client("jane"));
    try (H2Wire jane = H2Wire.client(Wire.connectTls(harness.port("in"), tls, "h2"))) {
      Http2Headers head =
          H2Wire.fields(
              ":method", "GET", ":scheme", "https", ":path", "/api/search", ":authority", "a");
      head.add("x-scope-orgid", GatewayHarness.TENANT);
      for (int i = 0; i < 3; i++) {
        assertThat(jane.message(jane.request(head, true)).status()).isEqualTo(200);
      }
    }
  }

  @Test
  void withoutACertificateATokenIsNeeded() throws IOException {
    serve();
    try (Wire nobody = connect(harness.trust());
        Wire clear = Wire.connect(harness.port("in"))) {
      for (Wire wire : new Wire[] {nobody, clear}) {
        assertThat(ask(wire, bare())).isEqualTo(401);
        assertThat(ask(wire, harness.http1("GET", "/api/search"))).isEqualTo(200);
      }
    }
  }

  @Test
  void aTokenCountsMoreThanACertificateEvenABadOne() throws IOException {
    serve();
    try (Wire jane = connect(harness.showing(harness.ca.client("jane")))) {
      assertThat(ask(jane, bare("Authorization: Bearer unknown"))).isEqualTo(401);
      assertThat(ask(jane, bare("Authorization: nonsense"))).isEqualTo(401);
      assertThat(ask(jane, bare("Authorization: Bearer " + harness.token))).isEqualTo(200);
      assertThat(ask(jane, bare())).isEqualTo(200);
      String other = bare().replace(GatewayHarness.TENANT, "other");
      assertThat(ask(jane, other)).isEqualTo(403);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void badCertificatesEndTheConnection(String version) throws IOException {
    X500Principal jane = new X500Principal("CN=jane");
    for (TestCa.Issued bad :
        new TestCa.Issued[] {
          TestCa.create().client(jane),
          harness.ca.client(jane, Instant.now().minusSeconds(60)),
          harness.ca.server()
        }) {
      SSLContext tls = harness.showing(bad);
      assertThatThrownBy(
              () -> {
                try (Wire wire = Wire.connectTls(harness.port("in"), tls, "http/1.1", version)) {
                  ask(wire, bare());
                  throw new AssertionError("let in");
                }
              })
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void otherAuthoritiesActOnOpenConnections() throws IOException {
    serve();
    TestCa.Issued old = harness.ca.client("jane");
    TestCa next = TestCa.create();
    try (Wire jane = connect(harness.showing(old))) {
      assertThat(ask(jane, bare())).isEqualTo(200);

      authorities(harness.ca.pem() + next.pem());
      assertThat(ask(jane, bare())).isEqualTo(200);

      authorities(next.pem());
      assertThat(ask(jane, bare())).isEqualTo(401);
      assertThat(ask(jane, harness.http1("GET", "/api/search"))).isEqualTo(200);
      try (Wire fresh = connect(harness.showing(next.client("jane")))) {
        assertThat(ask(fresh, bare())).isEqualTo(200);
      }

      harness.reload(yaml(BORINGSSL.replace(", clientCaFile: DIR/ca.crt", "")));
      assertThat(ask(jane, bare())).isEqualTo(401);
    }
  }

  private void authorities(String pem) throws IOException {
    Files.move(
        Files.writeString(harness.directory.resolve("next.crt"), pem),
        harness.directory.resolve("ca.crt"),
        StandardCopyOption.ATOMIC_MOVE);
    harness.reload(yaml(BORINGSSL));
  }

  @Test
  void aStreamEndsWhenItsCertificateIsNotTrustedAnyMore() throws IOException {
    try (Wire jane = connect(harness.showing(harness.ca.client("jane")))) {
      jane.write(bare());
      Wire up = upstream.accept();
      up.readHead();
      up.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
      jane.readHead();

      authorities(TestCa.create().pem());

      assertThat(jane.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void theJdkDoesTheSame() throws IOException {
    serve();
    harness.reload(
        yaml(
            TLS.formatted(
                TestFiles.resource("tls/ed25519.crt"), TestFiles.resource("tls/ed25519.key"))));
    SSLContext jane =
        harness.showing(
            harness.ca.client("jane"),
            PemFiles.certificates(TestFiles.resource("tls/ed25519.crt")).get(0));
    for (int i = 0; i < 3; i++) { // resumed from the second one on
      try (Wire wire = connect(jane)) {
        assertThat(ask(wire, bare())).isEqualTo(200);
      }
    }
  }
}
