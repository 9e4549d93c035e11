package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a request and its answer look like on the other side, and what is not let through at all.
 */
class ForwardingIT {
  private static RawUpstream h1;
  private static RawUpstream h2;
  private static GatewayHarness harness;

  @BeforeAll
  static void start() throws IOException {
    h1 = RawUpstream.open();
    h2 = RawUpstream.open();
    harness =
        GatewayHarness.start(
            """
            upstreams:
              h1: {url: "http://127.0.0.1:%d", protocol: http1}
              h2: {url: "http://127.0.0.1:%d", protocol: h2c}
            listeners:
              h1: {address: "127.0.0.1:0", serves: [generic-write], upstream: h1}
              h2: {address: "127.0.0.1:0", serves: [generic-write], upstream: h2}
            """
                .formatted(h1.port(), h2.port()));
  }

  @AfterEach
  void forget() throws IOException {
    harness.assertIdle();
    harness.dropUpstreams(h1, h2);
  }

  @AfterAll
  static void stop() throws IOException {
    harness.close();
    h1.close();
    h2.close();
  }

  // ---- heads

  @Test
  void changesAnHttp1HeadForAnHttp1Upstream() throws IOException {
    try (Wire client = Wire.connect(harness.port("h1"))) {
      client.write(
          harness.http1(
              "GET",
              "/x?y=1",
              "Connection: keep-alive, X-Secret, X-Scope-OrgID",
              "X-Secret: 1",
              "Keep-Alive: timeout=5",
              "Proxy-Connection: keep-alive",
              "X-Forwarded-For: 10.0.0.1",
              "X-Kept: a",
              "X-Kept: b",
              "TE: gzip"));
      // the tenant was named in Connection: what is left is the account's namespace
      assertThat(client.readHead().status()).isEqualTo(403);
    }
    try (Wire client = Wire.connect(harness.port("h1"))) {
      client.write(
          harness.http1(
              "GET",
              "/x?y=1",
              "Connection: keep-alive, X-Secret",
              "X-Secret: 1",
              "Keep-Alive: timeout=5",
              "Proxy-Connection: keep-alive",
              "X-Forwarded-For: 10.0.0.1",
              "X-Kept: a",
              "X-Kept: b",
              "TE: gzip"));
      Wire upstream = h1.accept();
      Wire.Head head = upstream.readHead();
      assertThat(head.first()).isEqualTo("GET /x?y=1 HTTP/1.1");
      assertThat(head.value("host")).isEqualTo("tempo.example");
      assertThat(head.value("x-scope-orgid")).isEqualTo(GatewayHarness.TENANT);
      assertThat(head.value("x-forwarded-for")).isEqualTo("10.0.0.1, 127.0.0.1");
      assertThat(head.value("x-forwarded-proto")).isEqualTo("http");
      assertThat(head.value("x-kept")).isEqualTo("a|b");
      for (String gone :
          new String[] {"authorization", "x-secret", "keep-alive", "proxy-connection", "te"}) {
        assertThat(head.value(gone)).as(gone).isEmpty();
      }
      upstream.write(
          "HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nX-Own: 2\r\n"
              + "Content-Length: 2\r\n\r\nok");
      Wire.Head answer = client.readHead();
      assertThat(answer.value("x-hop")).isEmpty();
      assertThat(answer.value("connection")).isEmpty();
      assertThat(answer.value("x-own")).isEqualTo("2");
      assertThat(client.readBody(answer)).asString().isEqualTo("ok");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {":path", ":method", ":authority", ":scheme", ":status"})
  void takesNoPseudoHeaderForAFieldThatConnectionNames(String name) throws IOException {
    try (Wire client = Wire.connect(harness.port("h1"))) {
      client.write(harness.http1("GET", "/x", "Connection: " + name));
      Wire upstream = h1.accept();
      Wire.Head head = upstream.readHead();
      assertThat(head.first()).isEqualTo("GET /x HTTP/1.1");
      assertThat(head.value("host")).isEqualTo("tempo.example");
      upstream.write(
          "HTTP/1.1 201 Created\r\nConnection: " + name + "\r\nContent-Length: 0\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(201);
    }
  }

  @Test
  void refusesTwoTenants() throws IOException {
    try (Wire client = Wire.connect(harness.port("h1"))) {
      client.write(harness.http1("GET", "/x", "x-scope-orgid: other"));
      assertThat(client.readHead().status()).isEqualTo(400);
    }
  }

  @Test
  void changesAnH2HeadForAnH2Upstream() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h2"))) {
      int id = client.request(harness.grpc("/a.B/C", "x-forwarded-for", "10.0.0.1"), true);
      H2Wire upstream = h2.acceptH2();
      H2Wire.Frame head = upstream.opened();
      assertThat(head.headers().getAll("x-scope-orgid")).hasSize(1);
      assertThat(head.field("x-scope-orgid")).isEqualTo(GatewayHarness.TENANT);
      assertThat(head.field(":authority")).isEqualTo("tempo.example");
      assertThat(head.field("te")).isEqualTo("trailers");
      assertThat(head.field("authorization")).isEmpty();
      assertThat(head.field("x-forwarded-for")).isEqualTo("10.0.0.1, 127.0.0.1");
      upstream.respond(head.stream(), "ok");
      assertThat(client.message(id).status()).isEqualTo(200);
    }
  }

