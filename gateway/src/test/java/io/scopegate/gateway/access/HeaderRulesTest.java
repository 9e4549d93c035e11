package io.scopegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HeaderRulesTest {
  private final HeaderRules rules = new HeaderRules("X-Scope-OrgID", true, List.of());

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x-scope-orgid",
        "X-Scope-OrgID",
        "x-scope-userid",
        "authorization",
        "proxy-authorization",
        "impersonate-user",
        "Impersonate-Extra-scopes",
        "x-remote-user",
        "x-remote-uid",
        "x-remote-group",
        "x-remote-extra-anything",
        "remote-user",
        "x-forwarded-user",
        "x-forwarded-groups",
        "x-forwarded-email",
        "x-forwarded-preferred-username",
        "x-forwarded-access-token",
        "x-auth-request-user",
        "x-webauth-user",
        "x_scope_orgid",
        "X_Scope-OrgID",
        "Impersonate_User",
        "X_REMOTE_USER",
        "x-remote_extra-scopes",
        "X_Forwarded_User",
        "X-Forwarded-Client-Cert",
        "X-Forwarded-Tls-Client-Cert-Info",
        "x-client-cert",
        "X-Client-Certificate",
        "X-SSL-Client-CN",
        "SSL_CLIENT_S_DN",
        "ssl-client-verify",
        "Client-Cert",
        "client-cert-chain",
        "remote-email",
        "X-Authentik-Username",
        "x-vouch-user",
        "X-Pomerium-Jwt-Assertion",
        "x-amzn-oidc-data",
        "x-amzn-mtls-clientcert",
        "X-Goog-Authenticated-User-Email",
        "x-goog-iap-jwt-assertion",
        "X-Ms-Client-Principal-Name",
        "X-Ms-Token-Aad-Access-Token",
        "Cf-Access-Jwt-Assertion",
        "x-authenticated-user",
        "x-id-token",
        "X-Access-Token",
        "x-grafana-id",
        "X-HTTP-Method-Override",
        "x_http_method",
        "X-Method-Override",
        "X-Prom-Label-Policy",
        "x_prom_label_policy",
        "X-Prom_Label-Policy"
      })
  void stripsWhatSaysWhoSomebodyIs(String name) {
    assertThat(rules.strips(name)).isTrue();
    assertThat(rules.strips(AsciiString.of(name))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "x-scope",
        "x-scope-orgid2",
        "x-forwarded-for",
        "x-forwarded-proto",
        "content-type",
        "impersonate",
        "x-request-id",
        "accept",
        "te",
        "grpc-timeout",
        "traceparent",
        "range",
        "pragma",
        "if-match",
        ":path",
        "client",
        "cookie",
        "content-encoding",
        "x-forwarded-host",
        "x-grafana-org-id",
        "cf-ray",
        "server-timing"
      })
  void leavesTheRest(String name) {
    assertThat(rules.strips(name)).isFalse();
  }

  @Test
  void whatAnUpstreamMayTakeForTheHeaderThatWasReviewedIsStripped() {
    HeaderRules reviewing = new HeaderRules("Tenant", true, List.of(), "X-Namespace");

    assertThat(reviewing.strips("x_namespace")).isTrue();
    assertThat(reviewing.strips("X_Namespace")).isTrue();
    assertThat(reviewing.strips("x-namespace")).isFalse();
    assertThat(reviewing.strips("X-Namespace")).isFalse();
    assertThat(rules.strips("x_namespace")).isFalse();
  }

  @Test
  void aTenantHeaderOfAnotherNameIsStrippedAsWellAsTempos() {
    HeaderRules other = new HeaderRules("Tenant", true, List.of());
    assertThat(other.strips("tenant")).isTrue();
    assertThat(other.strips("x-scope-orgid")).isTrue();
    assertThat(other.tenantHeader().toString()).isEqualTo("tenant");
  }

  @Test
  void theTokenGoesOnOnlyWhenConfigured() {
    HeaderRules keeps = new HeaderRules("X-Scope-OrgID", false, List.of());
    assertThat(keeps.strips("authorization")).isFalse();
    assertThat(keeps.strips("proxy-authorization")).isTrue();
  }
}
