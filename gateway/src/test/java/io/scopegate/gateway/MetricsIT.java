package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.telemetry.LineLog;
import io.scopegate.gateway.telemetry.LogConfig;
import io.scopegate.gateway.telemetry.LogOutput;
import io.scopegate.gateway.telemetry.RequestRecord;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.gateway.telemetry.UsageLog;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Everything that is documented is really counted by a gateway that runs. */
final class MetricsIT {
  private static final String CONFIGURATION =
      """
      upstreams: {up: {url: "http://127.0.0.1:%d", protocol: http1}}
      listeners: {in: {address: "127.0.0.1:0", serves: [generic-read], upstream: up}}
      tls: {mode: optional, certificateFile: DIR/tls.crt, keyFile: DIR/tls.key}
      limits:
        defaults: {queriesPerSecond: 1000}
        store: {type: redis, url: "redis://127.0.0.1:1"}
      """;

  private GatewayHarness harness;
  private static final Set<String> OF_UPSTREAM_CHECKS =
      Set.of("scopegate_upstream_up", "scopegate_upstream_multitenant");

  /** There with the first request that is forwarded so, see {@link AuditOnlyIT}. */
  private static final Set<String> OF_AUDIT_ONLY =
      Set.of(
          "scopegate_would_refuse_total",
          "scopegate_would_limit_total",
          "scopegate_tenant_would_limit_total");

  /** Of queries that say what they cost, see {@link UsageIT}. */
  private static final String OF_QUERIES = "scopegate_tenant_query_";

  /** There once a server was checked, see {@link HealthCheckIT}. */
  private static final Set<String> OF_HEALTH_CHECKS = Set.of("scopegate_upstream_endpoint_check");

  /** There once a bound of concurrency is configured, see {@link ConcurrencyIT}. */
  private static final String OF_CONCURRENCY = "scopegate_upstream_concurrency_";

  private RawUpstream upstream;

  @Test
  void aRunningGatewayHasEveryMetricOfTheReference() throws IOException {
    try (LogOutput output = new LogOutput(OutputStream.nullOutputStream());
        RawUpstream up = RawUpstream.open()) {
      LineLog<RequestRecord> log =
          LineLog.ofRequests(output, LogConfig.Format.JSON, InstantSource.system());
      Telemetry telemetry = new Telemetry(log, 10, "test");
      telemetry.auditTo(LineLog.ofDecisions(output, LogConfig.Format.JSON, InstantSource.system()));
      telemetry.usageTo(new UsageLog(output, LogConfig.Format.JSON, InstantSource.system()));
      telemetry.logOutput(output);
      upstream = up;
      try (GatewayHarness h = GatewayHarness.start(CONFIGURATION.formatted(up.port()), telemetry)) {
        harness = h;
        passOneRequest();
        passOneRequest();
        assertThat(status(Wire.connect(harness.port("in")), "GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
            .isEqualTo(401);

        String page = scrape();

        Map<String, String> documented = new TreeMap<>(MetricsPage.documented());
        // upstreams that count their requests are not checked: see probe.UpstreamChecksIT
        documented.keySet().removeAll(OF_UPSTREAM_CHECKS);
        documented.keySet().removeAll(OF_AUDIT_ONLY);
        documented.keySet().removeAll(OF_HEALTH_CHECKS);
        documented.keySet().removeIf(name -> name.startsWith(OF_CONCURRENCY));
        documented.keySet().removeIf(name -> name.startsWith(OF_QUERIES));
        documented.remove("scopegate_tenant_refusals_total");
        assertThat(MetricsPage.scraped(page)).isEqualTo(documented);
        assertThat(page.lines())
            .contains(
                "scopegate_cache_entries{cache=\"access\"} 1.0",
                "scopegate_cache_lookups_total{cache=\"access\",result=\"stale\"} 0.0",
                "scopegate_cache_lookups_total{cache=\"tokens\",result=\"hit\"} 1.0",
                "scopegate_reviews_waiting 0.0",
                "scopegate_review_circuit_open 0.0",
                "scopegate_limit_store_up 0.0",
                "scopegate_ready 1.0",
                "scopegate_reloads_total{result=\"failed\",what=\"configuration\"} 0.0");
        // the first decision finds the answer to what was asked early, or waits for it
        assertThat(page.lines())
            .anyMatch(line ->
                line.matches(
                    "scopegate_cache_lookups_total\\{cache=\"access\",result=\"hit\"} [12]\\.0"));
      }
    }
  }

  /** Over a connection of its own, so that the caches are asked. */
  private void passOneRequest() throws IOException {
    try (Wire client = Wire.connect(harness.port("in"))) {
      client.write(harness.http1("GET", "/api/search", "Content-Length: 2") + "in");
      try (Wire up = upstream.accept()) {
        up.readBody(up.readHead());
        up.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        assertThat(client.readHead().status()).isEqualTo(200);
        assertThat(client.read(2)).asString(StandardCharsets.US_ASCII).isEqualTo("ok");
      }
    }
  }

  private static int status(Wire client, String request) throws IOException {
    try (client) {
      return client.write(request).readHead().status();
    }
  }

  private String scrape() throws IOException {
    harness.assertIdle();
    try (Wire admin = Wire.connect(harness.gateway.adminPort())) {
      admin.write("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      Wire.Head head = admin.readHead();
      return new String(admin.readBody(head), StandardCharsets.UTF_8);
    }
  }
}
