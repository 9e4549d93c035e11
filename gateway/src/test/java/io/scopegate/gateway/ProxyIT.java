package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests that are proxied: what is reviewed of them, and what the upstream gets. */
final class ProxyIT {
  private static final String GROUP = "tempo.grafana.com";
  private static final String BY_PATH = "authorization: {mapping: non-resource}\n";
  private static final String BY_VALUE =
      """
      authorization:
        mapping: custom
        resourceAttributes: {apiGroup: tempo.grafana.com, resource: "{value}", name: traces}
        rewrites: {header: X-Scope-OrgID, query: tenant}
      """;
  private static final String BY_QUERY = BY_VALUE.replace("header: X-Scope-OrgID, ", "");

  private RawUpstream upstream;

  @BeforeEach
  void open() throws IOException {
    upstream = RawUpstream.open();
    upstream.serve(
        8,
        wire -> {
          for (String head; !(head = wire.readHead().text()).isEmpty(); ) {
            wire.write("HTTP/1.1 200 OK\r\nContent-Length: " + head.length() + "\r\n\r\n" + head);
          }
        });
  }

  @AfterEach
  void close() throws IOException {
    upstream.close();
  }

  private GatewayHarness start(String listener, String more) {
    return GatewayHarness.start(
        """
        upstreams: {up: {url: "http://127.0.0.1:%d", protocol: http1}}
        listeners: {in: {address: "127.0.0.1:0", serves: [proxy], upstream: up%s}}
        """
                .formatted(upstream.port(), listener)
            + more);
  }

  /** A status, and what the upstream got; empty when it got nothing. */
  private record Answer(int status, String received) {}

  private static Answer ask(GatewayHarness harness, String method, String target, String... lines)
      throws IOException {
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: a\r\n");
    List.of(lines).forEach(line -> head.append(line).append("\r\n"));
    try (Wire client = Wire.connect(harness.port("in"))) {
      client.write(head.append("\r\n").toString());
      Wire.Head answer = client.readHead();
      byte[] body = client.readBody(answer);
      return new Answer(
          answer.status(),
          answer.status() == 200
              ? new String(body, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT)
              : "");
    }
  }

  private static String token(GatewayHarness harness, String account, Rule... rules) {
    ServiceAccount made = harness.kubernetes.serviceAccount("apps", account);
    harness.kubernetes.grant(made.subject(), rules);
    return "Authorization: Bearer " + harness.kubernetes.token(made);
  }

  private static Rule path(String verb, String path) {
    return new Rule(List.of(verb), List.of(), List.of(), List.of(), List.of(path));
  }

  private static Rule traces(String verb, String tenant) {
    return Rule.of(verb, GROUP, tenant).named("traces");
  }

  // ---- what is only logged

  @Test
  void whatIsOnlyLoggedGetsTheTenantThatItWouldGetIfItWereAllowed() throws IOException {
    String audit = "  enforce: audit\n";
    String other = "X-Scope-OrgID: other";
    try (GatewayHarness harness = start("", BY_VALUE + audit)) {
      assertThat(ask(harness, "GET", "/a", other).received())
          .as("reviewed, and nobody may")
          .contains("\nx-scope-orgid: other\n");
      assertThat(ask(harness, "GET", "/a").status()).as("nothing to review").isEqualTo(401);
    }
    try (GatewayHarness harness = start("", BY_QUERY + audit)) {
      assertThat(ask(harness, "GET", "/a?tenant=acme", other).received())
          .as("not reviewed")
          .startsWith("get /a?tenant=acme ")
          .doesNotContain("x-scope-orgid");
    }
    try (GatewayHarness harness =
        start("", BY_QUERY + audit + "tenancy: {forwardUnreviewed: true}\n")) {
      assertThat(ask(harness, "GET", "/a?tenant=acme", other).received())
          .contains("\nx-scope-orgid: other\n");
      assertThat(ask(harness, "GET", "/a?tenant=acme", other, "X-Scope-OrgID: more").status())
          .as("two tenants")
          .isEqualTo(401);
    }
  }

  // ---- verbs and paths

