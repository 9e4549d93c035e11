package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.ClosedPort;
import io.scopegate.testkit.Fault;
import io.scopegate.testkit.kubernetes.RequestKind;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients are told when an upstream, a client or the decision fails or takes too long. */
class FailuresIT {
  private static final int CANCEL = 8;
  private static final int INTERNAL_ERROR = 2;
  private static final int REFUSED_STREAM = 7;
  private static final int DEADLINE_EXCEEDED = 4;
  private static final int UNAVAILABLE = 14;

  private static RawUpstream h1;
  private static RawUpstream h2;
  private static RawUpstream slow1;
  private static RawUpstream slow2;
  private static ClosedPort nobody;
  private static GatewayHarness harness;
  private static int accounts;

  @BeforeAll
  static void start() throws IOException {
    h1 = RawUpstream.open();
    h2 = RawUpstream.open();
    slow1 = RawUpstream.open();
    slow2 = RawUpstream.open();
    nobody = ClosedPort.any();
    harness =
        GatewayHarness.start(
            """
            upstreams:
              h1: {url: "http://127.0.0.1:%1$d", protocol: http1}
              h2: {url: "http://127.0.0.1:%2$d", protocol: h2c}
              nobody1: {url: "http://127.0.0.1:%5$d", protocol: http1}
              nobody2: {url: "http://127.0.0.1:%5$d", protocol: h2c}
              first1: {url: "http://127.0.0.1:%3$d", protocol: http1, timeouts: {firstByte: 1500ms}}
              first2: {url: "http://127.0.0.1:%4$d", protocol: h2c, timeouts: {firstByte: 1500ms}}
              idle1: {url: "http://127.0.0.1:%3$d", protocol: http1, timeouts: {idle: 1500ms}}
              idle2: {url: "http://127.0.0.1:%4$d", protocol: h2c, timeouts: {idle: 1500ms}}
              whole1: {url: "http://127.0.0.1:%3$d", protocol: http1, timeouts: {exchange: 1500ms}}
              whole2: {url: "http://127.0.0.1:%4$d", protocol: h2c, timeouts: {exchange: 1500ms}}
              silent2: {url: "http://127.0.0.1:%4$d", protocol: h2c, timeouts: {connect: 300ms}}
            listeners:
              h1: {address: "127.0.0.1:0", serves: [generic-write], upstream: h1}
              h2: {address: "127.0.0.1:0", serves: [generic-write], upstream: h2}
              read2: {address: "127.0.0.1:0", serves: [generic-read], upstream: h2}
              nobody1: {address: "127.0.0.1:0", serves: [generic-write], upstream: nobody1}
              nobody2: {address: "127.0.0.1:0", serves: [generic-write], upstream: nobody2}
              first1: {address: "127.0.0.1:0", serves: [generic-write], upstream: first1}
              first2: {address: "127.0.0.1:0", serves: [generic-write], upstream: first2}
              idle1: {address: "127.0.0.1:0", serves: [generic-write], upstream: idle1}
              idle2: {address: "127.0.0.1:0", serves: [generic-write], upstream: idle2}
              whole1: {address: "127.0.0.1:0", serves: [generic-write], upstream: whole1}
              whole2: {address: "127.0.0.1:0", serves: [generic-write], upstream: whole2}
              silent2: {address: "127.0.0.1:0", serves: [generic-write], upstream: silent2}
              body1:
                address: "127.0.0.1:0"
                serves: [generic-write]
                upstream: h1
                clients: {bodyTimeout: 300ms}
              body2:
                address: "127.0.0.1:0"
                serves: [generic-write]
                upstream: h2
                clients: {bodyTimeout: 300ms}
            """
                .formatted(h1.port(), h2.port(), slow1.port(), slow2.port(), nobody.number()));
    // the decision is known from here on: it takes nothing of the short times
    try (H2Wire client = H2Wire.connect(harness.port("nobody2"))) {
      client.message(client.request(harness.http2("GET", "/first"), true));
    }
  }

  @AfterEach
  void forget() throws IOException {
    harness.kubernetes.faults().clear();
    harness.dropUpstreams(h1, h2, slow1, slow2);
    harness.assertIdle();
  }

