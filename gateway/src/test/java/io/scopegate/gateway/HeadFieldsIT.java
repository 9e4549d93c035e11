package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Heads and trailers of many tiny fields (the HTTP/2 bomb, CVE-2026-49975 and CVE-2026-47774, and
 * its HTTP/1.1 twin) on every port.
 */
class HeadFieldsIT {
  private static RawUpstream upstream;
  private static GatewayHarness harness;

  @BeforeAll
  static void start() throws IOException {
    upstream = RawUpstream.open();
    harness =
        GatewayHarness.start(
            """
            upstreams: {up: {url: "http://127.0.0.1:%d", protocol: http1}}
            listeners:
              in: {address: "127.0.0.1:0", serves: [generic-write], upstream: up}
            """
                .formatted(upstream.port()));
  }

  @AfterEach
  void forget() throws IOException {
    harness.dropUpstreams(upstream);
  }

  @AfterAll
  static void stop() throws IOException {
    harness.close();
    upstream.close();
  }

  static Stream<Named<ToIntFunction<GatewayHarness>>> ports() {
    return Stream.of(
        Named.of("tenants", h -> h.port("in")),
        Named.of("admin", h -> h.gateway.adminPort()),
        Named.of("console", h -> h.gateway.consolePort()));
  }

  private static String fields(int count) {
    return "a:\r\n".repeat(count);
  }

  private static Http2Headers http2(int count) {
    Http2Headers head =
        H2Wire.fields(
            ":method", "GET", ":scheme", "http", ":path", "/x", ":authority", "localhost");
    for (int i = 0; i < count; i++) {
      head.add("a", "");
    }
    return head;
  }

  @ParameterizedTest
  @MethodSource("ports")
  void aHeadOfThousandsOfFieldsIsAnswered431(ToIntFunction<GatewayHarness> port)
      throws IOException {
    for (int count : new int[] {129, 4_000}) {
      try (Wire client = Wire.connect(port.applyAsInt(harness))) {
        client.write("GET /x HTTP/1.1\r\nHost: localhost\r\n" + fields(count) + "\r\n");
        assertThat(client.readHead().status()).isEqualTo(431);
      }
    }
    for (int count : new int[] {129, 400}) {
      try (H2Wire client = H2Wire.connect(port.applyAsInt(harness))) {
        int id = client.request(http2(count), true);
        assertThat(client.await(H2Wire.HEADERS, id).field(":status")).isEqualTo("431");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ports")
  void aHeadOfAHundredFieldsIsRead(ToIntFunction<GatewayHarness> port) throws IOException {
    try (Wire client = Wire.connect(port.applyAsInt(harness));
        H2Wire client2 = H2Wire.connect(port.applyAsInt(harness))) {
      client.write("GET /x HTTP/1.1\r\nHost: localhost\r\n" + fields(100) + "\r\n");
      assertThat(client.readHead().status()).isIn(401, 404);
      int id = client2.request(http2(100), true);
      assertThat(client2.await(H2Wire.HEADERS, id).field(":status")).isIn("401", "404");
    }
  }

  @Test
  void trailersOfThousandsOfFieldsAreAnswered431() throws IOException {
    try (Wire client = Wire.connect(harness.port("in"))) {
      client.write(harness.http1("POST", "/x", "Transfer-Encoding: chunked"));
      client.write("1\r\nx\r\n0\r\n" + fields(4_000) + "\r\n");
      assertThat(client.readHead().status()).isEqualTo(431);
    }
    try (H2Wire client = H2Wire.connect(harness.port("in"))) {
      int id = client.request(harness.http2("POST", "/x"), false);
      Http2Headers trailers = H2Wire.fields();
      for (int i = 0; i < 400; i++) {
        trailers.add("a", "");
      }
      client.headers(id, trailers, true);
      assertThat(client.await(H2Wire.HEADERS, id).field(":status")).isEqualTo("431");
    }
    harness.assertIdle();
  }

  @Test
  void anUpstreamsHeadOfThousandsOfFieldsIsNotForwarded() throws IOException {
    try (Wire client = Wire.connect(harness.port("in"))) {
      client.write(harness.http1("GET", "/x"));
      Wire up = upstream.accept();
      up.readHead();
      up.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + fields(4_000) + "\r\n");
      assertThat(client.readHead().status()).isIn(502, 503);
    }
  }
}