  @Test
  void nothingThatIsProxiedLeavesThePathOfItsUpstream() throws IOException {
    String yaml =
        """
        upstreams: {up: {url: "http://127.0.0.1:%d", protocol: http1, pathPrefix: /tempo}}
        listeners: {in: {address: "127.0.0.1:0", serves: [proxy], upstream: up, ignorePaths: [/open]}}
        """
            .formatted(upstream.port());
    try (GatewayHarness harness = GatewayHarness.start(yaml + BY_PATH)) {
      String token = token(harness, "writer", path("create", "/flush"), path("get", "/flush"));
      assertThat(ask(harness, "GET", "/flush", token).received()).startsWith("get /tempo/flush ");
      for (String path : List.of("/flush", "/open")) { // as if they were calls
        try (H2Wire client = H2Wire.connect(harness.port("in"))) {
          int stream =
              client.request(
                  H2Wire.fields(
                      ":method",
                      "POST",
                      ":scheme",
                      "http",
                      ":authority",
                      "a",
                      ":path",
                      path,
                      "content-type",
                      "application/grpc",
                      "te",
                      "trailers",
                      "authorization",
                      token.substring("Authorization: ".length())),
                  true);
          assertThat(client.message(stream).body())
              .asString()
              .startsWithIgnoringCase("post /tempo" + path + " ");
        }
      }
    }
  }

  @Test
  void theVerbIsThatOfTheMethod() throws IOException {
    Map<String, String> verbs =
        Map.of(
            "GET", "get", "POST", "create", "PUT", "update", "PATCH", "patch", "DELETE", "delete");
    try (GatewayHarness harness = start("", BY_PATH)) {
      for (String method : verbs.keySet()) {
        String verb = Objects.requireNonNull(verbs.get(method));
        String token = token(harness, "may-" + verb, path(verb, "/any/path"));
        for (String tried : verbs.keySet()) {
          assertThat(ask(harness, tried, "/any/path", token, "Content-Length: 0").status())
              .as("%s with %s", tried, verb)
              .isEqualTo(tried.equals(method) ? 200 : 403);
        }
      }
    }
  }

  @Test
  void otherMethodsNeedEveryVerb() throws IOException {
    try (GatewayHarness harness = start("", BY_PATH)) {
      String reader = token(harness, "reader", path("get", "/a"));
      String all = token(harness, "all", path("*", "/a"));
      for (String method : List.of("OPTIONS", "PROPFIND")) {
        assertThat(ask(harness, method, "/a", reader).status()).isEqualTo(403);
        assertThat(ask(harness, method, "/a", all).status()).isEqualTo(200);
      }
    }
  }

  /** Over HTTP/2 a client writes what it likes; and behind CONNECT the upstream speaks no HTTP. */
  @Test
  void whatHttp1CannotSayIsNoMethodWhoeverAsks() throws IOException {
    try (GatewayHarness harness = start(", ignorePaths: [/open]", BY_PATH);
        H2Wire client = H2Wire.connect(harness.port("in"))) {
      String all = token(harness, "all", path("*", "*"));
      assertThat(ask(harness, "CONNECT", "/a", all).status()).isEqualTo(400);
      assertThat(ask(harness, "CONNECT", "/open").status()).isEqualTo(400);
      assertThat(ask(harness, "connect", "/open").status()).isEqualTo(400);
      assertThat(status(client, "GET /a")).isEqualTo(400);
      assertThat(status(client, "G(T")).isEqualTo(400);
      assertThat(harness.gateway.upstreamConnections()).isZero();

      assertThat(status(client, "PROPFIND")).isEqualTo(200);
    }
  }

  private static int status(H2Wire client, String method) throws IOException {
    int stream =
        client.request(
            H2Wire.fields(
                ":method", method, ":scheme", "http", ":path", "/open", ":authority", "a"),
            true);
    return client.message(stream).status();
  }

  @Test
  void thePathIsReviewedWithoutItsEscapesAndForwardedWithThem() throws IOException {
    try (GatewayHarness harness = start("", BY_PATH)) {
      String token = token(harness, "reader", path("get", "/a b+c"));
      assertThat(ask(harness, "GET", "/a%20b+c?q=%20", token).received())
          .startsWith("get /a%20b+c?q=%20 http/1.1");
      assertThat(ask(harness, "GET", "/a%2520b+c", token).status()).isEqualTo(403);
      assertThat(ask(harness, "GET", "/x/../a%20b+c", token).status()).isEqualTo(400);
      assertThat(ask(harness, "GET", "/" + "a".repeat(1_100), token).status()).isEqualTo(400);
    }
  }

