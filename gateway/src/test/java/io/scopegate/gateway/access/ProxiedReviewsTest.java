package io.scopegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.authz.DecisionCacheConfig;
import io.scopegate.authz.ResourceAttributes;
import io.scopegate.gateway.access.AuthorizationConfig.Mapping;
import io.scopegate.gateway.access.ProxiedReviews.Wanted;
import io.scopegate.gateway.access.TenancyConfig.Source;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.Operation;
import io.scopegate.gateway.route.Traffic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is reviewed of a request that is proxied, and which ones cannot be reviewed. */
class ProxiedReviewsTest {
  private static final Endpoint GET =
      new Endpoint("proxied", false, Operation.READ, Traffic.QUERY, "get");
  private static final ResourceAttributesConfig BY_VALUE =
      new ResourceAttributesConfig("apps", "v1", "deployments", "metrics", "web", "{value}");

  private static ProxiedReviews reviews(
      Mapping mapping, @Nullable RewritesConfig rewrites, TenancyConfig tenancy) {
    AuthorizationConfig config =
        new AuthorizationConfig(
            mapping,
            BY_VALUE,
            rewrites,
            new VerbsConfig("get", "create", "update"),
            new DecisionCacheConfig(
                Duration.ofMinutes(5), Duration.ofSeconds(30), Duration.ofMinutes(5), 100),
            Enforcement.DENY,
            true,
            List.of());
    return new ProxiedReviews(config, tenancy, new ResourceMapping(config));
  }

  private static ProxiedReviews reviews(@Nullable String header, @Nullable String query) {
    RewritesConfig rewrites =
        header == null && query == null ? null : new RewritesConfig(header, query);
    return reviews(Mapping.CUSTOM, rewrites, Configs.tenancy(Source.HEADER));
  }

  private static ProxiedReviews byPath(boolean forwardsTenant) {
    TenancyConfig tenancy =
        new TenancyConfig(
            "X-Scope-OrgID", List.of(Source.HEADER), null, Map.of(), 2, forwardsTenant);
    return reviews(Mapping.NON_RESOURCE, null, tenancy);
  }

  private static Http2Headers head(String path, String... namesAndValues) {
    Http2Headers head = new DefaultHttp2Headers(false).method("GET").path(path);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      head.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return head;
  }

  private static void assertRefused(Wanted wanted, String detail) {
    assertThat(wanted.refusal()).isNotNull();
    assertThat(wanted.refusal().reason()).isEqualTo(Reason.TENANT_INVALID);
    assertThat(wanted.refusal().detail()).contains(detail).matches("[ -~]*");
    assertThat(wanted.values()).isEmpty();
  }

  // ---- by the path

  @Test
  void thePathIsReviewedWithoutItsQueryAndItsEscapes() {
    ProxiedReviews reviews = byPath(false);

    Wanted wanted = reviews.wanted(GET, head("/metrics/a%62c?x=1"));

    assertThat(wanted.refusal()).isNull();
    assertThat(reviews.questions(wanted, Configs.JANE))
        .containsExactly(ResourceAttributes.ofPath("get", "/metrics/abc"));
    assertThat(wanted.label()).isEmpty();
    assertThat(reviews.wanted(GET, new DefaultHttp2Headers(false)).path()).isEqualTo("/");
  }

  @Test
  void aPathOf1024CharactersIsReviewedAndALongerOneIsNot() {
    ProxiedReviews reviews = byPath(false);

    assertThat(reviews.wanted(GET, head("/" + "a".repeat(1_023))).refusal()).isNull();
    assertRefused(
        reviews.wanted(GET, head("/" + "a".repeat(1_024))),
        "path: 1025 characters (expected: at most 1024)");
  }

  // ---- the tenant

  @Test
  void aTenantThatNobodyReviewsIsTakenOut() {
    Wanted wanted = byPath(false).wanted(GET, head("/", "x-scope-orgid", "a"));

    assertThat(wanted.refusal()).isNull();
    assertThat((CharSequence) wanted.tenantHeader()).isNull();
  }

  @Test
  void aTenantIsForwardedWhereTheConfigurationSaysSo() {
    Wanted sent = byPath(true).wanted(GET, head("/", "x-scope-orgid", "a"));
    assertThat((CharSequence) sent.tenantHeader()).isEqualTo(AsciiString.of("a"));
    assertThat((CharSequence) byPath(true).wanted(GET, head("/")).tenantHeader()).isNull();
    assertRefused(
        byPath(true).wanted(GET, head("/", "x-scope-orgid", "a", "x-scope-orgid", "a")),
        "several x-scope-orgid headers");
    assertThat(
            byPath(false)
                .wanted(GET, head("/", "x-scope-orgid", "a", "x-scope-orgid", "b"))
                .refusal())
        .isNull();
  }

  @Test
  void aTenantThatIsWhatIsReviewedIsForwarded() {
    Wanted wanted = reviews("X-Scope-OrgID", null).wanted(GET, head("/", "x-scope-orgid", "a"));

    assertThat((CharSequence) wanted.tenantHeader()).isEqualTo(AsciiString.of("a"));
    assertThat(wanted.values()).containsExactly("a");
  }

