package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.MoodyServer.Mood;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that takes long gets few requests at a time, and nobody waits for ever. */
final class ConcurrencyIT {
  private static final int CLIENTS = 24;

  private MoodyServer server;
  private final List<Wire> clients = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    server = MoodyServer.http1();
  }

  @AfterEach
  void stop() throws IOException {
    for (Wire client : clients) {
      client.close();
    }
    server.close();
  }

  private String configuration(String more) {
    return """
    upstreams:
      up: {url: "http://127.0.0.1:%d", protocol: http1%s}
    listeners:
      in: {address: "127.0.0.1:0", serves: [tempo-query], upstream: up}
    """
        .formatted(server.port(), more);
  }

  private static String bound(String maxWait) {
    return ", concurrency: {initial: 2, min: 2, max: 2, maxWait: " + maxWait + "}";
  }

  private void ask(GatewayHarness gateway, int times) throws IOException {
    for (int i = 0; i < times; i++) {
      Wire client = Wire.connect(gateway.port("in"));
      clients.add(client);
      client.write(gateway.http1("GET", "/api/search"));
    }
  }

  private List<Wire.Head> answers() throws IOException {
    List<Wire.Head> all = new ArrayList<>();
    for (Wire client : clients) {
      Wire.Head head = client.readHead();
      client.readBody(head);
      all.add(head);
    }
    return all;
  }

  private static JsonObject shown(GatewayHarness gateway) throws IOException {
    try (Wire wire = Wire.connect(gateway.gateway.consolePort())) {
      wire.write("GET /api/upstreams HTTP/1.1\r\nHost: localhost\r\n\r\n");
      byte[] body = wire.readBody(wire.readHead());
      return new JsonObject(new String(body, StandardCharsets.UTF_8))
          .getJsonObject("upstreams")
          .getJsonArray("up")
          .getJsonObject(0)
          .getJsonObject("concurrency");
    }
  }

  @Test
  void whatDoesNotFitWaitsAndIsToldToComeBackWhenThatTakesTooLong() throws IOException {
    try (GatewayHarness gateway = GatewayHarness.start(configuration(bound("300ms")))) {
      server.become(Mood.SLOW);
      ask(gateway, CLIENTS);
      List<Wire.Head> all = answers();
      long served = all.stream().filter(head -> head.status() == 200).count();
      assertThat(served).isEqualTo(server.served()).isBetween(1L, (long) CLIENTS / 2);
      assertThat(all)
          .filteredOn(head -> head.status() != 200)
          .allSatisfy(head -> {
            assertThat(head.status()).isEqualTo(503);
            assertThat(head.value("retry-after")).isEqualTo("1");
          });
      JsonObject shown = shown(gateway);
      assertThat(shown.getInteger("limit")).isPositive();
      assertThat(shown.getInteger("queued")).isZero();
      assertThat(shown.getLong("dropped")).isEqualTo(CLIENTS - served);
      assertThat(gateway.metrics())
          .contains("scopegate_upstream_concurrency_dropped_total{endpoint=\"127.0.0.1:");
      GatewayHarness.until(() -> inFlight(gateway) == 0);
    }
  }

  private static int inFlight(GatewayHarness gateway) {
    try {
      return shown(gateway).getInteger("in_flight");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theBoundIsReloadedWhileRequestsWait() throws IOException {
    try (GatewayHarness gateway = GatewayHarness.following(configuration(bound("30s")))) {
      server.become(Mood.HANGING);
      ask(gateway, CLIENTS);
      GatewayHarness.until(() -> queued(gateway) > 0);
      gateway.reload(configuration(""));
      server.become(Mood.WELL);
      try (Wire client = Wire.connect(gateway.port("in"))) {
        client.write(gateway.http1("GET", "/api/search"));
        assertThat(client.readHead().status()).isEqualTo(200);
      }
      List<Wire.Head> all = answers();
      assertThat(all).as("those that waited are served by the old one").hasSize(CLIENTS);
      assertThat(all).filteredOn(head -> head.status() == 200).hasSizeGreaterThan(CLIENTS / 2);
    }
  }

  private static int queued(GatewayHarness gateway) {
    try {
      return shown(gateway).getInteger("queued");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
