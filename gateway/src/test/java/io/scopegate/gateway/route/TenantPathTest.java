package io.scopegate.gateway.route;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.answer.Refusal;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths with a tenant in them. */
class TenantPathTest {
  private static final String PATH = "/api/traces/v1/acme/tempo/api/search?q=x";
  private static final EndpointTable PLAIN =
      EndpointTable.of(List.of(Set.of(Protocol.TEMPO_QUERY, Protocol.OTLP_HTTP)));
  private static final EndpointTable TABLE = PLAIN.withTenantPaths(AsciiString.of("x-scope-orgid"));

  private static PathRewrite rewrite() {
    return requireNonNull(TABLE.route("GET", PATH, null).rewrite());
  }

  @Test
  void thePathGivesTheHeader() {
    Http2Headers head = new DefaultHttp2Headers().path(PATH);

    assertThat(rewrite().applyTo(head)).isNull();

    assertThat(head.path()).hasToString("/api/search?q=x");
    assertThat(head.getAll("x-scope-orgid")).hasSize(1);
    assertThat(head.get("x-scope-orgid")).hasToString("acme");
  }

  @Test
  void aHeaderThatSaysTheSameStays() {
    Http2Headers head = new DefaultHttp2Headers().path(PATH).add("x-scope-orgid", "acme");

    assertThat(rewrite().applyTo(head)).isNull();

    assertThat(head.path()).hasToString("/api/search?q=x");
    assertThat(head.getAll("x-scope-orgid")).hasSize(1);
  }

  @Test
  void aHeaderThatNamesAnotherTenantIsRefused() {
    Http2Headers head = new DefaultHttp2Headers().path(PATH).add("x-scope-orgid", "other");

    Refusal refusal = requireNonNull(rewrite().applyTo(head));

    assertThat(refusal.reason()).isEqualTo(Refusal.Reason.TENANT_INVALID);
    assertThat(refusal.detail()).contains("x-scope-orgid");
    assertThat(head.path()).hasToString(PATH);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/traces/v1/acme/tempo/api/search",
        "/api/traces/v1/acme/tempo/api/traces/1f",
        "/api/traces/v1/acme/v1/traces",
        "/api/traces/1f",
        "/api/search"
      })
  void hasThePathsBehindATenant(String path) {
    boolean ofTenant = path.startsWith("/api/traces/v1/");
    assertThat(TABLE.hasPath(path)).isTrue();
    assertThat(PLAIN.hasPath(path)).isEqualTo(!ofTenant);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/traces/v1/acme",
        "/api/traces/v1/acme/",
        "/api/traces/v1/acme/tempo",
        "/api/traces/v1/acme/tempo/ap",
        "/api/traces/v1/acme/v1/trace",
        "/api/traces/v1/acme/v1/traces/x",
        "/api/traces/v1/acme/../api/search",
        "/api/searches",
        "/api"
      })
  void hasNoOtherPath(String path) {
    assertThat(TABLE.hasPath(path)).isFalse();
    assertThat(TABLE.route("GET", path, null).rewrite()).isNull();
  }

  @Test
  void behindATenantTheUsualContentTypeIsTheSame() {
    String usual = "application/x-protobuf";
    assertThat(TABLE.usualContentType("POST", "/api/traces/v1/acme/v1/traces?x")).isEqualTo(usual);
    assertThat(TABLE.usualContentType("POST", "/v1/traces")).isEqualTo(usual);
    assertThat(TABLE.usualContentType("POST", "/v1//traces")).isNull();
    assertThat(TABLE.usualContentType("GET", PATH)).isNull();
    EndpointTable proxied = EndpointTable.of(List.of(Set.of(Protocol.PROXY)));
    assertThat(proxied.usualContentType("POST", "/v1/traces")).isNull();
  }
}