  // ---- by values

  @Test
  void withoutRewritesOneResourceIsReviewed() {
    ProxiedReviews reviews = reviews(null, null);

    Wanted wanted = reviews.wanted(GET, head("/x?namespace=a"));

    assertThat(reviews.questions(wanted, Configs.JANE))
        .containsExactly(
            new ResourceAttributes("get", "apps", "v1", "deployments", "metrics", "web", ""));
    assertThat(wanted.label()).isEmpty();
  }

  @Test
  void everyValueOfTheHeaderAndTheQueryIsReviewedOnce() {
    ProxiedReviews reviews = reviews("X-Namespace", "namespace");

    Wanted wanted =
        reviews.wanted(
            GET,
            head(
                "/x?a=1&namespace=one&b&namespace=t%77o&name%73pace=one",
                "x-namespace", "three", "x-namespace", "one"));

    assertThat(wanted.refusal()).isNull();
    assertThat(reviews.questions(wanted, Configs.JANE))
        .extracting(ResourceAttributes::namespace)
        .containsExactly("one", "two", "three");
    assertThat(wanted.label()).isEqualTo("one|three|two");
    assertThat(reviews.wanted(GET, head("/x?namespace=one")).label()).isEqualTo("one");
  }

  @Test
  void aRequestThatNamesNothingSaysWhereItWouldBe() {
    assertRefused(reviews(null, "ns").wanted(GET, head("/x")), "the parameter ns in the query");
    assertRefused(reviews(null, "ns").wanted(GET, head("/x?a=b&NS=c&n")), "nothing to review");
    assertRefused(
        reviews("X-Ns", null).wanted(GET, head("/x?ns=a")),
        "nothing to review (expected: the header x-ns)");
    assertRefused(
        reviews("X-Ns", "ns").wanted(GET, head("/x")), "the header x-ns, or ns in the query");
  }

  @Test
  void anEmptyValueIsAValue() {
    assertThat(reviews(null, "ns").wanted(GET, head("/x?ns")).values()).containsExactly("");
    assertThat(reviews(null, "ns").wanted(GET, head("/x?ns=")).values()).containsExactly("");
    assertThat(reviews("x-ns", null).wanted(GET, head("/x", "x-ns", "")).values())
        .containsExactly("");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ns=a;ns=b",
        "ns=a b",
        "ns=a\tb",
        "ns=\u007f",
        "ns=\u00e9",
        "ns=%",
        "ns=%4",
        "ns=%zz",
        "x=%zz&ns=a",
        "%zz=1&ns=a"
      })
  void aQueryThatMayBeReadInSeveralWaysIsRefused(String query) {
    assertRefused(reviews(null, "ns").wanted(GET, head("/x?" + query)), "read in several ways");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ns=!", "ns=~", "ns=a%20b", "&&ns=a", "ns=a&", "?ns=b&ns=c"})
  void otherQueriesAreRead(String query) {
    assertThat(reviews(null, "ns").wanted(GET, head("/x?" + query)).refusal()).isNull();
  }

  @Test
  void aQueryOfAThousandParametersIsReadAndALongerOneIsRefused() {
    ProxiedReviews reviews = reviews(null, "ns");

    assertThat(reviews.wanted(GET, head("/x?" + "a&".repeat(999) + "ns=b")).values())
        .containsExactly("b");
    assertRefused(
        reviews.wanted(GET, head("/x?" + "a&".repeat(1_000) + "ns=b")), "read in several ways");
  }

  @Test
  void valuesThatMayBeReadInSeveralWaysAreRefused() {
    assertRefused(reviews(null, "ns").wanted(GET, head("/x?ns=%ff")), "without control characters");
    assertRefused(reviews(null, "ns").wanted(GET, head("/x?ns=%0a")), "without control characters");
    assertRefused(reviews("x-ns", null).wanted(GET, head("/x", "x-ns", "a\u007f")), "is not ASCII");
    assertRefused(reviews("x-ns", null).wanted(GET, head("/x", "x-ns", "\u00e9")), "is not ASCII");
    assertThat(reviews("x-ns", null).wanted(GET, head("/x", "x-ns", "~")).values())
        .containsExactly("~");
    assertThat(reviews(null, "ns").wanted(GET, head("/x?ns=%c3%a9")).values())
        .containsExactly("\u00e9");
  }

  @Test
  void valuesAreBoundedInNumberAndLength() {
    ProxiedReviews reviews = reviews(null, "ns");
    StringBuilder sixteen = new StringBuilder("/x?");
    for (int i = 0; i < 16; i++) {
      sixteen.append("ns=").append(i).append('&');
    }

    assertThat(reviews.wanted(GET, head(sixteen.toString())).values()).hasSize(16);
    assertRefused(reviews.wanted(GET, head(sixteen + "ns=16")), "at most 16 of at most 256");
    assertThat(reviews.wanted(GET, head("/x?ns=" + "a".repeat(256))).refusal()).isNull();
    assertRefused(reviews.wanted(GET, head("/x?ns=" + "a".repeat(257))), "too many or too long");
  }
}
