package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Load balancers that say whom a connection is from, and others that only say so. */
class ProxyProtocolIT {
  private static final String CLIENT = "203.0.113.7";
  private static RawUpstream upstream;
  private static GatewayHarness harness;

  @BeforeAll
  static void start() throws IOException {
    upstream = RawUpstream.open();
    harness =
        GatewayHarness.start(
            """
            upstreams: {up: {url: "http://127.0.0.1:%d", protocol: http1}}
            tls: {mode: optional, certificateFile: DIR/tls.crt, keyFile: DIR/tls.key}
            listeners:
              balanced:
                address: "127.0.0.1:0"
                serves: [generic-write]
                upstream: up
                proxyProtocol: {from: ["127.0.0.0/8", "::1"]}
                clients: {handshakeTimeout: 60s} # longer than a client of this test waits
              elsewhere:
                address: "127.0.0.1:0"
                serves: [generic-write]
                upstream: up
                proxyProtocol: {from: ["192.0.2.0/24"]}
              hasty:
                address: "127.0.0.1:0"
                serves: [generic-write]
                upstream: up
                proxyProtocol: {from: ["127.0.0.1"]}
                clients: {handshakeTimeout: 300ms}
              one:
                address: "127.0.0.1:0"
                serves: [generic-write]
                upstream: up
                proxyProtocol: {from: ["127.0.0.1"]}
                clients: {maxConnectionsPerAddress: 1}
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

  private static byte[] v1(String family, String client) {
    String to = family.equals("TCP6") ? "2001:db8::2" : "192.0.2.2";
    return GatewayHarness.ascii("PROXY " + family + " " + client + " " + to + " 40000 443\r\n");
  }

  /** Version 2 with a field that nobody knows. */
  private static byte[] v2(int command, String client) throws IOException {
    byte[] from = InetAddress.getByName(client).getAddress();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(from);
    body.writeBytes(from);
    body.writeBytes(ByteBuffer.allocate(4).putShort((short) 40000).putShort((short) 443).array());
    body.writeBytes(new byte[] {(byte) 0xe0, 0, 3, 'a', 'b', 'c'});
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes("\r\n\r\n\0\r\nQUIT\n".getBytes(StandardCharsets.ISO_8859_1));
    all.write(0x20 | command);
    all.write(from.length == 4 ? 0x11 : 0x21);
    all.writeBytes(ByteBuffer.allocate(2).putShort((short) body.size()).array());
    all.writeBytes(body.toByteArray());
    return all.toByteArray();
  }

  private static byte[] header(int version, String client) throws IOException {
    return version == 2 ? v2(1, client) : v1(client.contains(":") ? "TCP6" : "TCP4", client);
  }

  private static void assertForwardedFor(Wire client, String expected) throws IOException {
    client.write(harness.http1("GET", "/x"));
    try (Wire up = upstream.accept()) {
      assertThat(up.readHead().value("x-forwarded-for")).isEqualTo(expected);
      up.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    assertThat(client.readHead().status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "1, false, 203.0.113.7",
    "1, true, 203.0.113.7",
    "2, false, 203.0.113.7",
    "2, true, 203.0.113.7",
    "1, false, 2001:db8:0:0:0:0:0:7",
    "2, true, 2001:db8:0:0:0:0:0:7"
  })
  void theClientsAddressIsTheOneThatTheLoadBalancerTells(int version, boolean tls, String address)
      throws IOException {
    try (Wire plain = Wire.connect(harness.port("balanced"))) {
      plain.write(header(version, address));
      Wire client =
          tls ? plain.startTls(harness.trust(), new String[] {"http/1.1"}, "TLSv1.3") : plain;
      assertForwardedFor(client, address);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aHeaderMayComeByteByByteAndTogetherWithHttp2(int version) throws IOException {
    try (Wire split = Wire.connect(harness.port("balanced"));
        Wire joined = Wire.connect(harness.port("balanced"))) {
      for (byte b : header(version, CLIENT)) {
        split.write(new byte[] {b});
      }
      assertForwardedFor(split, CLIENT);

      joined.write(header(version, CLIENT));
      H2Wire h2 = H2Wire.client(joined);
      assertThat(h2.message(h2.request(harness.http2With("no", "GET", "/x"), true)).status())
          .isEqualTo(401);
    }
  }

  @Test
  void healthChecksOfTheLoadBalancerAreItsOwn() throws IOException {
    byte[][] headers = {
      v2(0, CLIENT), GatewayHarness.ascii("PROXY UNKNOWN\r\n"), v2(0, "2001:db8::7")
    };
    for (byte[] header : headers) {
      try (Wire client = Wire.connect(harness.port("balanced"))) {
        client.write(header);
        assertForwardedFor(client, "127.0.0.1");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whoeverIsNotInTheListCannotSayWhoItIs(int version) throws IOException {
    try (Wire spoof = Wire.connect(harness.port("elsewhere"));
        Wire honest = Wire.connect(harness.port("elsewhere"))) {
      spoof.write(header(version, CLIENT)).write(harness.http1("GET", "/x"));
      assertThat(spoof.isClosedByPeer()).isTrue();
      assertForwardedFor(honest, "127.0.0.1");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PROXY TCP4 203.0.113.7 192.0.2.2 40000 99999\r\n",
        "PROXY TCP4 example.org 192.0.2.2 40000 443\r\n",
        "PROXY TCP4 203.0.113.7\r\n",
        "PROXY nonsense nonsense\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\r\n\r\n\0\r\nQUIT\n\u0031\u0011\0\u000cabcdefghijkl",
        "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u0001a"
      })
  void aLoadBalancerThatSendsNoValidHeaderIsClosed(String text) throws IOException {
    try (Wire client = Wire.connect(harness.port("balanced"))) {
      client.write(text);
      assertThat(client.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void aHeaderThatIsTooLongIsNotWaitedFor() throws IOException {
    try (Wire endless = Wire.connect(harness.port("balanced"));
        Wire huge = Wire.connect(harness.port("balanced"))) {
      endless.write("PROXY TCP4 " + "1".repeat(300));
      assertThat(endless.isClosedByPeer()).isTrue();
      huge.write("\r\n\r\n\0\r\nQUIT\n\u0021\u0011\u00ff\u00ff" + "1".repeat(5_000));
      assertThat(huge.isClosedByPeer()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "PROXY",
        "PROXY TCP4 203.0.113.7 ",
        "\r\n\r\n\0\r\nQUIT\n!\u0011",
        "\r\n\r\n\0\r\nQUIT\n!\u0011\u00ff\u00ff"
      })
  void halfAHeaderIsNotWaitedForLongerThanAHandshake(String begun) throws IOException {
    try (Wire client = Wire.connect(harness.port("hasty"))) {
      client.write(begun);
      assertThat(client.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void aSecondHeaderIsNoHttp() throws IOException {
    try (Wire client = Wire.connect(harness.port("balanced"))) {
      client.write(header(1, CLIENT)).write(header(1, "203.0.113.8"));
      assertThat(client.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void theCeilingPerAddressCountsClientsAndNotTheLoadBalancer() throws IOException {
    int port = harness.port("one");
    try (Wire first = Wire.connect(port);
        Wire other = Wire.connect(port);
        Wire again = Wire.connect(port)) {
      first.write(header(1, CLIENT));
      assertForwardedFor(first, CLIENT);
      other.write(header(2, "203.0.113.8"));
      assertForwardedFor(other, "203.0.113.8");
      again.write(header(2, CLIENT)).write(harness.http1("GET", "/x"));
      assertThat(again.isClosedByPeer()).isTrue();
    }
    GatewayHarness.until(() -> harness.gateway.clientConnections() == 0);
    try (Wire later = Wire.connect(port)) {
      later.write(header(1, CLIENT));
      assertForwardedFor(later, CLIENT);
    }
  }
}
