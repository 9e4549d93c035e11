package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many streams, few connections, peers that stop reading, and clients that flood. */
class ConnectionsIT {
  private static final int CANCEL = 8;
  private static final int ENHANCE_YOUR_CALM = 11;
  private static final int BIG = 8 << 20;

  /** Of the memory for bodies. */
  private static final int QUARTER = 256 << 10;

  /** A body that takes as much: each of its 16 frames costs 256 bytes more. */
  private static final int BODY = QUARTER - (4 << 10);

  private static RawUpstream h1;
  private static RawUpstream h2;
  private static GatewayHarness harness;

  @BeforeAll
  static void start() throws IOException {
    h1 = RawUpstream.open(64 << 10);
    h2 = RawUpstream.open(64 << 10);
    harness =
        GatewayHarness.start(
            """
            upstreams:
              h1: {url: "http://127.0.0.1:%1$d", protocol: http1}
              h2: {url: "http://127.0.0.1:%2$d", protocol: h2c, connections: {http2: 2}}
            listeners:
              h1: {address: "127.0.0.1:0", serves: [generic-write], upstream: h1}
              h2: {address: "127.0.0.1:0", serves: [generic-write], upstream: h2}
              quick:
                address: "127.0.0.1:0"
                serves: [generic-write]
                upstream: h1
                clients: {headerTimeout: 2s}
            forwarding: {drain: 10ms, eventLoops: 1, maxBytesInFlight: 1MiB}
            """
                .formatted(h1.port(), h2.port()));
  }

  @AfterEach
  void forget() throws IOException {
    harness.dropUpstreams(h1, h2);
    harness.assertIdle();
    GatewayHarness.until(() -> harness.gateway.clientConnections() == 0);
  }

  @AfterAll
  static void stop() throws IOException {
    harness.close();
    h1.close();
    h2.close();
  }

  // ---- streams

