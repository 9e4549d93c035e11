package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong about {@code tenancy}. */
final class TenancyChecksTest extends CheckedConfig {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a b",
        "",
        "Authorization",
        "host",
        "x:y",
        "tenant\u00e9",
        "X-Forwarded-For",
        "x-forwarded-proto",
        "x-forwarded-host",
        "X-Request-Id",
        "accept",
        "http2-settings",
        "grpc-status",
        "grpc-metadata",
        "te",
        "trailer",
        "proxy-connection",
        "remote-user",
        "x-remote-extra-a",
        "impersonate-user",
        "x-webauth-user",
        "x-auth-request-a",
        "x-forwarded-access-token"
      })
  void theTenantHeaderIsAHeaderOfItsOwn(String header) {
    assertThat(problems(TEMPO + "tenancy: {header: \"" + header + "\"}"))
        .singleElement()
        .asString()
        .contains("tenancy.header: ")
        .endsWith("(expected: the name of a header of its own)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-Scope-OrgID", "x-scope-userid", "x-tenant"})
  void otherHeadersMayNameTheTenant(String header) {
    assertThat(problems(TEMPO + "tenancy: {header: " + header + "}")).isEmpty();
  }

  @Test
  void tenantsAndIdsAreWhatTempoTakes() {
    String longest = "x".repeat(150);
    assertThat(problems(TEMPO + "tenancy: {ids: {\"a!-_.*'()Z9\": " + longest + "}}")).isEmpty();
    for (String id : List.of("a|b", "a:b", "'.'", "'..'", "a/b", "''", longest + "x", "\u00e9")) {
      assertThat(problems(TEMPO + "tenancy: {ids: {a: \"" + id.replace("'", "") + "\"}}"))
          .as(id)
          .singleElement()
          .asString()
          .startsWith("2:20 tenancy.ids.a: ");
    }
    assertThat(problems(TEMPO + "tenancy: {ids: {'a|b': c}}")).hasSize(1);
  }

  @Test
  void twoNamesHaveTwoIds() {
    assertProblem(
        TEMPO + "tenancy: {ids: {a: x, b: x}}",
        "2:26 tenancy.ids.b: x is the id of a already (expected: another id)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "[header, header]"})
  void tenantSourcesAreNamedOnce(String source) {
    assertThat(problems(TEMPO + "tenancy: {source: " + source + "}"))
        .singleElement()
        .asString()
        .contains("(expected: some of header, namespace, certificate and claim, each once)");
  }

  @Test
  void aFederatedQueryHasOneTenantAtLeast() {
    assertProblem(
        TEMPO + "tenancy: {maxFederated: 0}",
        "2:25 tenancy.maxFederated: 0 (expected: 1 to 10000)");
  }

  @Test
  void aClaimIsNamedWhenItIsASource() {
    assertProblem(
        TEMPO + "tenancy: {source: [header, claim]}",
        "2:10 tenancy.claim: missing, and tenancy.source has claim (expected: the name of a"
            + " claim)");
    assertProblem(
        TEMPO + "tenancy: {claim: org}",
        "2:18 tenancy.claim: org is never used (expected: claim in tenancy.source, or null here)");
    assertThat(problems(TEMPO + "tenancy: {source: [certificate, claim], claim: org}")).isEmpty();
  }
}
