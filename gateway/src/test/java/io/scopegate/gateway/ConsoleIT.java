package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.Fault;
import io.scopegate.testkit.kubernetes.RequestKind;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person asks a running gateway on its console, and who must not. */
final class ConsoleIT {
  private static final String SEARCH = "/api/explain?path=/api/search&tenant=acme";

  private static GatewayHarness harness;

  @BeforeAll
  static void start() {
    harness =
        GatewayHarness.start(
            """
            upstreams:
              up: {url: "http://127.0.0.1:1", protocol: http1}
            listeners:
              query: {address: "127.0.0.1:0", serves: [tempo-query], upstream: up}
              other: {address: "127.0.0.1:0", serves: [otlp-http], upstream: up}
            """);
  }

  @AfterAll
  static void stop() {
    harness.close();
  }

  private record Answer(Wire.Head head, String body) {
    int status() {
      return head.status();
    }
  }

  private static Answer ask(String method, String target, String host, String... lines)
      throws IOException {
    return send(method + " " + target, host, "", lines);
  }

  private static Answer send(String first, String host, String body, String... lines)
      throws IOException {
    try (Wire wire = Wire.connect(harness.gateway.consolePort())) {
      StringBuilder head = new StringBuilder(first).append(" HTTP/1.1\r\nHost: ").append(host);
      for (String line : lines) {
        head.append("\r\n").append(line);
      }
      wire.write(head + "\r\nConnection: close\r\n\r\n" + body);
      Wire.Head answer = wire.readHead();
      return new Answer(answer, new String(wire.readBody(answer), StandardCharsets.UTF_8));
    }
  }

  private static Answer get(String target) throws IOException {
    return ask("GET", target, "localhost", bearer());
  }

  private static String bearer() {
    return "Authorization: Bearer " + harness.token;
  }

  @Test
  void explainsByTheCachesOfTheRunningGateway() throws IOException {
    Answer first = get(SEARCH);
    assertThat(first.status()).isEqualTo(200);
    JsonObject explained = new JsonObject(first.body());
    assertThat(explained.getBoolean("allowed")).isTrue();
    assertThat(explained.getString("listener")).isEqualTo("query");

    Answer second = get(SEARCH + "&format=text");

    assertThat(second.body())
        .containsPattern("by TokenReview, answered [0-9.]+ s ago, from the cache\n")
        .containsPattern("by SubjectAccessReview, answered [0-9.]+ s ago, from the cache\n")
        .doesNotContain(harness.token);
    assertThat(second.head().value("cache-control")).isEqualTo("no-store");
  }

  @Test
  void showsHowItStandsWithTheCluster() throws IOException {
    Answer answer = get("/api/cluster");

    assertThat(answer.status()).isEqualTo(200);
    JsonObject state = new JsonObject(answer.body());
    assertThat(state.getBoolean("circuit_open")).isFalse();
    // this gateway's account has no right to watch
    assertThat(state.getJsonObject("watched").getBoolean("clusterrolebindings")).isFalse();
    assertThat(state.getJsonObject("issuer_keys").fieldNames()).contains("cluster");
  }

  @Test
  void explainsWhatIsPosted() throws IOException {
    String form = "tenant=acme&grpc=tempopb.StreamingQuerier/Search";
    Answer answer =
        send(
            "POST /api/explain",
            "127.0.0.1",
            form,
            bearer(),
            "Content-Type: application/x-www-form-urlencoded",
            "Content-Length: " + form.length());

    assertThat(answer.status()).isEqualTo(200);
    assertThat(new JsonObject(answer.body()).getString("endpoint"))
        .isEqualTo("tempopb.StreamingQuerier/Search");
  }