  @Test
  void carriesAThousandStreamsOnOneConnection() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h2"))) {
      List<Integer> ids = new ArrayList<>();
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int i = 0; i < 1000; i++) {
        ids.add(2 * i + 1);
        all.write(client.headerBytes(2 * i + 1, harness.http2("GET", "/" + i), true));
      }
      client.wire.write(all.toByteArray());
      H2Wire upstream = h2.acceptH2(H2Wire.MAX_STREAMS, 1000);
      List<H2Wire.Frame> opened = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        opened.add(upstream.opened());
      }
      assertThat(harness.gateway.exchanges()).isEqualTo(1000);
      for (H2Wire.Frame f : opened) {
        upstream.respond(f.stream(), f.field(":path"));
      }
      for (int i = 0; i < 1000; i++) {
        assertThat(client.message(ids.get(i)).body()).asString().isEqualTo("/" + i);
      }
    }
  }

  @Test
  void queuesWhatExceedsTheUpstreamsStreams() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h2"))) {
      for (int i = 0; i < 6; i++) {
        client.request(harness.http2("GET", "/" + i), true);
      }
      h2.serve(
          2,
          wire -> {
            H2Wire upstream = H2Wire.server(wire, H2Wire.MAX_STREAMS, 2);
            for (int running = 0; ; running--) {
              H2Wire.Frame f = upstream.opened();
              upstream.roundTrip(); // whatever was allowed has been opened by now
              assertThat(++running + upstream.waiting()).isLessThanOrEqualTo(2);
              upstream.respond(f.stream(), f.field(":path"));
            }
          });
      for (int i = 0; i < 6; i++) {
        assertThat(client.message(2 * i + 1).body()).asString().isEqualTo("/" + i);
      }
    }
  }

  @Test
  void goesElsewhereAfterGoAway() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h2"))) {
      int running = client.request(harness.http2("GET", "/running"), true);
      H2Wire first = h2.acceptH2();
      int up = first.opened().stream();
      first.goAway(up, 0);
      first.roundTrip();

      int next = client.request(harness.http2("GET", "/next"), true);
      H2Wire second = h2.acceptH2();
      second.respond(second.opened().stream(), "next");
      assertThat(client.message(next).body()).asString().isEqualTo("next");
      first.respond(up, "running");
      assertThat(client.message(running).body()).asString().isEqualTo("running");
      assertThat(first.wire.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void sendsStreamsAboveTheLastOfGoAwayOverANewConnection() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h2"))) {
      int id = client.request(harness.http2("POST", "/x"), true);
      H2Wire upstream = h2.acceptH2();
      upstream.opened();
      upstream.goAway(0, 0);
      upstream = h2.acceptH2();
      upstream.respond(upstream.opened().stream(), "ok");
      assertThat(client.message(id).status()).isEqualTo(200);
    }
  }

  @Test
  void tellsAWriteAboveTheLastOfGoAwayToRetryWhoseBodyIsGone() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h2"))) {
      int id = client.request(harness.grpc("/a.B/C"), false);
      client.data(id, new byte[5], true);
      H2Wire upstream = h2.acceptH2();
      upstream.await(H2Wire.DATA, upstream.opened().stream());
      upstream.goAway(0, 0);
      assertThat(client.message(id).grpcStatus()).isEqualTo("14");
    }
  }

  @Test
  void repeatsAGetWhoseConnectionClosedAtItsReuse() throws IOException {
    try (Wire client = Wire.connect(harness.port("h1"))) {
      for (String method : new String[] {"GET", "POST"}) {
        client.write(harness.http1("GET", "/first"));
        Wire upstream = h1.accept();
        upstream.readHead();
        upstream.write("HTTP/1.1 204 No Content\r\n\r\n");
        assertThat(client.readHead().status()).isEqualTo(204);

        client.write(harness.http1(method, "/again", "Content-Length: 0"));
        upstream.readHead();
        upstream.close();
        if (method.equals("GET")) {
          upstream = h1.accept();
          assertThat(upstream.readHead().first()).startsWith("GET /again");
          upstream.write("HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
          assertThat(client.readHead().status()).isEqualTo(201);
          upstream.close();
        } else {
          assertThat(client.readHead().status()).isEqualTo(503);
        }
      }
    }
  }

  // ---- peers that stop reading

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(strings = {"h1", "h2"})
  void holdsLittleForAClientThatStopsReading(String listener) throws Exception {
    byte[] body = random(BIG);
    serve(listener, body);
    try (H2Wire client = H2Wire.connect(harness.port(listener))) {
      client.credits = false;
      int id = client.request(harness.http2("GET", "/x"), true);
      H2Wire.Frame head = client.await(H2Wire.HEADERS, id);
      ByteArrayOutputStream got = new ByteArrayOutputStream();
      while (got.size() < 65_535) {
        got.write(client.await(H2Wire.DATA, id).payload());
      }
      client.roundTrip();
      assertThat(harness.gateway.bytesInFlight()).isLessThan(512 << 10);

      // another stream of the same connection is not held up by this one
      client.credit(0, BIG);
      int other = client.request(harness.http2With("nonsense", "GET", "/other"), true);
      assertThat(client.message(other).status()).isEqualTo(401);

      client.credits = true;
      client.credit(id, BIG);
      got.write(client.rest(id, head).body());
      assertThat(got.toByteArray()).isEqualTo(body);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"h1", "h2"})
  void holdsLittleForAnHttp1ClientThatStopsReading(String listener) throws Exception {
    byte[] body = random(BIG);
    serve(listener, body);
    try (Wire client = Wire.connect(harness.port(listener), 32 << 10)) {
      client.write(harness.http1("GET", "/x"));
      Wire.Head head = client.readHead();
      try (Wire other = Wire.connect(harness.port(listener))) {
        other.write(harness.http1With("nonsense", "GET", "/x"));
        assertThat(other.readHead().status()).isEqualTo(401);
      }
      assertThat(harness.gateway.bytesInFlight()).isLessThan(512 << 10);
      assertThat(client.readBody(head)).isEqualTo(body);
    }
  }

  private static void serve(String upstream, byte[] body) {
    if (upstream.equals("h1")) {
      h1.serve(
          1,
          wire -> {
            wire.readHead();
            wire.write("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n");
            wire.write(body);
            wire.isClosedByPeer();
          });
    } else {
      h2.serve(
          1,
          wire -> {
            H2Wire up = H2Wire.server(wire);
            int id = up.opened().stream();
            up.headers(
                id, H2Wire.fields(":status", "200", "content-length", "" + body.length), false);
            up.data(id, body, true);
            up.awaitEnd();
          });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"h1", "h2"})
  void holdsLittleForAnUpstreamThatStopsReading(String listener) throws Exception {
    byte[] body = random(BIG);
    try (H2Wire client = H2Wire.connect(harness.port(listener))) {
      int id = client.request(harness.http2("POST", "/x", "content-length", "" + BIG), false);
      Wire up1 = listener.equals("h1") ? h1.accept() : null;
      H2Wire up2 = up1 == null ? h2.acceptH2() : null;
      if (up2 != null) {
        up2.credits = false;
      }
      Thread sender =
          new Thread(() -> {
            try {
              client.data(id, body, true);
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          });
      sender.start();
      GatewayHarness.until(() -> harness.gateway.bytesInFlight() > 100_000);
      assertThat(harness.gateway.bytesInFlight()).isLessThan(512 << 10);

      byte[] got;
      if (up1 != null) {
        got = up1.readBody(up1.readHead());
        up1.write("HTTP/1.1 204 No Content\r\n\r\n");
      } else {
        H2Wire.Frame opened = up2.opened();
        up2.credits = true;
        up2.credit(0, BIG);
        up2.credit(opened.stream(), BIG);
        got = up2.rest(opened.stream(), opened).body();
        up2.headers(opened.stream(), H2Wire.fields(":status", "204"), true);
      }
      sender.join(30_000);
      assertThat(got).isEqualTo(body);
      assertThat(client.message(id).status()).isEqualTo(204);
    }
  }

  @Test
  void refusesWhenTheBudgetIsSpentAndRecovers() throws Exception {
    List<H2Wire> clients = new ArrayList<>();
    ServiceAccount account = harness.kubernetes.serviceAccount("apps", "several");
    for (int i = 0; i < 5; i++) {
      harness.kubernetes.grant(account.subject(), Rule.writeTraces("tenant-" + i));
    }
    String token = harness.kubernetes.token(account);
    try {
      // five tenants with 256 KiB each: more than 1 MiB, less than one and a half
      H2Wire upstream = null;
      List<H2Wire.Frame> opened = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        H2Wire client = H2Wire.connect(harness.port("h2"));
        clients.add(client);
        int id =
            client.request(
                harness.http2With(token, "POST", "/" + i).set("x-scope-orgid", "tenant-" + i),
                false);
        if (upstream == null) {
          upstream = h2.acceptH2(H2Wire.INITIAL_WINDOW, 0);
        }
        opened.add(upstream.opened());
        client.roundTrip();
        client.data(id, new byte[BODY], true);
        client.roundTrip();
      }
      assertThat(harness.gateway.bytesInFlight()).isEqualTo(5 * QUARTER);

      H2Wire last = clients.get(0);
      assertThat(last.message(last.request(harness.grpc("/a.B/C"), true)).grpcStatus())
          .isEqualTo("14");
      assertThat(last.message(last.request(harness.http2("GET", "/x"), true)).status())
          .isEqualTo(503);

      upstream.credit(0, BIG);
      for (H2Wire.Frame f : opened) {
        upstream.credit(f.stream(), BIG);
        assertThat(upstream.rest(f.stream(), f).body()).hasSize(BODY);
        upstream.respond(f.stream(), "ok");
      }
      for (H2Wire client : clients) {
        assertThat(client.message(1).status()).isEqualTo(200);
      }
      int id = last.request(harness.http2("GET", "/x"), true);
      upstream.respond(upstream.opened().stream(), "", "content-length", "0");
      assertThat(last.message(id).status()).isEqualTo(200);
    } finally {
      for (H2Wire client : clients) {
        client.close();
      }
    }
  }

  @Test
  void oneTenantMayHoldNoMoreThanIsFree() throws Exception {
    try (H2Wire client = H2Wire.connect(harness.port("h2"))) {
      H2Wire upstream = null;
      List<H2Wire.Frame> opened = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        int id = client.request(harness.http2("POST", "/" + i), false);
        if (upstream == null) {
          upstream = h2.acceptH2(H2Wire.INITIAL_WINDOW, 0);
        }
        opened.add(upstream.opened());
        client.roundTrip();
        client.data(id, new byte[BODY], true);
        client.roundTrip();
      }

      H2Wire.Message refused = client.message(client.request(harness.grpc("/a.B/C"), true));

      assertThat(refused.grpcStatus()).isEqualTo("14");
      assertThat(refused.field("grpc-message")).contains("tenant acme holds its share");
      upstream.credit(0, BIG);
      for (H2Wire.Frame f : opened) {
        upstream.credit(f.stream(), BIG);
        assertThat(upstream.rest(f.stream(), f).body()).hasSize(BODY);
        upstream.respond(f.stream(), "ok");
      }
    }
  }

  // ---- floods

  @Test
  void letsAClientCancelAThousandStreams() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h1"))) {
      flood(client, 1000);
      client.roundTrip();
      assertThat(
              client.message(client.request(harness.http2With("no", "GET", "/x"), true)).status())
          .isEqualTo(401);
    }
  }

  @Test
  void closesAClientThatCancelsTenThousand() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h1"))) {
      assertThat(ended(client, () -> flood(client, 10_000))).isIn(-1, ENHANCE_YOUR_CALM);
    }
  }

  private static void flood(H2Wire client, int streams) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < streams; i++) {
      int id = 2 * i + 1;
      all.write(client.headerBytes(id, harness.http2With("no", "POST", "/x"), false));
      all.write(H2Wire.bytes(H2Wire.RST, 0, id, H2Wire.intBytes(CANCEL)));
    }
    client.wire.write(all.toByteArray());
    client.skipStreams(streams);
  }

  @Test
  void closesAClientThatMakesUsReset() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h1"))) {
      int code =
          ended(
              client,
              () -> {
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                for (int i = 0; i < 10_000; i++) {
                  int id = 2 * i + 1;
                  all.write(client.headerBytes(id, harness.http2With("no", "POST", "/x"), false));
                  all.write(H2Wire.bytes(H2Wire.WINDOW_UPDATE, 0, id, H2Wire.intBytes(0)));
                }
                client.wire.write(all.toByteArray());
              });
      assertThat(code).isIn(-1, ENHANCE_YOUR_CALM);
    }
  }

  @Test
  void closesAClientThatFloodsContinuations() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h1"))) {
      int code =
          ended(
              client,
              () -> {
                client.frame(H2Wire.HEADERS, 0, 1, client.block(harness.http2("GET", "/x")));
                byte[] none = H2Wire.bytes(H2Wire.CONTINUATION, 0, 1, new byte[0]);
                for (int i = 0; i < 10_000; i++) {
                  client.wire.write(none);
                }
              });
      assertThat(code).isIn(-1, ENHANCE_YOUR_CALM);
    }
  }

  @Test
  void closesAClientThatFloodsEmptyData() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h1"))) {
      int code =
          ended(
              client,
              () -> {
                int id = client.request(harness.http2With("no", "POST", "/x"), false);
                byte[] none = H2Wire.bytes(H2Wire.DATA, 0, id, new byte[0]);
                for (int i = 0; i < 10_000; i++) {
                  client.wire.write(none);
                }
              });
      assertThat(code).isIn(-1, ENHANCE_YOUR_CALM);
    }
  }

  @Test
  void closesAClientThatReadsNoAnswersToItsControlFrames() throws IOException {
    byte[] frame = H2Wire.bytes(H2Wire.SETTINGS, 0, 0, new byte[0]);
    byte[] many = new byte[frame.length * 1000];
    for (int i = 0; i < 1000; i++) {
      System.arraycopy(frame, 0, many, i * frame.length, frame.length);
    }
    Wire wire = Wire.connect(harness.port("quick"), 4 << 10);
    try (H2Wire client = H2Wire.client(wire)) {
      int code =
          ended(
              client,
              () -> {
                for (int i = 0; i < 2_000; i++) {
                  client.wire.write(many);
                }
              });
      assertThat(code).isIn(-1, ENHANCE_YOUR_CALM);
    }
  }

  /** What a flood comes to: the code of GOAWAY, or -1 when the connection was just cut. */
  private static int ended(H2Wire client, Flood flood) {
    try {
      flood.send();
    } catch (IOException cut) {
      return -1;
    }
    return client.awaitEnd();
  }

  private interface Flood {
    void send() throws IOException;
  }

  @Test
  void ignoresLateFramesOfAStreamThatWeReset() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h2"))) {
      int id = client.request(harness.http2("POST", "/x"), false);
      H2Wire upstream = h2.acceptH2();
      upstream.reset(upstream.opened().stream(), CANCEL);
      assertThat(client.await(H2Wire.RST, id).code()).isEqualTo(CANCEL);

      client.frame(H2Wire.DATA, 0, id, new byte[1000]);
      client.credit(id, 100);
      client.headers(id, H2Wire.fields("x-late", "1"), true);
      client.reset(id, CANCEL);
      client.roundTrip();

      int next = client.request(harness.http2("GET", "/x"), true);
      upstream.respond(upstream.opened().stream(), "ok");
      assertThat(client.message(next).status()).isEqualTo(200);
    }
  }
}
