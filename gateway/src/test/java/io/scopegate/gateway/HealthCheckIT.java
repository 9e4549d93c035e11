package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.scopegate.gateway.MoodyServer.Mood;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Servers that are asked whether they are well. Requests say nothing: passive health is off. */
final class HealthCheckIT {
  private static final String PASSIVE_OFF = "health: {failures: 0, silence: 0s, slowStart: 0s}";

  private final List<MoodyServer> servers = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    for (int i = 0; i < 3; i++) {
      servers.add(MoodyServer.http1());
    }
  }

  @AfterEach
  void stop() throws IOException {
    for (MoodyServer server : servers) {
      server.close();
    }
  }

  private GatewayHarness gateway(String check) throws IOException {
    return GatewayHarness.start(
        """
        upstreams:
          up: {url: "http://tempo:1", protocol: http1, endpoints: [%s], healthCheck: %s, %s}
        listeners:
          in: {address: "127.0.0.1:0", serves: [tempo-query], upstream: up}
        """
            .formatted(
                String.join(", ", servers.stream().map(it -> '"' + place(it) + '"').toList()),
                check,
                PASSIVE_OFF));
  }

  private static String place(MoodyServer server) {
    return "127.0.0.1:" + server.port();
  }

  private static double gauge(GatewayHarness gateway, String name, String endpoint) {
    return gateway
        .metrics()
        .lines()
        .filter(line -> line.startsWith(name + "{endpoint=\"" + endpoint + "\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .findFirst()
        .orElse(Double.NaN);
  }

  private static void read(GatewayHarness gateway, int times) throws IOException {
    try (Wire client = Wire.connect(gateway.port("in"))) {
      for (int i = 0; i < times; i++) {
        client.write(gateway.http1("GET", "/api/search"));
        Wire.Head head = client.readHead();
        client.readBody(head);
        assertThat(head.status()).as(head.text()).isEqualTo(200);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Mood.class,
      names = {"HANGING", "UNAVAILABLE", "GONE", "GARBAGE"})
  void whoFailsItsCheckIsLeftOutAndUsedAgainWhenItPasses(Mood mood) throws IOException {
    MoodyServer ill = servers.get(1);
    try (GatewayHarness gateway =
        gateway(
            "{interval: 100ms, timeout: 3s, failures: 1}"
                .replace("3s", mood == Mood.HANGING ? "200ms" : "3s"))) {
      GatewayHarness.until(
          () -> gauge(gateway, "scopegate_upstream_endpoint_check", place(ill)) == 1);

      ill.become(mood);
      GatewayHarness.until(
          () -> gauge(gateway, "scopegate_upstream_endpoint_usable", place(ill)) == 0);
      assertThat(gauge(gateway, "scopegate_upstream_endpoint_check", place(ill))).isZero();
      assertThat(gateway.metrics())
          .containsPattern(
              "left_out_total\\{endpoint=\"%s\",reason=\"check\",upstream=\"up\"} [1-9]"
                  .formatted(place(ill)));
      read(gateway, 60);

      ill.become(Mood.WELL);
      GatewayHarness.until(
          () -> gauge(gateway, "scopegate_upstream_endpoint_usable", place(ill)) == 1);
      int before = ill.served();
      read(gateway, 60);
      assertThat(ill.served() - before).isGreaterThan(5);
    }
  }

  private static List<JsonObject> shown(GatewayHarness gateway) throws IOException {
    try (Wire wire = Wire.connect(gateway.gateway.consolePort())) {
      wire.write("GET /api/upstreams HTTP/1.1\r\nHost: localhost\r\n\r\n");
      String body = new String(wire.readBody(wire.readHead()), StandardCharsets.UTF_8);
      return new JsonObject(body)
          .getJsonObject("upstreams").getJsonArray("up").stream()
              .map(JsonObject.class::cast)
              .toList();
    }
  }

  @Test
  void theConsoleShowsWhatChecksHaveFound() throws IOException {
    try (GatewayHarness gateway = gateway("{interval: 100ms, timeout: 5s, failures: 1}")) {
      for (MoodyServer server : servers) {
        GatewayHarness.until(
            () -> gauge(gateway, "scopegate_upstream_endpoint_check", place(server)) == 1);
      }
      MoodyServer ill = servers.get(2);
      ill.become(Mood.UNAVAILABLE);
      GatewayHarness.until(
          () -> gauge(gateway, "scopegate_upstream_endpoint_usable", place(ill)) == 0);

      List<JsonObject> shown = shown(gateway);
      assertThat(shown)
          .extracting(
              one -> one.getString("endpoint"),
              one -> one.getString("check"),
              one -> one.getDouble("usable"))
          .containsExactly(
              tuple(place(servers.get(0)), "passes", 1.0),
              tuple(place(servers.get(1)), "passes", 1.0),
              tuple(place(ill), "fails", 0.0));
      assertThat(shown.get(2).getLong("left_out")).isPositive();
    }
  }

  @Test
  void withoutChecksTheConsoleShowsNone() throws IOException {
    try (GatewayHarness gateway = gateway("null")) {
      assertThat(shown(gateway))
          .hasSize(3)
          .allSatisfy(one ->
              assertThat(one.fieldNames())
                  .containsExactly("endpoint", "usable", "requests", "failures", "left_out"));
    }
  }

  @Test
  void allAreUsedWhenTooFewPass() throws IOException {
    try (GatewayHarness gateway = gateway("{interval: 100ms, path: /metrics-of-none, port: 1}")) {
      for (MoodyServer server : servers) {
        GatewayHarness.until(
            () -> gauge(gateway, "scopegate_upstream_endpoint_check", place(server)) == 0);
      }
      read(gateway, 60);
      for (MoodyServer server : servers) {
        assertThat(server.served()).isGreaterThan(5);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void realServersPass(Kind kind) throws IOException {
    try (TempoStandIn tempo = TempoStandIn.start();
        GatewayHarness gateway =
            GatewayHarness.start(
                """
                upstreams:
                  up:
                    url: "http://tempo:1"
                    endpoints: ["127.0.0.1:%d"]
                    healthCheck: {type: %s, path: /ready, interval: 100ms, timeout: 5s}
                listeners:
                  in: {address: "127.0.0.1:0", serves: [tempo-query], upstream: up}
                """
                    .formatted(tempo.queryPort(), kind.name().toLowerCase(Locale.ROOT)))) {
      String endpoint = "127.0.0.1:" + tempo.queryPort();
      GatewayHarness.until(
          () -> gauge(gateway, "scopegate_upstream_endpoint_check", endpoint) == 1);
    }
  }

  private enum Kind {
    HTTP,
    GRPC
  }
}