  @Test
  void explainsRefusals() throws IOException {
    assertThat(ask("GET", SEARCH + "&format=text", "localhost").body())
        .contains("HTTP 401 (unauthenticated)");
    assertThat(get("/api/explain?path=/api/search&tenant=other&format=text").body())
        .contains("authorization  other: no\n")
        .contains("would allow it");
    assertThat(get("/api/explain?path=/flush&format=text").body())
        .contains("endpoint       none on query, other\n");
    assertThat(ask("GET", SEARCH, "localhost", bearer(), bearer() + "x").body())
        .contains("several authorization headers");
  }

  @Test
  void thePageHasEachPartOfAnExplanationAndNoOther() throws IOException {
    Set<String> given = new TreeSet<>();
    for (String query : List.of("/api/search&tenant=acme", "/api/search&tenant=other", "/flush")) {
      given.addAll(new JsonObject(get("/api/explain?path=" + query).body()).fieldNames());
    }

    assertThat(
            MarkdownTable.rows("reference/admin.md", "Part").stream()
                .flatMap(row -> Stream.of(row.get(0).split(", "))))
        .containsExactlyInAnyOrderElementsOf(given);
  }

  @Test
  void hasTheObjectsThatWouldAllowItAsYaml() throws IOException {
    JsonObject right =
        new JsonObject(get("/api/explain?path=/api/search&tenant=other").body())
            .getJsonArray("rights")
            .getJsonObject(0);

    assertThat(right.getString("rule_yaml"))
        .contains("kind: ClusterRole\n", "kind: ClusterRoleBinding\n", "resources: [other]\n");
    assertThat(right.getString("question_yaml")).contains("kind: SubjectAccessReview\n");
  }

  @Test
  void tellsWhatAReloadHasChanged() throws IOException {
    String yaml =
        """
        upstreams:
          up: {url: "http://127.0.0.1:1", protocol: http1}
        listeners:
          query: {address: "127.0.0.1:0", serves: [tempo-query], upstream: up}
        """;
    try (GatewayHarness following = GatewayHarness.following(yaml)) {
      assertThat(reload(following).getBoolean("start")).isTrue();

      following.reload(
          yaml + "limits: {defaults: {queriesPerSecond: 7}}\nforwarding: {eventLoops: 3}\n");
      assertThat(reload(following).getJsonArray("changed"))
          .contains("limits.defaults.queriesPerSecond", "forwarding.eventLoops");
      assertThat(reload(following).getJsonArray("at_next_start"))
          .containsExactly("forwarding.eventLoops");
      assertThat(reload(following).getBoolean("current")).isFalse();

      following.reload(yaml + "limit: {}\n");
      assertThat(reload(following).getJsonArray("problems").getString(0))
          .contains("limit: unknown key");
    }
  }

  private static JsonObject reload(GatewayHarness of) throws IOException {
    try (Wire wire = Wire.connect(of.gateway.consolePort())) {
      wire.write("GET /api/reload HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      Wire.Head answer = wire.readHead();
      return new JsonObject(new String(wire.readBody(answer), StandardCharsets.UTF_8));
    }
  }

  @Test
  void anApiServerThatDoesNotAnswerLeavesItUndecided() throws IOException {
    harness.kubernetes.faults().always(RequestKind.TOKEN_REVIEW, Fault.status(500));
    try {
      assertThat(
              ask(
                      "GET",
                      SEARCH + "&format=text",
                      "localhost",
                      "Authorization: Bearer " + harness.newToken("stranger"))
                  .body())
          .contains("identity       undecided: ")
          .contains("HTTP 503 (undecided)");
    } finally {
      harness.kubernetes.faults().clear();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?path=/a&grpc=b/c",
        "?path=a",
        "?path=/a&path=/b",
        "?path=/a&nonsense=1",
        "?path=/a&format=xml",
        "?path=/a&listener=none",
        "?grpc=a",
      })
  void whatCannotBeExplainedIsRefused(String query) throws IOException {
    assertThat(get("/api/explain" + query).status()).isEqualTo(400);
  }

  @Test
  void whatIsTooLargeIsRefused() throws IOException {
    assertThat(get("/api/explain?path=/" + "a".repeat(20_000)).status()).isEqualTo(400);
    assertThat(get("/api/explain?path=/" + "a".repeat(40_000)).status()).isEqualTo(414);
    assertThat(
            send(
                    "POST /api/explain",
                    "localhost",
                    "",
                    "Content-Type: application/x-www-form-urlencoded",
                    "Content-Length: 1000000")
                .status())
        .isEqualTo(413);
  }

  @Test
  void showsTheConfigurationInForce() throws IOException {
    Answer answer = get("/api/config");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.head().value("content-type")).isEqualTo("application/yaml");
    assertThat(answer.body()).startsWith("tempo: null\nupstreams:\n  up:\n");
  }

