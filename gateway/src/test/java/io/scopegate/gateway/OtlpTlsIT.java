package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.http.TlsContext;
import io.scopegate.config.PemFiles;
import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.otlp.OtlpReceiver;
import io.scopegate.testkit.tempo.TempoStandIn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Receivers of OTLP that are called with a certificate, which is renewed. */
final class OtlpTlsIT {
  private static final String TRACED =
      "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  private final TempoStandIn tempo = TempoStandIn.start();
  private final TestCa authority = TestCa.create();
  @TempDir private Path files;
  private OtlpReceiver spans;
  private OtlpReceiver logs;
  private GatewayHarness harness;

  @BeforeEach
  void start() throws Exception {
    spans = receiver();
    logs = receiver();
    authority.writePem(files.resolve("ca.crt"));
    renew("first", Instant.now().plus(23, ChronoUnit.HOURS));
    harness = GatewayHarness.following(yaml(spans.url(), logs.url()));
  }

  @AfterEach
  void close() {
    harness.close();
    spans.close();
    logs.close();
    tempo.close();
  }

  private OtlpReceiver receiver() throws Exception {
    TestCa.Issued issued = authority.server();
    TlsContext.Identity identity =
        new TlsContext.Identity(
            List.of(issued.certificate()),
            PemFiles.privateKey(issued.writeKey(files.resolve("receiver.key"))));
    return OtlpReceiver.open(TlsContext.trusting(List.of(authority.certificate()), identity));
  }

  private void renew(String name, Instant until) {
    TestCa.Issued own = authority.client(new X500Principal("CN=" + name), until);
    own.writeCertificate(files.resolve("own.crt"));
    own.writeKey(files.resolve("own.key"));
  }

  private String yaml(String spansTo, String logsTo) {
    String tls =
        "tls: {caFile: \"%1$s/ca.crt\", certificateFile: \"%1$s/own.crt\", keyFile: \"%1$s/own.key\"}"
            .formatted(files);
    return """
    upstreams:
      query: {url: "http://127.0.0.1:%d", protocol: auto}
    listeners:
      query: {address: "127.0.0.1:0", serves: [tempo-query], upstream: query}
    tracing: {otlp: {endpoint: "%s", %s}}
    log: {audit: all, otlp: {endpoint: "%s", tenant: ops, %s}}
    """
        .formatted(tempo.queryPort(), spansTo, tls, logsTo, tls);
  }

  private void search() throws IOException {
    try (Wire client = Wire.connect(harness.port("query"))) {
      client.write(harness.http1("GET", "/api/search", TRACED));
      Wire.Head head = client.readHead();
      client.readBody(head);
      assertThat(head.status()).isEqualTo(200);
    }
  }

  private double expiry(String usedBy) {
    String line =
        harness
            .metrics()
            .lines()
            .filter(l -> l.startsWith("scopegate_certificate_expiration_timestamp_seconds{"))
            .filter(l -> l.contains("own.crt") && l.contains("used_by=\"" + usedBy + "\""))
            .findFirst()
            .orElseThrow();
    return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
  }

  private void assertExpiry(Instant until) {
    for (String usedBy : List.of("tracing.otlp.tls", "log.otlp.tls")) {
      assertThat((long) expiry(usedBy)).as(usedBy).isEqualTo(until.getEpochSecond());
    }
  }

  @Test
  void aRenewedCertificateIsUsedForTheNextExport() throws Exception {
    search();
    assertThat(spans.next().caller()).isEqualTo("CN=first");
    assertThat(logs.next().caller()).isEqualTo("CN=first");

    Instant until = Instant.now().plus(12, ChronoUnit.HOURS).truncatedTo(ChronoUnit.SECONDS);
    renew("second", until);
    harness.pollFiles();
    assertExpiry(until);
    assertThat(harness.metrics())
        .contains("scopegate_reloads_total{result=\"ok\",what=\"certificates\"} 2.0");
    search();
    assertThat(spans.next().caller()).isEqualTo("CN=second");
    assertThat(logs.next().caller()).isEqualTo("CN=second");
  }

  @Test
  void aHalfWrittenOneChangesNothing() throws Exception {
    authority.client("other").writeKey(files.resolve("own.key"));
    harness.pollFiles();
    assertThat(harness.metrics())
        .contains("scopegate_reloads_total{result=\"failed\",what=\"certificates\"} 2.0");
    search();
    assertThat(spans.next().caller()).isEqualTo("CN=first");
    assertThat(logs.next().caller()).isEqualTo("CN=first");
  }

  @Test
  void otherReceiversAreUsedWithoutARestartAndTheOldOnesGetTheRest() throws Exception {
    try (OtlpReceiver nextSpans = receiver();
        OtlpReceiver nextLogs = receiver()) {
      search();
      harness.reload(yaml(nextSpans.url(), nextLogs.url()));
      assertThat(spans.next().traces().getResourceSpansCount()).isEqualTo(1);
      assertThat(logs.next().logs().getResourceLogsCount()).isEqualTo(1);
      search();
      assertThat(nextSpans.next().path()).isEqualTo("/v1/traces");
      OtlpReceiver.Request sent = nextLogs.next();
      assertThat(sent.path()).isEqualTo("/v1/logs");
      assertThat(sent.header("X-Scope-OrgID")).isEqualTo("ops");
      harness.reload(yaml(nextSpans.url(), nextLogs.url()).replaceAll("(?m)^(tracing|log):.*", ""));
      assertThat(harness.metrics()).doesNotContain("used_by=\"log.otlp.tls\"");
      search();
    }
    for (String signal : List.of("logs", "traces")) {
      String sent =
          "scopegate_otlp_records_total{result=\"exported\",signal=\"%s\"} 2.0".formatted(signal);
      GatewayHarness.until(() -> harness.metrics().contains(sent));
    }
  }
}
