package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.telemetry.LineLog;
import io.scopegate.gateway.telemetry.LogConfig;
import io.scopegate.gateway.telemetry.LogOutput;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.testkit.kubernetes.KubernetesStandIn;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lines of the audit log about real requests. */
final class AuditIT {
  private static final String CONFIGURATION =
      """
      upstreams:
        up: {url: "http://127.0.0.1:%d", protocol: http1}
      listeners:
        query: {address: "127.0.0.1:0", serves: [generic-read], upstream: up}
      """;

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final LogOutput output = new LogOutput(written);
  private final RawUpstream upstream;
  private GatewayHarness harness;

  AuditIT() throws IOException {
    upstream = RawUpstream.open();
  }

  private void start(String more) {
    Telemetry telemetry = new Telemetry(null, 10, "test");
    telemetry.auditTo(LineLog.ofDecisions(output, LogConfig.Format.JSON, InstantSource.system()));
    harness = GatewayHarness.start(CONFIGURATION.formatted(upstream.port()) + more, telemetry);
  }

  @AfterEach
  void close() throws IOException {
    harness.close();
    output.close();
    upstream.close();
  }

  /** All lines so far; nothing comes after the output is closed. */
  private List<JsonObject> lines() {
    output.close();
    String text = written.toString(StandardCharsets.UTF_8);
    assertThat(text).doesNotContain(harness.token).doesNotContain(harness.token.split("\\.")[2]);
    return text.lines().map(JsonObject::new).toList();
  }

  private List<String> decisions() {
    return lines().stream()
        .map(line -> line.getString("decision") + " " + line.getString("from"))
        .toList();
  }

  private int status(String request) throws IOException {
    try (Wire client = Wire.connect(harness.port("query"))) {
      return client.write(request).readHead().status();
    }
  }

  private void passTwo() throws IOException {
    try (Wire client = Wire.connect(harness.port("query"))) {
      for (int i = 0; i < 2; i++) {
        client.write(harness.http1("GET", "/api/search"));
        try (Wire up = upstream.accept()) {
          up.readHead();
          up.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
          assertThat(client.readHead().status()).isEqualTo(200);
          client.read(2);
        }
      }
    }
  }

  private void passAndRefuse() throws IOException {
    passTwo();
    assertThat(status(harness.http1("GET", "/a").replace("OrgID: acme", "OrgID: acme|other")))
        .isEqualTo(403);
    assertThat(status("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")).isEqualTo(401);
    assertThat(status(harness.http1With(harness.token + "x", "GET", "/a"))).isEqualTo(401);
    assertThat(status(harness.http1("GET", "/a").replace("OrgID: acme", "OrgID: a:b")))
        .isEqualTo(400);
    assertThat(status(harness.http1("GET", "/a/../b"))).isEqualTo(400);
  }

  @Test
  void allMeansEveryDecisionOfTheAccessStep() throws IOException {
    start("log: {audit: all}\n");
    passAndRefuse();

    List<JsonObject> lines = lines();
    assertThat(lines).extracting(line -> line.getString("type")).containsOnly("audit");
    assertThat(decisions())
        .containsExactly(
            "allow asked",
            "allow cache",
            "deny asked",
            "unauthenticated null",
            "unauthenticated asked",
            "tenant_invalid cache");
    JsonObject allowed = lines.get(1);
    assertThat(allowed.getString("user")).isEqualTo("system:serviceaccount:apps:writer");
    assertThat(allowed.getJsonArray("groups")).contains("system:serviceaccounts:apps");
    assertThat(allowed.getString("tenant")).isEqualTo("acme");
    assertThat(allowed.getString("tenant_source")).isEqualTo("header");
    assertThat(allowed.getString("operation")).isEqualTo("read");
    assertThat(allowed.getString("listener")).isEqualTo("query");
    assertThat(allowed.getString("client")).startsWith("127.0.0.1:");
    assertThat(allowed.getLong("authentication_age_ms")).isNotNegative();
    assertThat(lines.get(2).getString("tenant")).isEqualTo("acme|other");
    assertThat(lines.get(2).getString("reason")).contains("may not read tenant other");
  }

  @Test
  void deniedMeansRefusalsOnly() throws IOException {
    start("");
    passAndRefuse();

    assertThat(lines())
        .extracting(line -> line.getString("decision"))
        .containsExactly("deny", "unauthenticated", "unauthenticated", "tenant_invalid");
  }

  @Test
  void noneMeansNone() throws IOException {
    start("log: {audit: none}\n");
    passAndRefuse();

    assertThat(lines()).isEmpty();
  }

  @Test
  void aStreamWhoseRightIsGoneLeavesALine() throws IOException {
    start("authorization: {decisionCache: {allowedTtl: 100ms, deniedTtl: 100ms}}\n");
    ServiceAccount reader = harness.kubernetes.serviceAccount("apps", "reader");
    KubernetesStandIn.Grant grant =
        harness.kubernetes.grant(reader.subject(), Rule.readTraces(GatewayHarness.TENANT));
    String token = harness.kubernetes.token(reader);
    try (Wire client = Wire.connect(harness.port("query"))) {
      client.write(harness.http1With(token, "GET", "/api/search"));
      try (Wire up = upstream.accept()) {
        up.readHead();
        grant.revoke();

        assertThat(client.readHead().status()).isEqualTo(403);
      }
    }

    assertThat(lines())
        .singleElement()
        .satisfies(line -> {
          assertThat(line.getString("decision")).isEqualTo("deny");
          assertThat(line.getBoolean("revoked")).isTrue();
          assertThat(line.getString("user")).isEqualTo("system:serviceaccount:apps:reader");
        });
  }
}
