package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.config.ConfigLoader;
import io.scopegate.gateway.access.ConnectionIdentity;
import io.scopegate.gateway.access.HeaderRules;
import io.scopegate.gateway.exchange.ClientInfo;
import io.scopegate.gateway.exchange.ConnectionStanding;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RequestHeadersTest {
  private static final AsciiString TENANT = AsciiString.of("acme");
  private static final AsciiString HTTPS = AsciiString.of("https");
  private static final ClientInfo CLIENT =
      new ClientInfo(
          "in",
          "10.1.2.3:4",
          0,
          AsciiString.of("10.1.2.3"),
          true,
          ConnectionIdentity.NONE,
          new ConnectionStanding(() -> {}));

  private static RequestHeaders rules(boolean strip) {
    return new RequestHeaders(
        new HeaderRules("X-Scope-OrgID", strip, List.of()),
        ConfigLoader.defaults(ForwardingConfig.class));
  }

  private static Http2Headers head() {
    return new DefaultHttp2Headers().method("GET").path("/").scheme("http").authority("a");
  }

  @Test
  void setsTheTenantOnceWhateverWasSent() {
    Random random = new Random(4);
    for (int i = 0; i < 1000; i++) {
      Http2Headers h = head();
      for (int n = random.nextInt(4); n > 0; n--) {
        h.add("x-scope-orgid", "other" + n);
      }
      rules(true).prepare(h, TENANT, null, CLIENT, HTTPS);
      assertThat(h.getAll("x-scope-orgid")).hasSize(1);
      assertThat(h.get("x-scope-orgid").toString()).isEqualTo("acme");
    }
  }

  @Test
  void setsNoTenantWhereThereIsNone() {
    Http2Headers h = head().add("x-scope-orgid", "other");
    rules(true).prepare(h, null, null, CLIENT, HTTPS);
    assertThat(h.contains("x-scope-orgid")).isFalse();
  }

  @Test
  void addsTheClientBehindThoseBefore() {
    Http2Headers h = head().add("x-forwarded-for", "1.1.1.1").add("x-forwarded-for", "2.2.2.2");
    rules(true).prepare(h, TENANT, null, CLIENT, HTTPS);
    assertThat(h.getAll("x-forwarded-for")).hasSize(1);
    assertThat(h.get("x-forwarded-for").toString()).isEqualTo("1.1.1.1, 2.2.2.2, 10.1.2.3");
    assertThat(h.get("x-forwarded-proto").toString()).isEqualTo("https");
    assertThat(h.get("x-forwarded-host").toString()).isEqualTo("a");
    assertThat(h.scheme()).isEqualTo(HTTPS);
  }

  @Test
  void keepsCredentialsOutOfTrailers() {
    Http2Headers t =
        new DefaultHttp2Headers()
            .add("authorization", "Bearer x")
            .add("x-scope-orgid", "other")
            .add("x-sum", "1");
    rules(true).prepareTrailers(t);
    assertThat(t)
        .extracting(Map.Entry::getKey)
        .map(CharSequence::toString)
        .containsExactly("x-sum");
  }
}