  @Test
  void withoutATokenNobodyIsLetIn() throws IOException {
    try (GatewayHarness harness = start("", BY_PATH)) {
      assertThat(ask(harness, "GET", "/a").status()).isEqualTo(401);
      assertThat(ask(harness, "GET", "/a", "Authorization: Bearer nonsense").status())
          .isEqualTo(401);
    }
  }

  // ---- values

  @Test
  void everyValueMustBeAllowed() throws IOException {
    try (GatewayHarness harness = start("", BY_VALUE)) {
      String token = token(harness, "reader", traces("get", "a"), traces("get", "b"));
      assertThat(ask(harness, "GET", "/x?tenant=a&tenant=b", token).status()).isEqualTo(200);
      assertThat(ask(harness, "GET", "/x?tenant=a&tenant=c", token).status()).isEqualTo(403);
      assertThat(ask(harness, "GET", "/x?tenant=c", token, "X-Scope-OrgID: a").status())
          .isEqualTo(403);
      assertThat(ask(harness, "GET", "/x?tenant=a", token, "X-Scope-OrgID: c").status())
          .isEqualTo(403);
      assertThat(ask(harness, "GET", "/x", token, "X-Scope-OrgID: a|b").status()).isEqualTo(403);
    }
  }

  @Test
  void aRequestThatNamesNothingOrTooMuchIsRefused() throws IOException {
    try (GatewayHarness harness = start("", BY_VALUE)) {
      String token = token(harness, "reader", traces("get", "*"));
      assertThat(ask(harness, "GET", "/x", token).status()).isEqualTo(400);
      assertThat(ask(harness, "GET", "/x?other=a", token).status()).isEqualTo(400);
      assertThat(ask(harness, "GET", "/x?tenant=a;tenant=b", token).status()).isEqualTo(400);
      assertThat(ask(harness, "GET", "/x?tenant=%zz", token).status()).isEqualTo(400);
      assertThat(ask(harness, "GET", "/x?tenant=%FF", token).status()).isEqualTo(400);
      assertThat(ask(harness, "GET", "/x?tenant=a\u00e9", token).status()).isEqualTo(400);
      StringBuilder many = new StringBuilder("/x?tenant=0");
      for (int i = 1; i < 17; i++) {
        many.append("&tenant=").append(i);
      }
      assertThat(ask(harness, "GET", many.toString(), token).status()).isEqualTo(400);
      assertThat(ask(harness, "GET", "/x?tenant=" + "a".repeat(300), token).status())
          .isEqualTo(400);
    }
  }

  // ---- the tenant header

  @Test
  void theReviewedTenantGoesOnAndNoOtherSpellingOfIt() throws IOException {
    try (GatewayHarness harness = start("", BY_VALUE)) {
      String token = token(harness, "reader", traces("get", "a"), traces("get", "b"));
      assertThat(
              ask(harness, "GET", "/x", token, "x-SCOPE-orgid: a", "X_Scope_OrgID: c").received())
          .contains("x-scope-orgid: a")
          .doesNotContainPattern("(?m): c$"); // the gateway's own id may begin with it
      assertThat(ask(harness, "GET", "/x", token, "X-Scope-OrgID: a", "X-Scope-OrgID: b").status())
          .isEqualTo(400);
    }
  }

  @Test
  void aTenantThatNobodyReviewedIsTakenOutUnlessToldOtherwise() throws IOException {
    try (GatewayHarness harness = start("", BY_QUERY)) {
      String token = token(harness, "reader", traces("get", "a"));
      assertThat(ask(harness, "GET", "/x?tenant=a", token, "X-Scope-OrgID: c").received())
          .isNotEmpty()
          .doesNotContain("x-scope-orgid");
    }
    try (GatewayHarness harness = start("", BY_QUERY + "tenancy: {forwardUnreviewed: true}\n")) {
      String token = token(harness, "reader", traces("get", "a"));
      assertThat(ask(harness, "GET", "/x?tenant=a", token, "X-Scope-OrgID: c").received())
          .contains("x-scope-orgid: c");
    }
  }