  @Test
  void showsTheLastRefusals() throws IOException {
    try (Wire client = Wire.connect(harness.port("query"))) {
      client.write(harness.http1("GET", "/flush?token=" + harness.token, "X-Request-Id: the-one"));
      assertThat(client.readHead().status()).isEqualTo(404);
    }
    harness.assertIdle();

    Answer answer = get("/api/refusals");

    JsonObject last = new JsonObject(answer.body()).getJsonArray("refusals").getJsonObject(0);
    assertThat(last.getString("request_id")).isEqualTo("the-one");
    assertThat(last.getString("listener")).isEqualTo("query");
    assertThat(last.getString("endpoint")).isEqualTo("unmatched");
    assertThat(last.getString("reason")).isEqualTo("not_found");
    assertThat(answer.body()).doesNotContain(harness.token);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost:8081", "LOCALHOST", "127.0.0.1", "127.0.0.1:8081", "[::1]", "10.1.2.3"})
  void itsOwnNamesAreAnswered(String host) throws IOException {
    assertThat(ask("GET", "/api/config", host).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:8081",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "1",
        "0x7f.1",
        "",
      })
  void aNameThatCouldBeMadeToLeadHereIsRefused(String host) throws IOException {
    for (String endpoint : new String[] {"/api/config", "/", "/assets/main.js", "/api/events"}) {
      assertThat(ask("GET", endpoint, host).status()).isIn(400, 403);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Origin: http://evil.example",
        "Origin: null",
        "Origin: http://localhost:1",
        "Origin: https://localhost",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site",
        "Origin: http://localhost\r\nOrigin: http://evil.example",
      })
  void aPageOfAnotherSiteIsRefused(String line) throws IOException {
    for (String endpoint :
        new String[] {
          SEARCH,
          "/api/config",
          "/api/cluster",
          "/api/refusals",
          "/none",
          "/",
          "/assets/main.js",
          "/api/events"
        }) {
      Answer answer = ask("GET", endpoint, "localhost", line);

      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.head().text().toLowerCase(java.util.Locale.ROOT))
          .doesNotContain("access-control");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Origin: http://localhost", "Sec-Fetch-Site: same-origin"})
  void aPageOfItsOwnIsAnswered(String line) throws IOException {
    assertThat(ask("GET", "/api/config", "localhost", line).status()).isEqualTo(200);
  }

  @Test
  void otherMethodsAndPathsAreRefused() throws IOException {
    assertThat(ask("DELETE", "/api/config", "localhost").status()).isEqualTo(405);
    assertThat(ask("OPTIONS", "/api/explain", "localhost").status()).isEqualTo(405);
    assertThat(ask("GET", "/api/none", "localhost").status()).isEqualTo(404);
  }

  @Test
  void thereIsNoneWhenItIsSwitchedOff() {
    try (GatewayHarness without =
        GatewayHarness.start(
            """
            upstreams:
              up: {url: "http://127.0.0.1:1", protocol: http1}
            listeners:
              query: {address: "127.0.0.1:0", serves: [tempo-query], upstream: up}
            admin: {address: "127.0.0.1:0", console: null}
            """)) {
      assertThat(without.gateway.consolePort()).isZero();
    }
  }
}
