package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong about {@code listeners}. */
final class ListenersChecksTest extends CheckedConfig {
  private static String twoListeners(String first, String second) {
    String rest = ", serves: [otlp-http], upstream: query-frontend}\n";
    return TEMPO
        + "listeners:\n  a: {address: \""
        + first
        + "\""
        + rest
        + "  b: {address: \""
        + second
        + "\""
        + rest;
  }

  @Test
  void aListenerServesByOneOfTwoForms() {
    assertProblem(
        listener(""), "3:6 listeners.a.serves: missing (expected: serves and upstream, or routes)");
    assertProblem(
        listener("serves: [otlp-grpc]"),
        "3:6 listeners.a.upstream: missing (expected: one of distributor-otlp-grpc,"
            + " distributor-otlp-http, query-frontend)");
    assertProblem(
        listener("upstream: query-frontend, routes: []"),
        "3:65 listeners.a.routes: given together with serves or upstream (expected: routes, or"
            + " serves and upstream)");
    assertProblem(
        listener("routes: []"), "3:39 listeners.a.routes: [] (expected: at least one route)");
    assertProblem(TEMPO + "listeners: {}", "2:12 listeners: {} (expected: at least one listener)");
  }

  @Test
  void whatTheDefaultListenersLackIsSaidOnce() {
    assertProblem(
        "upstreams: {a: {url: \"http://a:1\"}}",
        "1:12 upstreams: the default listeners need distributor-otlp-grpc, distributor-otlp-http,"
            + " query-frontend (expected: upstreams of these names, or listeners of your own)");
  }

  @Test
  void aPortServesEachProtocolOnce() {
    assertProblem(
        listener("serves: [], upstream: query-frontend"),
        "3:39 listeners.a.serves: [] (expected: at least one protocol)");
    assertProblem(
        listener(
            "routes: [{serves: [otlp-http], upstream: query-frontend},"
                + " {serves: [otlp-http], upstream: distributor-otlp-http}]"),
        "3:98 listeners.a.routes[1].serves: otlp-http twice (expected: each protocol once)");
    assertProblem(
        listener("serves: [generic-read, generic-write], upstream: query-frontend"),
        "3:39 listeners.a.serves: generic-read and generic-write, which both take any path"
            + " (expected: one of them)");
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:1,127.0.0.1:1",
    "0.0.0.0:1,127.0.0.1:1",
    "127.0.0.1:1,[::]:1",
    "localhost:8080,localhost:1",
  })
  void aPortIsTakenOnce(String first, String second) {
    assertThat(problems(twoListeners(first, second)))
        .singleElement()
        .asString()
        .contains(" is taken by listeners.a.address (expected: another address)");
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1:1,127.0.0.2:1", "127.0.0.1:0,127.0.0.1:0", "0.0.0.0:1,0.0.0.0:2"})
  void portsThatDifferAreFine(String first, String second) {
    assertThat(problems(twoListeners(first, second))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://shop.example/",
        "HTTPS://shop.example",
        "https://shop.example:443",
        "shop.example",
        "null",
        "",
        "https://*.example",
        "https://user@shop.example"
      })
  void whatNoBrowserSendsIsNoOrigin(String origin) {
    assertThat(
            problems(
                listener(
                    "serves: [otlp-http], upstream: query-frontend, cors: {origins: [\""
                        + origin
                        + "\"]}")))
        .singleElement()
        .asString()
        .contains("cors.origins[0]: ")
        .endsWith("(expected: an origin as browsers write it, such as https://shop.example)");
  }

  @Test
  void anyOriginIsAloneAndWithoutCredentials() {
    String cors = "serves: [otlp-http], upstream: query-frontend, cors: ";
    assertThat(problems(listener(cors + "{origins: [\"*\"]}"))).isEmpty();
    assertThat(problems(listener(cors + "{origins: [\"http://[::1]:3000\", \"app://x\"]}")))
        .isEmpty();
    assertThat(problems(listener(cors + "{origins: [\"*\"], credentials: true}")))
        .singleElement()
        .asString()
        .endsWith(
            "cors.origins[0]: * cannot be combined with cors.credentials (expected: the origins"
                + " themselves)");
    assertThat(problems(listener(cors + "{origins: [\"http://a\", \"*\"]}")))
        .singleElement()
        .asString()
        .endsWith("cors.origins[1]: * together with other origins (expected: * alone)");
    assertThat(problems(listener(cors + "{origins: [\"http://a\"], headers: [\"a b\"]}")))
        .singleElement()
        .asString()
        .endsWith("cors.headers[0]: a b (expected: the name of a header)");
  }

  @Test
  void whatIsProxiedIsNotChangedForGrpcWeb() {
    assertThat(
            problems(listener("serves: [proxy], upstream: query-frontend, grpcWeb: true")).stream()
                .filter(problem -> problem.contains("grpcWeb")))
        .singleElement(org.assertj.core.api.InstanceOfAssertFactories.STRING)
        .endsWith("grpcWeb: true has no effect with serves: [proxy] (expected: false)");
  }

  @Test
  void aTenantInThePathHasToCountFirst() {
    String tenantInPath = "serves: [tempo-query], upstream: query-frontend, tenantInPath: true";
    assertThat(problems(listener(tenantInPath))).isEmpty();
    assertThat(problems(listener(tenantInPath) + "tenancy: {source: [namespace, header]}"))
        .singleElement()
        .asString()
        .endsWith(
            "tenantInPath: true needs header as the first of tenancy.source (expected: false, or"
                + " another order there)");
    assertThat(
            problems(listener("serves: [otlp-grpc], upstream: query-frontend, tenantInPath: true")))
        .singleElement()
        .asString()
        .endsWith(
            " has no effect without otlp-http, tempo-query or tempo-overrides (expected: false)");
  }

  @Test
  void anAliasStandsForAPathThatIsServed() {
    String serves = "serves: [otlp-http, zipkin], upstream: query-frontend, pathAliases: ";
    assertThat(problems(listener(serves + "{/otlp/v1/traces: /v1/traces, /zipkin/spans: /spans}")))
        .isEmpty();
    assertThat(problems(listener(serves + "{/otlp/v1/traces: /v1/trace}")))
        .singleElement()
        .asString()
        .endsWith(
            "pathAliases[\"/otlp/v1/traces\"]: /v1/trace (expected: one of /v1/traces,"
                + " /api/v2/spans, /api/v1/spans, /spans)");
    for (String alias : List.of("otlp", "/a//b", "/a?b", "/../a", "/a%41")) {
      assertThat(problems(listener(serves + "{\"" + alias + "\": /v1/traces}")))
          .as(alias)
          .singleElement()
          .asString()
          .endsWith(alias + " is not a plain path (expected: a path such as /otlp/v1/traces)");
    }
    assertThat(problems(listener(serves + "{/spans: /v1/traces}")))
        .singleElement()
        .asString()
        .endsWith("/spans is an endpoint of the listener itself (expected: another path)");
    assertThat(
            problems(
                listener("serves: [otlp-grpc], upstream: query-frontend, pathAliases: {/a: /b}")))
        .singleElement()
        .asString()
        .endsWith("the listener serves no endpoint with an exact path (expected: {})");
  }

  @Test
  void aPathOfHealthChecksIsAPath() {
    assertThat(
            problems(
                TEMPO
                    + """
                    listeners:
                      query:
                        address: "127.0.0.1:0"
                        serves: [tempo-query]
                        upstream: query-frontend
                        health: {paths: [healthz, "/x?y", /, /ok]}
                    """))
        .hasSize(2)
        .allMatch(problem -> problem.contains("such as /healthz"));
  }
}