  /** What curl and others send without escaping it, as a character for each byte. */
  private static String rawUtf8() {
    StringBuilder all = new StringBuilder("/api?q={name=\"Z\u00c3\u00bcrich\"}&rest=");
    for (char c = 0x80; c <= 0xff; c++) {
      all.append(c);
    }
    return all.toString();
  }

  @ParameterizedTest
  @CsvSource({"h1, h1", "h1, h2", "h2, h1", "h2, h2"})
  void aSearchForRawUtf8FindsWhatItLooksFor(String from, String to) throws IOException {
    String target = rawUtf8();
    String field = "Z\u00c3\u00bcrich \u00ff";
    if (from.equals("h1")) {
      try (Wire client = Wire.connect(harness.port(to))) {
        client.write(harness.http1("GET", target, "X-City: " + field));
        takeRawUtf8(to, target, field);
        Wire.Head answer = client.readHead();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.value("x-city")).isEqualTo(field);
      }
    } else {
      try (H2Wire client = H2Wire.connect(harness.port(to))) {
        int id = client.request(harness.http2("GET", target, "x-city", field), true);
        takeRawUtf8(to, target, field);
        H2Wire.Message answer = client.message(id);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.field("x-city")).isEqualTo(field);
      }
    }
  }

  private static void takeRawUtf8(String to, String target, String field) throws IOException {
    if (to.equals("h1")) {
      Wire upstream = h1.accept();
      Wire.Head head = upstream.readHead();
      assertThat(head.first()).isEqualTo("GET " + target + " HTTP/1.1");
      assertThat(head.value("x-city")).isEqualTo(field);
      upstream.write("HTTP/1.1 200 OK\r\nX-City: " + field + "\r\nContent-Length: 0\r\n\r\n");
    } else {
      H2Wire upstream = h2.acceptH2();
      H2Wire.Frame head = upstream.opened();
      assertThat(head.field(":path")).isEqualTo(target);
      assertThat(head.field("x-city")).isEqualTo(field);
      upstream.respond(head.stream(), "ok", "x-city", field);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"h1", "h2"})
  void rawUtf8InAPathThatMustBeCanonicalIsRefusedOverBothVersions(String to) throws IOException {
    try (Wire client1 = Wire.connect(harness.port(to));
        H2Wire client2 = H2Wire.connect(harness.port(to))) {
      client1.write(harness.http1("GET", "/Z\u00c3\u00bcrich"));
      assertThat(client1.readHead().status()).isEqualTo(400);
      int id = client2.request(harness.http2("GET", "/Z\u00c3\u00bcrich"), true);
      assertThat(client2.message(id).status()).isEqualTo(400);
    }
  }

  @Test
  void joinsCookiesForHttp1() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h1"))) {
      client.request(harness.http2("GET", "/x", "cookie", "a=1", "cookie", "b=2"), true);
      assertThat(h1.accept().readHead().value("cookie")).isEqualTo("a=1; b=2");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nx-scope-orgid: other", "a\nb", "a\0b"})
  void refusesLineBreaksInH2Fields(String value) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h1"))) {
      int id = client.request(harness.http2("GET", "/x", "x-a", value), true);
      assertThat(client.next(id).type()).isEqualTo(H2Wire.RST);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/x HTTP/1.1", "/x?a=b c", "/x?a\tb", "/x\r\nA: b", "/x?a\r\nA: b", "x", ""})
  void refusesTargetsThatWouldBreakARequestLine(String path) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h1"))) {
      int id = client.request(harness.http2("GET", path), true);
      H2Wire.Frame answer = client.next(id);
      if (answer.type() != H2Wire.RST) {
        assertThat(answer.field(":status")).isEqualTo("400");
      }
    }
  }

  @Test
  void keepsAnH2ConnectionWhoseRequestWasMalformed() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h2"))) {
      int bad = client.request(harness.http2("POST", "/x", "x-a", "a\r\nb"), false);
      client.data(bad, new byte[100], true);
      assertThat(client.await(H2Wire.RST, bad).stream()).isEqualTo(bad);

      int id = client.request(harness.http2("GET", "/x"), true);
      H2Wire upstream = h2.acceptH2();
      upstream.respond(upstream.opened().stream(), "ok");
      assertThat(client.message(id).status()).isEqualTo(200);
    }
  }

  @Test
  void saysThatAHeadIsTooLarge() throws IOException {
    String large = "a".repeat(40_000);
    try (Wire client = Wire.connect(harness.port("h1"));
        H2Wire client2 = H2Wire.connect(harness.port("h1"))) {
      client.write(harness.http1("GET", "/x", "X-Large: " + large));
      assertThat(client.readHead().status()).isEqualTo(431);

      int id = client2.request(harness.http2("GET", "/x", "x-large", "a".repeat(33_000)), true);
      assertThat(client2.await(H2Wire.HEADERS, id).field(":status")).isEqualTo("431");
    }
  }

  // ---- trailers and interim answers

  @Test
  void passesTrailersBothWaysOverHttp1() throws IOException {
    try (Wire client = Wire.connect(harness.port("h1"))) {
      client.write(
          harness.http1("POST", "/x", "Transfer-Encoding: chunked")
              + "3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-Scope-OrgID: other\r\nAuthorization: b\r\n\r\n");
      Wire upstream = h1.accept();
      assertThat(upstream.readBody(upstream.readHead())).asString().isEqualTo("abc");
      assertThat(upstream.trailers.toString()).isEqualTo("x-sum: 1\n");
      upstream.write(
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-End: 2\r\n\r\n");
      assertThat(client.readBody(client.readHead())).asString().isEqualTo("ok");
      assertThat(client.trailers.toString()).isEqualTo("x-end: 2\n");
    }
  }

  @Test
  void passesTrailersBothWaysOverH2() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h2"))) {
      int id = client.request(harness.http2("POST", "/x"), false);
      client.data(id, GatewayHarness.ascii("abc"), false);
      client.headers(
          id, H2Wire.fields("x-sum", "1", "x-scope-orgid", "other", "authorization", "b"), true);
      H2Wire upstream = h2.acceptH2();
      H2Wire.Frame opened = upstream.opened();
      H2Wire.Message request = upstream.rest(opened.stream(), opened);
      assertThat(request.body()).asString().isEqualTo("abc");
      assertThat(request.trailers()).hasSize(1);
      assertThat(request.trailer("x-sum")).isEqualTo("1");
      upstream.headers(opened.stream(), H2Wire.fields(":status", "200"), false);
      upstream.headers(opened.stream(), H2Wire.fields("x-end", "2"), true);
      assertThat(client.message(id).trailer("x-end")).isEqualTo("2");
    }
  }

  @Test
  void passesTrailersFromOneVersionToTheOther() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("h1"));
        Wire client1 = Wire.connect(harness.port("h2"))) {
      int id = client.request(harness.http2("POST", "/x"), false);
      client.headers(id, H2Wire.fields("x-sum", "1", "x-scope-orgid", "other"), true);
      Wire upstream1 = h1.accept();
      upstream1.readBody(upstream1.readHead());
      assertThat(upstream1.trailers.toString()).isEqualTo("x-sum: 1\n");
      upstream1.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-End: 2\r\n\r\n");
      assertThat(client.message(id).trailer("x-end")).isEqualTo("2");

      client1.write(
          harness.http1("POST", "/x", "Transfer-Encoding: chunked")
              + "0\r\nX-Sum: 1\r\nX-Scope-OrgID: other\r\n\r\n");
      H2Wire upstream2 = h2.acceptH2();
      H2Wire.Frame opened = upstream2.opened();
      H2Wire.Message request = upstream2.rest(opened.stream(), opened);
      assertThat(request.trailers()).hasSize(1);
      upstream2.headers(opened.stream(), H2Wire.fields(":status", "200"), false);
      upstream2.headers(opened.stream(), H2Wire.fields("x-end", "2"), true);
      client1.readBody(client1.readHead());
      assertThat(client1.trailers.toString()).isEqualTo("x-end: 2\n");
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 2", "2, 1", "2, 2"})
  void passesEarlyHints(int from, int to) throws IOException {
    try (Wire client1 = Wire.connect(harness.port("h" + to));
        H2Wire client2 = H2Wire.connect(harness.port("h" + to))) {
      int id = 0;
      if (from == 1) {
        client1.write(harness.http1("GET", "/x"));
      } else {
        id = client2.request(harness.http2("GET", "/x"), true);
      }
      if (to == 1) {
        Wire upstream = h1.accept();
        upstream.readHead();
        upstream.write(
            "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
      } else {
        H2Wire upstream = h2.acceptH2();
        int up = upstream.opened().stream();
        upstream.headers(up, H2Wire.fields(":status", "103", "link", "a"), false);
        upstream.respond(up, "x");
      }
      if (from == 1) {
        Wire.Head hints = client1.readHead();
        assertThat(hints.status()).isEqualTo(103);
        assertThat(hints.value("link")).isEqualTo("a");
        assertThat(client1.readBody(client1.readHead())).asString().isEqualTo("x");
      } else {
        H2Wire.Frame hints = client2.next(id);
        assertThat(hints.field(":status")).isEqualTo("103");
        assertThat(hints.field("link")).isEqualTo("a");
        assertThat(client2.message(id).body()).asString().isEqualTo("x");
      }
    }
  }

  // ---- framing

  @ParameterizedTest
  @CsvSource({"HEAD, 200", "GET, 204", "GET, 304", "POST, 204"})
  void keepsTheConnectionAfterAnswersWithoutABody(String method, int status) throws IOException {
    String length = status == 204 ? "" : "Content-Length: 10\r\n";
    try (Wire client = Wire.connect(harness.port("h1"));
        H2Wire client2 = H2Wire.connect(harness.port("h1"))) {
      Wire upstream = null;
      for (int i = 0; i < 2; i++) {
        client.write(harness.http1(method, "/x"));
        upstream = upstream == null ? h1.accept() : upstream;
        assertThat(upstream.readHead().first()).startsWith(method);
        upstream.write("HTTP/1.1 " + status + " X\r\n" + length + "X-N: " + i + "\r\n\r\n");
        Wire.Head head = client.readHead();
        assertThat(head.status()).isEqualTo(status);
        assertThat(head.value("x-n")).isEqualTo("" + i);
        assertThat(head.value("content-length")).isEqualTo(length.isEmpty() ? "" : "10");
        assertThat(head.value("transfer-encoding")).isEmpty();
      }
      int id = client2.request(harness.http2(method, "/x"), true);
      upstream.readHead();
      upstream.write("HTTP/1.1 " + status + " X\r\n" + length + "\r\n");
      H2Wire.Frame head = client2.next(id);
      assertThat(head.end()).isTrue();
      assertThat(head.field(":status")).isEqualTo("" + status);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Connection: keep-alive\r\n"})
  void tellsHttp10ClientsTheEndByClosing(String connection) throws IOException {
    try (Wire client = Wire.connect(harness.port("h1"))) {
      client.write(harness.http1("GET", "/x").replace("HTTP/1.1\r\n", "HTTP/1.0\r\n" + connection));
      Wire upstream = h1.accept();
      upstream.readHead();
      upstream.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
      Wire.Head head = client.readHead();
      assertThat(head.value("transfer-encoding")).isEmpty();
      assertThat(new String(client.readToEnd(), StandardCharsets.US_ASCII)).isEqualTo("ok");
    }
  }

  @Test
  void readsAnAnswerThatEndsWithItsConnection() throws IOException {
    try (Wire client = Wire.connect(harness.port("h1"))) {
      client.write(harness.http1("GET", "/x"));
      Wire upstream = h1.accept();
      upstream.readHead();
      upstream.write("HTTP/1.1 200 OK\r\n\r\nhello");
      upstream.close();
      assertThat(client.readBody(client.readHead())).asString().isEqualTo("hello");
    }
  }

  @Test
  void answersPipelinedRequestsInTheirOrder() throws IOException {
    try (Wire client = Wire.connect(harness.port("h1"))) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 50; i++) {
        all.append(harness.http1("POST", "/" + i, "Content-Length: 2")).append("ab");
      }
      client.write(all.toString());
      h1.serve(
          2,
          upstream -> {
            for (Wire.Head head; !(head = upstream.readHead()).text().isEmpty(); ) {
              upstream.readBody(head);
              String path = head.first().split(" ")[1];
              upstream.write(
                  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Path: " + path + "\r\n\r\nok");
            }
          });
      for (int i = 0; i < 50; i++) {
        Wire.Head answer = client.readHead();
        assertThat(answer.value("x-path")).isEqualTo("/" + i);
        client.readBody(answer);
      }
    }
  }

  @Test
  void takesThousandsOfRefusedRequestsBehindASlowOne() throws IOException {
    String refused = "GET / HTTP/1.1\r\nHost:a\r\n\r\n";
    try (Wire client = Wire.connect(harness.port("h1"))) {
      client.write(harness.http1("GET", "/x") + refused.repeat(2000));
      Wire upstream = h1.accept();
      upstream.readHead();
      upstream.write("HTTP/1.1 204 No Content\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(204);
      for (int i = 0; i < 2000; i++) {
        Wire.Head head = client.readHead();
        assertThat(head.status()).isEqualTo(401);
        client.readBody(head);
      }
    }
  }

  @Test
  void upgradesToH2() throws IOException {
    try (Wire client = Wire.connect(harness.port("h2"))) {
      client.write(
          harness.http1(
              "GET",
              "/x",
              "Connection: Upgrade, HTTP2-Settings",
              "Upgrade: h2c",
              "HTTP2-Settings: AAMAAABkAAQAAP__"));
      assertThat(client.readHead().status()).isEqualTo(101);
      H2Wire h = H2Wire.upgraded(client);
      H2Wire upstream = h2.acceptH2();
      H2Wire.Frame opened = upstream.opened();
      assertThat(opened.field("http2-settings")).isEmpty();
      upstream.respond(opened.stream(), "one");
      assertThat(h.message(1).body()).asString().isEqualTo("one");

      int id = h.request(harness.http2("GET", "/y"), true);
      upstream.respond(upstream.opened().stream(), "two");
      assertThat(h.message(id).body()).asString().isEqualTo("two");
    }
  }

  @Test
  void staysWithHttp1WhenTheUpgradeIsMalformed() throws IOException {
    try (Wire client = Wire.connect(harness.port("h1"))) {
      client.write(
          harness.http1(
              "GET",
              "/x",
              "Connection: Upgrade, HTTP2-Settings",
              "Upgrade: h2c",
              "HTTP2-Settings: !"));
      Wire upstream = h1.accept();
      assertThat(upstream.readHead().value("upgrade")).isEmpty();
      upstream.write("HTTP/1.1 204 No Content\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(204);
    }
  }
}
