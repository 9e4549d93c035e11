package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that two servers might read differently: refused, and the connection closed. */
class SmugglingIT {
  private static RawUpstream upstream;
  private static GatewayHarness harness;

  @BeforeAll
  static void start() throws IOException {
    upstream = RawUpstream.open();
    harness =
        GatewayHarness.start(
            """
            upstreams: {up: {url: "http://127.0.0.1:%d", protocol: http1}}
            listeners: {in: {address: "127.0.0.1:0", serves: [generic-write], upstream: up}}
            """
                .formatted(upstream.port()));
    // the decision is known from here on: what follows would be forwarded at once
    try (Wire client = Wire.connect(harness.port("in"))) {
      client.write(harness.http1("GET", "/first"));
      Wire wire = upstream.accept();
      wire.readHead();
      wire.write("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(204);
      wire.close();
    }
  }

  @AfterAll
  static void stop() throws IOException {
    harness.close();
    upstream.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
        "Content-Length: 3\r\nContent-Length: 4",
        "Content-Length: 3, 4",
        "Content-Length: -3",
        "Content-Length: +3",
        "Content-Length: 0x3",
        "Content-Length: 99999999999999999999",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding : chunked",
        "Content-Length : 3",
        "X-A: b\nContent-Length: 3",
        "X-A: b\0c",
        "X A: b",
        ": b",
        ":path: /y",
        "Host: other"
      })
  void refusesAmbiguousFraming(String lines) throws IOException {
    try (Wire client = Wire.connect(harness.port("in"))) {
      client.write(harness.http1("POST", "/x", lines) + "3\r\nabc\r\n0\r\n\r\n");
      Wire.Head head = client.readHead();
      assertThat(head.status()).isEqualTo(400);
      assertThat(head.has("connection: close")).isTrue();
      assertThat(client.isClosedByPeer()).isTrue();
    }
    assertThat(harness.gateway.upstreamConnections()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CONNECT tempo.example:443",
        "CONNECT /x",
        "OPTIONS *",
        "GET *",
        "GET x",
        "GET ftp://a/x",
        "GET /x y",
        "G@T /x"
      })
  void refusesOtherTargets(String methodAndTarget) throws IOException {
    try (Wire client = Wire.connect(harness.port("in"))) {
      client.write(harness.http1("GET", "/x").replace("GET /x", methodAndTarget));
      assertThat(client.readHead().status()).isIn(400, 405);
    }
    assertThat(harness.gateway.upstreamConnections()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"zz\r\nabc", "-3\r\nabc", "fffffffffffffffff\r\nabc", "3\r\nabcde\r\n0\r\n\r\n"})
  void refusesChunksThatAreNone(String body) throws IOException {
    try (Wire client = Wire.connect(harness.port("in"))) {
      client.write(harness.http1("POST", "/x", "Transfer-Encoding: chunked") + body);
      Wire.Head head = client.readHead();
      assertThat(head.status()).isEqualTo(400);
      assertThat(client.isClosedByPeer()).isTrue();
    }
    harness.dropUpstreams(upstream);
  }

  @Test
  void unfoldsAFoldedLineOrRefusesIt() throws IOException {
    try (Wire client = Wire.connect(harness.port("in"))) {
      client.write(harness.http1("GET", "/x", "X-Folded: a\r\n b", "Connection: close"));
      GatewayHarness.until(() -> harness.gateway.upstreamConnections() > 0 || isReadable(client));
      if (harness.gateway.upstreamConnections() > 0) {
        Wire wire = upstream.accept();
        Wire.Head head = wire.readHead();
        assertThat(head.value("x-folded")).isEqualTo("a b");
        wire.close();
        client.readHead();
      } else {
        assertThat(client.readHead().status()).isEqualTo(400);
      }
    }
  }

  private static boolean isReadable(Wire client) {
    try {
      return client.socket.getInputStream().available() > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void takesTheAuthorityOfAnAbsoluteTarget() throws IOException {
    try (Wire client = Wire.connect(harness.port("in"))) {
      client.write(harness.http1("GET", "/x").replace("GET /x", "GET http://other.example:80/y?z"));
      Wire wire = upstream.accept();
      Wire.Head head = wire.readHead();
      assertThat(head.first()).isEqualTo("GET /y?z HTTP/1.1");
      assertThat(head.value("host")).isEqualTo("other.example:80");
      wire.write("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(204);
      wire.close();
    }
    harness.dropUpstreams(upstream);
  }

  @Test
  void checksTheLengthOfAnH2Body() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("in"))) {
      int id = client.request(harness.http2("POST", "/x", "content-length", "10"), false);
      Wire wire = upstream.accept();
      assertThat(wire.readHead().value("content-length")).isEqualTo("10");
      client.data(id, new byte[5], true);
      assertThat(client.await(H2Wire.RST, id).code()).isEqualTo(1);
      assertThat(wire.isClosedByPeer()).isTrue();
      wire.close();
    }
    harness.dropUpstreams(upstream);
  }
}
