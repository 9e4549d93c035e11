package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.testkit.tempo.TempoStandIn;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tenants in paths, as clients of the tempo-operator's gateway name them. */
final class TenantPathIT {
  private static final String SEARCH = "/tempo/api/search?q=%7B%7D";

  private static TempoStandIn tempo;
  private static GatewayHarness harness;

  @BeforeAll
  static void start() {
    tempo = TempoStandIn.start();
    harness =
        GatewayHarness.start(
            """
            upstreams:
              query: {url: "http://127.0.0.1:%d", pathPrefix: /tempo}
            listeners:
              query:
                address: "127.0.0.1:0"
                serves: [tempo-query]
                upstream: query
                tenantInPath: true
            limits: {tenants: {acme: {maxQueryRange: 1h}}}
            """
                .formatted(tempo.queryPort()));
  }

  @AfterAll
  static void stop() {
    harness.close();
    tempo.close();
  }

  private static H2Wire.Message get(H2Wire client, String path, String... tenants)
      throws IOException {
    Http2Headers head = harness.http2("GET", path);
    head.remove("x-scope-orgid");
    for (String tenant : tenants) {
      head.add("x-scope-orgid", tenant);
    }
    return client.message(client.request(head, true));
  }

  private static H2Wire.Message get(String path, String... tenants) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("query"))) {
      return get(client, path, tenants);
    }
  }

  @Test
  void tempoGetsItsOwnPathAndTheTenantInItsHeader() throws IOException {
    for (String[] tenants : new String[][] {{}, {"acme"}}) {
      assertThat(get("/api/traces/v1/acme" + SEARCH, tenants).status()).isEqualTo(200);
      assertThat(tempo.received().last().uri()).isEqualTo(SEARCH);
      assertThat(tempo.received().last().header("x-scope-orgid")).containsExactly("acme");
    }
  }

  @Test
  void overHttp1ItIsTheSame() throws IOException {
    try (Wire client = Wire.connect(harness.port("query"))) {
      client.write(harness.http1("GET", "/api/traces/v1/acme" + SEARCH));

      assertThat(client.readHead().status()).isEqualTo(200);
      assertThat(tempo.received().last().uri()).isEqualTo(SEARCH);
    }
  }

  @Test
  void eachRequestOfAConnectionHasItsOwn() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("query"))) {
      for (int i = 0; i < 3; i++) {
        assertThat(get(client, "/api/traces/v1/acme" + SEARCH).status()).isEqualTo(200);
        assertThat(get(client, "/api/traces/v1/other" + SEARCH).status()).isEqualTo(403);
        assertThat(get(client, "/api/search", "acme").status()).isEqualTo(200);
        assertThat(get(client, "/api/search", "other").status()).isEqualTo(403);
      }
    }
  }

  @Test
  void aHeaderThatSaysSomethingElseIsRefused() throws IOException {
    long before = tempo.received().count();
    for (String[] tenants :
        new String[][] {{"other"}, {"ACME"}, {""}, {"acme|acme"}, {"acme", "other"}}) {
      H2Wire.Message answer = get("/api/traces/v1/acme" + SEARCH, tenants);

      assertThat(answer.status()).as(String.join(",", tenants)).isEqualTo(400);
      assertThat(new String(answer.body())).contains("tenant_invalid");
    }
    assertThat(get("/api/traces/v1/acme/tempo/api/echo", "other").status()).isEqualTo(400);
    assertThat(tempo.received().count()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "%2e%2e",
        "acme%2fother",
        "acme%5cother",
        "acme|other",
        "acme%7Cother",
        "%61cme",
        "acme:x=y",
        "acme;x=y",
        "acme%00",
        "acme%20",
        "acme,other",
        "acme~",
        "\u00e4cme"
      })
  void whatIsNoTenantIsRefused(String tenant) throws IOException {
    long before = tempo.received().count();
    try (Wire client = Wire.connect(harness.port("query"))) {
      client.write(harness.http1("GET", "/api/traces/v1/" + tenant + SEARCH));

      assertThat(client.readHead().status()).isEqualTo(400);
    }
    assertThat(tempo.received().count()).isEqualTo(before);
  }

  @Test
  void aNameThatIsTooLongIsRefused() throws IOException {
    assertThat(get("/api/traces/v1/" + "a".repeat(150) + SEARCH).status()).isEqualTo(403);
    assertThat(get("/api/traces/v1/" + "a".repeat(151) + SEARCH).status()).isEqualTo(400);
  }

  @Test
  void limitsAreThoseOfTheTenantInThePath() throws IOException {
    String range = "/tempo/api/search?q=%7B%7D&start=1700000000&end=1700086400";

    H2Wire.Message answer = get("/api/traces/v1/acme" + range);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(new String(answer.body())).contains("range_too_long");
  }
}
