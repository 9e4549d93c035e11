package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.kubernetes.RequestKind;
import java.io.IOException;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rules of the configuration instead of reviews, with Kubernetes and without. */
final class StaticRulesIT {
  private static final String RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String WRITER =
      "{serviceAccount: apps/writer, tenants: [other, third], operations: [read]}";
  private static final String CERTIFICATES =
      "tls: {mode: required, certificateFile: DIR/tls.crt, keyFile: DIR/tls.key,"
          + " clientCaFile: DIR/ca.crt}\n";

  private RawUpstream upstream;

  @BeforeEach
  void open() throws IOException {
    upstream = RawUpstream.open();
  }

  @AfterEach
  void close() throws IOException {
    upstream.close();
  }

  private String yaml(String rules) {
    return """
    upstreams: {up: {url: "http://127.0.0.1:%d", protocol: http1}}
    listeners: {in: {address: "127.0.0.1:0", serves: [generic-read], upstream: up}}
    authorization: {static: [%s]}
    """
        .formatted(upstream.port(), rules);
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

  private static String request(String tenant, String... lines) {
    StringBuilder head = new StringBuilder("GET /api/search HTTP/1.1\r\nHost: a\r\n");
    head.append("X-Scope-OrgID: ").append(tenant).append("\r\n");
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

  private static String bearer(GatewayHarness harness) {
    return "Authorization: Bearer " + harness.token;
  }

  @Test
  void aRuleNeedsNoReviewAndReviewsDecideTheRest() throws IOException {
    serve();
    try (GatewayHarness harness = GatewayHarness.following(yaml(WRITER));
        Wire client = Wire.connect(harness.port("in"))) {
      String token = bearer(harness);
      assertThat(ask(client, request("other", token))).isEqualTo(200);
      assertThat(ask(client, request("other|third", token))).isEqualTo(200);
      assertThat(ask(client, request("other|" + GatewayHarness.TENANT, token))).isEqualTo(200);
      assertThat(ask(client, request("other|fourth", token))).isEqualTo(403);
      assertThat(ask(client, request("fourth", token))).isEqualTo(403);

      harness.reload(yaml(WRITER.replace("[other", "[fourth, other")));
      assertThat(ask(client, request("fourth", token))).isEqualTo(200);

      harness.reload(yaml(""));
      assertThat(ask(client, request("other", token))).isEqualTo(403);
      upstream.reset();
    }
  }

  @Test
  void aStreamEndsWhenItsRuleIsGoneAndGoesOnWhileItIsThere() throws IOException {
    try (GatewayHarness harness = GatewayHarness.following(yaml(WRITER));
        Wire client = Wire.connect(harness.port("in"))) {
      client.write(request("other", bearer(harness)));
      Wire up = upstream.accept();
      up.readHead();
      up.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
      client.readHead();
      client.read("2\r\nok\r\n".length());

      harness.reload(yaml(WRITER + ", {user: joe, tenants: [a], operations: [read]}"));
      assertQuiet(client);
      up.write("2\r\nok\r\n");
      client.read("2\r\nok\r\n".length());

      harness.reload(yaml("{user: joe, tenants: [a], operations: [read]}"));
      assertThat(client.isClosedByPeer()).isTrue();
      upstream.reset();
    }
  }

  /** Longer than it takes to decide about a stream anew. */
  private static void assertQuiet(Wire client) throws IOException {
    int patience = client.socket.getSoTimeout();
    client.socket.setSoTimeout(500);
    try {
      assertThat(client.socket.getInputStream().read()).as("nothing, and no end").isNotNegative();
      throw new AssertionError("something came");
    } catch (SocketTimeoutException quiet) {
      client.socket.setSoTimeout(patience);
    }
  }

  @Test
  void aStreamThatWouldBeAnothersEnds() throws IOException {
    String ids = "tenancy: {ids: {other: '7'}}\n";
    try (GatewayHarness harness = GatewayHarness.following(yaml(WRITER) + ids);
        Wire client = Wire.connect(harness.port("in"))) {
      client.write(request("other", bearer(harness)));
      Wire up = upstream.accept();
      assertThat(up.readHead().value("x-scope-orgid")).isEqualTo("7");
      up.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
      client.readHead();

      harness.reload(yaml(WRITER) + ids.replace("7", "8"));

      assertThat(client.isClosedByPeer()).isTrue();
      upstream.reset();
    }
  }

  @Test
  void withoutKubernetesCertificatesAndRulesAreEnough() throws IOException {
    serve();
    String rules =
        """
        {user: jane, tenants: [a], operations: [read]},
          {group: ops, tenants: ["*"], operations: [read]},
          {user: kim, tenants: [a], operations: [write]}\
        """;
    String off = "authentication: {kubernetes: {mode: off}}\n";
    try (GatewayHarness harness =
        GatewayHarness.following(
            yaml(rules) + off + CERTIFICATES + "tenancy: {source: [header, certificate]}\n")) {
      try (Wire jane = connect(harness, "CN=jane");
          Wire joe = connect(harness, "CN=joe, O=ops, OU=z");
          Wire kim = connect(harness, "CN=kim")) {
        assertThat(ask(jane, request("a"))).isEqualTo(200);
        assertThat(ask(jane, request("a|b"))).isEqualTo(403);
        assertThat(ask(jane, request("a", bearer(harness)))).isEqualTo(401);
        assertThat(ask(joe, request("a|b"))).isEqualTo(200);
        assertThat(ask(joe, request("z").replace("X-Scope-OrgID: z\r\n", ""))).isEqualTo(200);
        kim.write(request("a"));
        Wire.Head refused = kim.readHead();
        assertThat(refused.status()).isEqualTo(403);
        assertThat(new String(kim.readBody(refused), java.nio.charset.StandardCharsets.UTF_8))
            .contains("no rule of authorization.static");
      }
      assertThat(harness.kubernetes.requests().of(RequestKind.TOKEN_REVIEW)).isZero();
      assertThat(harness.kubernetes.requests().of(RequestKind.SUBJECT_ACCESS_REVIEW)).isZero();
      upstream.reset();
    }
  }

  private static Wire connect(GatewayHarness harness, String subject) throws IOException {
    return Wire.connectTls(
        harness.port("in"),
        harness.showing(harness.ca.client(new javax.security.auth.x500.X500Principal(subject))),
        "http/1.1");
  }
}