  // ---- paths without a token

  @Test
  void anIgnoredPathCarriesNothingThatNobodyHasChecked() throws IOException {
    try (GatewayHarness harness =
        start(", ignorePaths: [/open/*]", BY_PATH + "tenancy: {forwardUnreviewed: true}\n")) {
      Answer answer =
          ask(
              harness,
              "GET",
              "/open/%61",
              "X-Scope-OrgID: a",
              "Authorization: Bearer x",
              "X-Remote-User: root");
      assertThat(answer.received())
          .startsWith("get /open/%61 ")
          .doesNotContain("x-scope-orgid")
          .doesNotContain("authorization")
          .doesNotContain("root");
      assertThat(ask(harness, "GET", "/open/a/b").status()).isEqualTo(401);
    }
  }

  @Test
  void onlyAllowedPathsAreFound() throws IOException {
    try (GatewayHarness harness = start(", allowPaths: [/a, /b/*]", BY_PATH)) {
      String token = token(harness, "reader", path("get", "*"));
      assertThat(ask(harness, "GET", "/a", token).status()).isEqualTo(200);
      assertThat(ask(harness, "GET", "/b/c", token).status()).isEqualTo(200);
      assertThat(ask(harness, "GET", "/c", token).status()).isEqualTo(404);
      assertThat(ask(harness, "GET", "/c").status()).isEqualTo(404);
    }
  }

  // ---- rules and identity

  @Test
  void aStaticRuleNeedsNoReview() throws IOException {
    String rules =
        """
        authorization:
          mapping: non-resource
          static:
            - {user: "system:serviceaccount:apps:ruled", review: {verb: get, path: /a}}
        """;
    try (GatewayHarness harness = start("", rules)) {
      String token = token(harness, "ruled");
      assertThat(ask(harness, "GET", "/a", token).status()).isEqualTo(200);
      assertThat(ask(harness, "POST", "/a", token, "Content-Length: 0").status()).isEqualTo(403);
      assertThat(ask(harness, "GET", "/b", token).status()).isEqualTo(403);
      assertThat(ask(harness, "GET", "/a", token(harness, "other")).status()).isEqualTo(403);
    }
  }

  @Test
  void theUpstreamIsToldWhoItIsByTheGatewayAlone() throws IOException {
    String told =
        BY_PATH
            + "forwarding: {drain: 10ms, eventLoops: 1,"
            + " identityHeaders: {user: X-Who, groups: X-Teams, separator: ';'}}\n";
    try (GatewayHarness harness = start("", told)) {
      String token = token(harness, "reader", path("get", "/a"));
      assertThat(
              ask(harness, "GET", "/a", token, "X-Who: root", "X_Teams: admins", "x-who: root")
                  .received())
          .contains("x-who: system:serviceaccount:apps:reader")
          .contains("system:serviceaccounts;")
          .doesNotContain("root")
          .doesNotContain("admins");
    }
  }

  // ---- the rest

  @Test
  void healthIsAnsweredWithoutAToken() throws IOException {
    String both =
        """
        upstreams: {up: {url: "http://127.0.0.1:%d", protocol: http1}}
        listeners:
          proxied: {address: "127.0.0.1:0", serves: [proxy], upstream: up}
          in: {address: "127.0.0.1:0", serves: [health], clients: {http2: false}}
        """
            .formatted(upstream.port());
    try (GatewayHarness harness = GatewayHarness.start(both + BY_PATH);
        Wire client = Wire.connect(harness.port("in"));
        Wire h2 = Wire.connect(harness.port("in"))) {
      client.write("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
      Wire.Head head = client.readHead();
      assertThat(head.status()).isEqualTo(200);
      assertThat(new String(client.readBody(head), StandardCharsets.ISO_8859_1)).isEqualTo("ok");
      client.write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(404);
      assertThat(harness.metrics()).contains("endpoint=\"healthz\"");

      h2.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      assertThat(h2.isClosedByPeer()).isTrue();
    }
  }
}
