package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Load balancers and probes that ask the port itself whether it is well, without a token. */
class HealthChecksIT {
  private static final String CHECK = "/grpc.health.v1.Health/Check";
  private static RawUpstream upstream;
  private static GatewayHarness harness;

  @BeforeAll
  static void start() throws IOException {
    upstream = RawUpstream.open();
    harness = GatewayHarness.start(yaml());
  }

  private static String yaml() {
    return """
    upstreams: {up: {url: "http://127.0.0.1:%d", protocol: http1}}
    listeners:
      checked:
        address: "127.0.0.1:0"
        serves: [tempo-query]
        upstream: up
        health: {grpc: true, paths: [/, /healthz]}
      generic:
        address: "127.0.0.1:0"
        serves: [generic-write]
        upstream: up
        health: {grpc: true, paths: [/healthz]}
      unchecked: {address: "127.0.0.1:0", serves: [tempo-query], upstream: up}
    """
        .formatted(upstream.port());
  }

  @AfterAll
  static void stop() throws IOException {
    assertThat(harness.gateway.upstreamConnections()).isZero();
    harness.close();
    upstream.close();
  }

  private static byte[] probe(H2Wire client, String service) throws IOException {
    int id =
        client.request(
            H2Wire.fields(
                ":method",
                "POST",
                ":scheme",
                "http",
                ":path",
                CHECK,
                ":authority",
                "gateway",
                "content-type",
                "application/grpc",
                "te",
                "trailers"),
            false);
    byte[] name = service.getBytes(StandardCharsets.US_ASCII);
    byte[] message = new byte[name.length == 0 ? 0 : name.length + 2];
    if (name.length > 0) {
      message[0] = 1 << 3 | 2;
      message[1] = (byte) name.length;
      System.arraycopy(name, 0, message, 2, name.length);
    }
    client.data(id, Spans.message(false, message), true);
    H2Wire.Message answer = client.message(id);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.grpcStatus()).isEqualTo("0");
    assertThat(answer.field("content-type")).isEqualTo("application/grpc");
    return answer.body();
  }

  @ParameterizedTest
  @CsvSource({"checked, ''", "checked, tempopb.StreamingQuerier", "generic, ''"})
  void grpcHealthProbeIsToldServing(String listener, String service) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port(listener))) {
      for (int i = 0; i < 3; i++) {
        assertThat(probe(client, service)).containsExactly(0, 0, 0, 0, 2, 8, 1);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"GET, /", "GET, /healthz", "HEAD, /", "GET, /?zone=a"})
  void aLoadBalancersGetIsAnswered200(String method, String path) throws IOException {
    try (Wire h1 = Wire.connect(harness.port("checked"));
        H2Wire h2 = H2Wire.connect(harness.port("checked"))) {
      for (int i = 0; i < 2; i++) {
        h1.write(method + " " + path + " HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n");
        Wire.Head head = h1.readHead();
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.value("content-length")).isEqualTo("2");
        if (method.equals("GET")) {
          assertThat(h1.readBody(head)).asString().isEqualTo("ok");
        }
      }
      int id =
          h2.request(
              H2Wire.fields(":method", method, ":scheme", "http", ":path", path, ":authority", "a"),
              true);
      assertThat(h2.message(id).status()).isEqualTo(200);
    }
  }

  @Test
  void nothingElseIsAnsweredWithoutAToken() throws IOException {
    try (Wire h1 = Wire.connect(harness.port("checked"))) {
      h1.write("POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
      assertThat(h1.readHead().status()).isIn(404, 405);
    }
    try (Wire h1 = Wire.connect(harness.port("checked"))) {
      h1.write("GET /api/search HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(h1.readHead().status()).isEqualTo(401);
    }
    try (Wire h1 = Wire.connect(harness.port("unchecked"));
        H2Wire h2 = H2Wire.connect(harness.port("unchecked"))) {
      h1.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(h1.readHead().status()).isEqualTo(404);
      H2Wire.Message call = h2.message(h2.request(harness.grpc(CHECK), true));
      assertThat(call.grpcStatus()).isEqualTo("12");
    }
    try (H2Wire h2 = H2Wire.connect(harness.port("checked"))) {
      H2Wire.Message watch =
          h2.message(h2.request(harness.grpc("/grpc.health.v1.Health/Watch"), true));
      assertThat(watch.grpcStatus()).isEqualTo("12");
    }
  }

  @Test
  void aDrainingGatewaySendsLoadBalancersElsewhere() throws Exception {
    String slow = yaml() + "forwarding: {drain: 20s, eventLoops: 1}\n";
    try (GatewayHarness ending = GatewayHarness.start(slow)) {
      int port = ending.port("checked");
      try (H2Wire before = H2Wire.connect(port)) {
        assertThat(probe(before, "")).endsWith(1);
        Thread stopping = new Thread(ending::stop);
        stopping.start();
        GatewayHarness.until(() -> !ending.gateway.isReady());
        assertThat(probe(before, "")).endsWith(2);
        try (Wire h1 = Wire.connect(port)) {
          h1.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
          Wire.Head head = h1.readHead();
          assertThat(head.status()).isEqualTo(503);
          assertThat(h1.readBody(head)).asString().isEqualTo("not ready");
        }
        stopping.join(30_000);
        assertThat(stopping.isAlive()).isFalse();
      }
    }
  }
}