  @AfterAll
  static void stop() throws IOException {
    harness.close();
    h1.close();
    h2.close();
    slow1.close();
    slow2.close();
    nobody.close();
  }

  // ---- resets

  @Test
  void tellsGrpcClientsByTrailersWhenTheUpstreamClosesInTheMiddle() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h2"))) {
      int id = client.request(harness.grpc("/a.B/C"), true);
      H2Wire upstream = h2.acceptH2();
      int up = upstream.opened().stream();
      upstream.headers(
          up, H2Wire.fields(":status", "200", "content-type", "application/grpc"), false);
      upstream.data(up, new byte[] {0, 0, 0, 0, 0}, false);
      H2Wire.Frame head = client.await(H2Wire.HEADERS, id);
      client.await(H2Wire.DATA, id);

      upstream.close();

      H2Wire.Message rest = client.rest(id, head);
      assertThat(rest.trailer("grpc-status")).isEqualTo("" + UNAVAILABLE);
      assertThat(rest.trailer("grpc-status-details-bin")).isNotEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"h2, 2, 14", "h2, 8, 14", "h2, 0, 14", "read2, 0, 14"})
  void makesIngestRetryWhenTheUpstreamResets(String listener, int code, int status)
      throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port(listener))) {
      int id = client.request(harness.grpc("/a.B/C"), true);
      H2Wire upstream = h2.acceptH2();

      upstream.reset(upstream.opened().stream(), code);

      assertThat(client.message(id).grpcStatus()).isEqualTo("" + status);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {INTERNAL_ERROR, CANCEL, 11})
  void passesResetCodesOnToOthers(int code) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("read2"))) {
      int id = client.request(harness.http2("GET", "/x"), true);
      H2Wire upstream = h2.acceptH2();

      upstream.reset(upstream.opened().stream(), code);

      assertThat(client.await(H2Wire.RST, id).code()).isEqualTo(code);
    }
  }

  @Test
  void sendsARefusedStreamAgainAndPassesItOnInTheEnd() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("read2"))) {
      int id = client.request(harness.http2("GET", "/x"), true);
      H2Wire upstream = h2.acceptH2();
      for (int i = 0; i < 3; i++) {
        upstream.reset(upstream.opened().stream(), REFUSED_STREAM);
      }
      assertThat(client.await(H2Wire.RST, id).code()).isEqualTo(REFUSED_STREAM);
    }
  }

  @Test
  void answersWhenTheUpstreamClosesBeforeItsHead() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h1"));
        Wire client1 = Wire.connect(harness.port("h1"))) {
      int id = client.request(harness.http2("POST", "/x"), true);
      Wire upstream = h1.accept();
      upstream.readHead();
      upstream.close();
      H2Wire.Message answer = client.message(id);
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.field("retry-after")).isNotEmpty();

      client1.write(harness.http1("POST", "/x", "Content-Length: 0"));
      upstream = h1.accept();
      upstream.readHead();
      upstream.close();
      assertThat(client1.readHead().status()).isEqualTo(503);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 100", "Transfer-Encoding: chunked"})
  void cutsAnAnswerThatWasCut(String framing) throws IOException {
    String partial =
        "HTTP/1.1 200 OK\r\n"
            + framing
            + "\r\n\r\n"
            + (framing.endsWith("d") ? "5\r\n" : "")
            + "hello";
    try (H2Wire client = H2Wire.connect(harness.port("h1"));
        Wire client1 = Wire.connect(harness.port("h1"))) {
      int id = client.request(harness.http2("GET", "/x"), true);
      Wire upstream = h1.accept();
      upstream.readHead();
      upstream.write(partial);
      client.await(H2Wire.DATA, id);
      upstream.close();
      assertThat(client.await(H2Wire.RST, id).code()).isEqualTo(INTERNAL_ERROR);

      client1.write(harness.http1("GET", "/x"));
      upstream = h1.accept();
      upstream.readHead();
      upstream.write(partial);
      Wire.Head head = client1.readHead();
      assertThat(head.status()).isEqualTo(200);
      upstream.close();
      assertThat(new String(client1.readToEnd(), java.nio.charset.StandardCharsets.US_ASCII))
          .contains("hello")
          .doesNotContain("\r\n0\r\n");
    }
  }

  @Test
  void cutsHttp1ClientsWhenAnH2UpstreamResetsInTheMiddle() throws IOException {
    try (Wire client = Wire.connect(harness.port("h2"))) {
      client.write(harness.http1("GET", "/x"));
      H2Wire upstream = h2.acceptH2();
      int up = upstream.opened().stream();
      upstream.headers(up, H2Wire.fields(":status", "200", "content-length", "10"), false);
      upstream.data(up, new byte[5], false);
      assertThat(client.readHead().status()).isEqualTo(200);
      client.read(5);

      upstream.reset(up, INTERNAL_ERROR);

      assertThat(client.isClosedByPeer()).isTrue();
    }
  }

  // ---- no connection

  @ParameterizedTest
  @ValueSource(strings = {"nobody1", "nobody2"})
  void saysWhenTheUpstreamCannotBeReached(String listener) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port(listener));
        Wire client1 = Wire.connect(harness.port(listener))) {
      H2Wire.Message rpc = client.message(client.request(harness.grpc("/a.B/C"), true));
      assertThat(rpc.grpcStatus()).isEqualTo("" + UNAVAILABLE);
      assertThat(rpc.field("grpc-status-details-bin")).isNotEmpty();

      H2Wire.Message answer = client.message(client.request(harness.http2("GET", "/x"), true));
      assertThat(answer.status()).isEqualTo(503);

      client1.write(harness.http1("POST", "/x", "Content-Length: 3") + "abc");
      Wire.Head head = client1.readHead();
      assertThat(head.status()).isEqualTo(503);
      assertThat(head.value("retry-after")).isNotEmpty();
    }
  }

  @Test
  void givesUpAnUpstreamThatNeverSaysItsSettings() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("silent2"))) {
      int id = client.request(harness.grpc("/a.B/C"), true);
      slow2.accept();

      assertThat(client.message(id).grpcStatus()).isEqualTo("" + UNAVAILABLE);
    }
  }

  // ---- timeouts

  @ParameterizedTest
  @ValueSource(strings = {"first", "whole"})
  void saysWhenTheUpstreamDoesNotAnswer(String which) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port(which + "2"));
        Wire client1 = Wire.connect(harness.port(which + "1"))) {
      int id = client.request(harness.grpc("/a.B/C"), true);
      client1.write(harness.http1("POST", "/x", "Content-Length: 3") + "abc");
      H2Wire upstream = slow2.acceptH2();
      int up = upstream.opened().stream();
      Wire upstream1 = slow1.accept();
      upstream1.readHead();

      assertThat(client.message(id).grpcStatus()).isEqualTo("" + DEADLINE_EXCEEDED);
      assertThat(upstream.await(H2Wire.RST, up).code()).isEqualTo(CANCEL);
      assertThat(client1.readHead().status()).isEqualTo(504);
      assertThat(upstream1.isClosedByPeer()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"idle", "whole"})
  void endsAnAnswerThatStalls(String which) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port(which + "2"));
        Wire client1 = Wire.connect(harness.port(which + "1"))) {
      int id = client.request(harness.grpc("/a.B/C"), true);
      client1.write(harness.http1("GET", "/x"));
      H2Wire upstream = slow2.acceptH2();
      int up = upstream.opened().stream();
      upstream.headers(
          up, H2Wire.fields(":status", "200", "content-type", "application/grpc"), false);
      Wire upstream1 = slow1.accept();
      upstream1.readHead();
      upstream1.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");

      assertThat(client.message(id).trailer("grpc-status")).isEqualTo("" + DEADLINE_EXCEEDED);
      assertThat(upstream.await(H2Wire.RST, up).code()).isEqualTo(CANCEL);
      assertThat(client1.readHead().status()).isEqualTo(200);
      assertThat(client1.isClosedByPeer()).isTrue();
      assertThat(upstream1.isClosedByPeer()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "2"})
  void makesAClientRetryWhoseBodyStalls(String pairing) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("body" + pairing));
        Wire client1 = Wire.connect(harness.port("body" + pairing))) {
      int id = client.request(harness.grpc("/a.B/C"), false);
      acceptQuietly("h" + pairing);
      assertThat(client.message(id).grpcStatus()).isEqualTo("" + UNAVAILABLE);

      client1.write(harness.http1("POST", "/x", "Content-Length: 9") + "abc");
      assertThat(client1.readHead().status()).isEqualTo(503);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"h1", "h2"})
  void keepsTheClientsOwnDeadline(String listener) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port(listener))) {
      int id = client.request(harness.grpc("/a.B/C", "grpc-timeout", "150m"), true);
      acceptQuietly(listener);

      assertThat(client.message(id).grpcStatus()).isEqualTo("" + DEADLINE_EXCEEDED);
    }
  }

  private static void acceptQuietly(String upstream) throws IOException {
    if (upstream.equals("h1")) {
      h1.accept();
    } else {
      h2.acceptH2();
    }
  }

  // ---- cancelled by the client

  @Test
  void cancelsAcrossH2() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h2"))) {
      int id = client.request(harness.http2("POST", "/x"), false);
      client.data(id, new byte[100], false);
      H2Wire upstream = h2.acceptH2();
      int up = upstream.opened().stream();
      upstream.await(H2Wire.DATA, up);

      client.reset(id, CANCEL);

      assertThat(upstream.await(H2Wire.RST, up).code()).isEqualTo(CANCEL);
    }
  }

  @Test
  void closesAnHttp1UpstreamWhenAnH2ClientCancels() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h1"))) {
      int id = client.request(harness.http2("POST", "/x"), true);
      Wire upstream = h1.accept();
      upstream.readHead();

      client.reset(id, CANCEL);

      assertThat(upstream.isClosedByPeer()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void cancelsWhenAnHttp1ClientGoes(boolean abruptly) throws IOException {
    Wire toH1 = Wire.connect(harness.port("h1"));
    Wire toH2 = Wire.connect(harness.port("h2"));
    toH1.write(harness.http1("POST", "/x", "Content-Length: 9") + "abc");
    toH2.write(harness.http1("POST", "/x", "Content-Length: 9") + "abc");
    Wire upstream1 = h1.accept();
    upstream1.readHead();
    H2Wire upstream2 = h2.acceptH2();
    int up = upstream2.opened().stream();

    for (Wire client : new Wire[] {toH1, toH2}) {
      if (abruptly) {
        client.abort();
      } else {
        client.close();
      }
    }

    assertThat(upstream1.isClosedByPeer()).isTrue();
    assertThat(upstream2.await(H2Wire.RST, up).code()).isEqualTo(CANCEL);
  }

  @Test
  void forgetsAClientThatGoesWhileTheDecisionIsPending() throws IOException {
    harness.kubernetes.faults().always(RequestKind.TOKEN_REVIEW, Fault.hang());
    String unknown = harness.newToken("pending-" + accounts++);
    try (H2Wire client = H2Wire.connect(harness.port("h2"))) {
      Wire client1 = Wire.connect(harness.port("h1"));
      int id = client.request(harness.http2With(unknown, "POST", "/x"), false);
      client.data(id, new byte[1000], false);
      client1.write(harness.http1With(unknown, "POST", "/x", "Content-Length: 500000"));
      client1.write(new byte[200_000]);
      GatewayHarness.until(
          () -> harness.gateway.bytesInFlight() > 100_000 && harness.gateway.exchanges() == 2);

      client.reset(id, CANCEL);
      client1.abort();

      harness.assertIdle();
    }
  }

  @Test
  void forgetsAClientThatGoesWhileTheConnectionIsPending() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h2"))) {
      Wire client1 = Wire.connect(harness.port("h2"));
      int id = client.request(harness.http2("POST", "/x"), false);
      client.data(id, new byte[1000], true);
      client1.write(harness.http1("POST", "/x", "Content-Length: 9") + "abc");
      Wire silent = h2.accept();
      GatewayHarness.until(() -> harness.gateway.exchanges() == 2);

      client.reset(id, CANCEL);
      client1.close();
      harness.assertIdle();

      H2Wire upstream = H2Wire.server(silent);
      int last = client.request(harness.http2("GET", "/last"), true);
      H2Wire.Frame opened = upstream.opened();
      assertThat(opened.field(":path")).isEqualTo("/last");
      upstream.respond(opened.stream(), "yes");
      assertThat(client.message(last).body()).asString().isEqualTo("yes");
    }
  }

  // ---- the decision

  @Test
  void holdsTheBodyWhileTheDecisionIsPendingAndDeliversItInOrder() throws IOException {
    harness.kubernetes.faults().always(RequestKind.TOKEN_REVIEW, Fault.stopReading());
    String unknown = harness.newToken("held-" + accounts++);
    byte[] body = new byte[600_000];
    new java.util.Random(1).nextBytes(body);
    try (H2Wire client = H2Wire.connect(harness.port("h2"))) {
      int id = client.request(harness.http2With(unknown, "POST", "/x"), false);
      client.roundTrip();
      int window = client.room(id);
      client.data(id, java.util.Arrays.copyOf(body, window), false);
      client.roundTrip();
      assertThat(client.room(id)).as("no credit before the decision").isZero();
      assertThat(harness.gateway.bytesInFlight())
          .as("all that was sent ahead, and something for each piece")
          .isBetween((long) window, window + 8_192L);

      harness.kubernetes.faults().clear();
      H2Wire upstream = h2.acceptH2(H2Wire.INITIAL_WINDOW, 1 << 20);
      upstream.credit(0, 1 << 20);
      int up = upstream.opened().stream();
      client.data(id, java.util.Arrays.copyOfRange(body, window, body.length), true);
      H2Wire.Message whole = upstream.rest(up, new H2Wire.Frame(1, 0, up, body, null));
      assertThat(whole.body()).isEqualTo(body);
      upstream.respond(up, "ok");
      assertThat(client.message(id).status()).isEqualTo(200);
    }
  }

  @Test
  void lets100ContinueWaitForTheDecision() throws IOException {
    try (Wire client = Wire.connect(harness.port("h1"))) {
      client.write(harness.http1("POST", "/x", "Content-Length: 3", "Expect: 100-continue"));
      assertThat(client.readHead().status()).isEqualTo(100);
      client.write("abc");
      Wire upstream = h1.accept();
      assertThat(upstream.readHead().value("expect")).isEmpty();
      assertThat(upstream.read(3)).asString().isEqualTo("abc");
      upstream.write("HTTP/1.1 204 No Content\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(204);
    }
    try (Wire client = Wire.connect(harness.port("h1"))) {
      client.write(
          harness.http1With("nonsense", "POST", "/x", "Content-Length: 3", "Expect: 100-continue"));
      Wire.Head head = client.readHead();
      assertThat(head.status()).isEqualTo(401);
      client.readBody(head);
      assertThat(head.has("connection: close")).isTrue();
      assertThat(client.isClosedByPeer()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 200_000, 3_000_000})
  void letsTheClientReadARefusalBeforeItsBodyIsOut(int length) throws IOException {
    try (Wire client = Wire.connect(harness.port("h1"))) {
      String head = harness.http1With("nonsense", "POST", "/x", "Content-Length: " + length);
      try {
        client.write(head + "x".repeat(length)); // at once: the gateway reads on for a second only
      } catch (IOException closed) {
        assertThat(length).isGreaterThan(256 << 10);
      }
      if (length < 256 << 10) {
        Wire.Head refused = client.readHead();
        assertThat(refused.status()).isEqualTo(401);
        client.readBody(refused);
        client.write(harness.http1With("nonsense", "GET", "/x"));
        assertThat(client.readHead().status()).isEqualTo(401);
      } else {
        assertThat(client.isClosedByPeer()).isTrue();
      }
    }
  }

  @Test
  void closesAfterARefusalWhoseBodyNeverEnds() throws IOException {
    try (Wire client = Wire.connect(harness.port("h1"));
        H2Wire client2 = H2Wire.connect(harness.port("h1"))) {
      client.write(harness.http1With("nonsense", "POST", "/x", "Content-Length: 1000"));
      Wire.Head head = client.readHead();
      assertThat(head.status()).isEqualTo(401);
      client.readBody(head);

      int id = client2.request(harness.http2With("nonsense", "POST", "/x"), false);
      assertThat(client2.message(id).status()).isEqualTo(401);
      assertThat(client2.await(H2Wire.RST, id).code()).isZero();
      assertThat(client.isClosedByPeer()).isTrue();
    }
  }
}
