package io.scopegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HeaderRulesTest {
  private final HeaderRules rules = new HeaderRules("X-Scope-OrgID", true);

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
        "x-webauth-user"
      })
  void stripsWhatSaysWhoSomebodyIs(String name) {
    assertThat(rules.strips(name)).isTrue();
    assertThat(rules.strips(AsciiString.of(name))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "x", "x-scope", "x_scope_orgid", "x-scope-orgid2", "x-forwarded-for",
        "x-forwarded-proto", "content-type", "impersonate", "x-request-id", "accept", "te",
        "grpc-timeout", "traceparent", "range", "pragma", "if-match", ":path"
      })
  void leavesTheRest(String name) {
    assertThat(rules.strips(name)).isFalse();
  }

  @Test
  void aTenantHeaderOfAnotherNameIsStrippedAsWellAsTempos() {
    HeaderRules other = new HeaderRules("Tenant", true);
    assertThat(other.strips("tenant")).isTrue();
    assertThat(other.strips("x-scope-orgid")).isTrue();
    assertThat(other.tenantHeader().toString()).isEqualTo("tenant");
  }

  @Test
  void theTokenGoesOnOnlyWhenConfigured() {
    HeaderRules keeps = new HeaderRules("X-Scope-OrgID", false);
    assertThat(keeps.strips("authorization")).isFalse();
    assertThat(keeps.strips("proxy-authorization")).isTrue();
  }
}
