package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A gateway that logs what it would refuse, and forwards it. */
final class AuditOnlyIT {
  private static final String RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private RawUpstream upstream;

  @BeforeEach
  void open() throws IOException {
    upstream = RawUpstream.open();
  }

  @AfterEach
  void close() throws IOException {
    upstream.close();
  }

  private String yaml(String all, String ofListener) {
    return """
    upstreams: {up: {url: "http://127.0.0.1:%d", protocol: http1}}
    listeners:
      in: {address: "127.0.0.1:0", serves: [tempo-query], upstream: up}
      other: {address: "127.0.0.1:0", serves: [tempo-query], upstream: up, enforce: %s}
    authorization: {enforce: %s}
    """
        .formatted(upstream.port(), ofListener, all);
  }

  @Test
  void aTokenThatMayNotComeInClearTextStaysRefused() throws IOException {
    String yaml =
        """
        upstreams: {up: {url: "http://127.0.0.1:%d", protocol: http1}}
        listeners: {in: {address: "127.0.0.1:0", serves: [tempo-query], upstream: up}}
        tls: {mode: optional, certificateFile: DIR/tls.crt, keyFile: DIR/tls.key, clearTextTokens: refuse}
        authorization: {enforce: audit}
        """
            .formatted(upstream.port());
    upstream.serve(1, wire -> wire.readHead()); // answers nobody
    try (GatewayHarness harness = GatewayHarness.start(yaml);
        Wire client = Wire.connect(harness.port("in"))) {
      String tenant = "X-Scope-OrgID: acme\r\n";
      String token = "Authorization: Bearer " + harness.token + "\r\n";

      assertThat(ask(client, "/api/search", tenant, token)).isEqualTo(401);

      GatewayHarness.until(() -> harness.metrics().contains("reason=\"unauthenticated\"} 1.0"));
      assertThat(harness.metrics()).doesNotContain("scopegate_would_refuse_total{");
    }
  }

  private static int ask(Wire client, String path, String... lines) throws IOException {
    client.write("GET " + path + " HTTP/1.1\r\nHost: a\r\n" + String.join("", lines) + "\r\n");
    Wire.Head head = client.readHead();
    client.readBody(head);
    return head.status();
  }

  @Test
  void forwardsForTheTenantAskedForAndSaysSoUntilItEnforces() throws IOException {
    upstream.serve(
        4,
        wire -> {
          for (Wire.Head head; !(head = wire.readHead()).text().isEmpty(); ) {
            assertThat(head.text().toLowerCase(Locale.ROOT))
                .contains("x-scope-orgid: foreign\n")
                .doesNotContain("authorization");
            wire.write(RESPONSE);
          }
        });
    String tenant = "X-Scope-OrgID: foreign\r\n";
    String forged = "Authorization: Bearer forged\r\n";
    try (GatewayHarness harness = GatewayHarness.following(yaml("audit", "deny"));
        Wire client = Wire.connect(harness.port("in"));
        Wire other = Wire.connect(harness.port("other"))) {
      String token = "Authorization: Bearer " + harness.token + "\r\n";

      assertThat(ask(client, "/api/search", tenant)).as("no token").isEqualTo(200);
      assertThat(ask(client, "/api/search", tenant, forged)).as("a bad one").isEqualTo(200);
      assertThat(ask(client, "/api/search", tenant, token)).as("no right").isEqualTo(200);
      assertThat(ask(client, "/api/search")).as("no tenant").isEqualTo(401);
      assertThat(ask(client, "/status/config", tenant)).as("not in the table").isEqualTo(404);
      assertThat(ask(other, "/api/search", tenant, token)).as("a closed port").isEqualTo(403);

      GatewayHarness.until(() -> harness.metrics().contains("reason=\"forbidden\"} 1.0"));
      assertThat(harness.metrics())
          .contains("\nscopegate_audit_only_listeners 1.0\n")
          .contains(
              "scopegate_would_refuse_total{endpoint=\"/api/search\",listener=\"in\","
                  + "reason=\"unauthenticated\"} 2.0")
          .contains(
              "scopegate_would_refuse_total{endpoint=\"/api/search\",listener=\"in\","
                  + "reason=\"forbidden\"} 1.0");

      harness.reload(yaml("deny", "audit"));
      assertThat(ask(client, "/api/search", tenant, token)).isEqualTo(403);
      assertThat(ask(other, "/api/search", tenant, token)).isEqualTo(200);
    }
  }
}
