package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.TestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong about {@code authentication}. */
final class AuthenticationChecksTest extends CheckedConfig {
  @Test
  void anAudienceIsNotEmpty() {
    assertProblem(
        TEMPO + "authentication: {kubernetes: {audiences: [tempo, ''] }}",
        "2:50 authentication.kubernetes.audiences[1]: \"\" (expected: an audience)");
  }

  @Test
  void theKubeconfigIsReadAsByServe() throws IOException {
    assertProblem(
        TEMPO + "authentication: {kubernetes: {kubeconfig: /none}}",
        "2:43 authentication.kubernetes.kubeconfig: kubeconfig: /none: no such file (expected: a"
            + " readable file)");
    Path file = Files.createTempFile(directory, "kubeconfig", "");
    Files.writeString(file, "hello: x");
    assertProblem(
        TEMPO + "authentication: {kubernetes: {kubeconfig: " + file + "}}",
        "2:43 authentication.kubernetes.kubeconfig: kubeconfig: "
            + file
            + ": current-context: missing (expected: the name of a context)");
  }

  @Test
  void withoutKubernetesOthersMustKnowCallersAndGrant() {
    String off = "authentication: {kubernetes: {mode: off}}\n";
    assertThat(problems(TEMPO + off))
        .hasSize(2)
        .anySatisfy(p -> assertThat(p).contains("authorization.static: [] "))
        .anySatisfy(p -> assertThat(p).contains("authentication.kubernetes.mode: off "));
    String rest =
        """
        tls: {mode: required, certificateFile: '${CRT}', keyFile: '${KEY}', clientCaFile: '${CRT}'}
        authorization: {static: [{user: a, tenants: [b], operations: [read]}]%s}
        """;
    assertThat(problems(TEMPO + off + rest.formatted(""))).isEmpty();
    assertThat(problems(TEMPO + off + rest.formatted(", mapping: namespaced")))
        .singleElement()
        .asString()
        .contains("authorization.mapping: ");
    assertThat(
            problems(
                TEMPO
                    + "authentication: {kubernetes: {mode: off, kubeconfig: '${CRT}'}}\n"
                    + rest.formatted("")))
        .singleElement()
        .asString()
        .contains("authentication.kubernetes.kubeconfig: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://a",
        "ftp://a",
        "a",
        "https://",
        "https://u@a",
        "https://a?b",
        "https://a#b",
        "''"
      })
  void anIssuerIsAUrlWhereKeysCanBeReadSafely(String url) {
    assertThat(
            problems(TEMPO + "authentication: {oidc: [{issuer: '" + url + "', audiences: [b]}]}"))
        .isNotEmpty();
  }

  @Test
  void issuersAreToldApartAndTheirTokensMeantForSomebody() {
    assertThat(
            problems(
                TEMPO
                    + """
                    authentication:
                      oidc:
                      - {issuer: "https://a", audiences: []}
                      - {issuer: "https://a", audiences: [""], usernameClaim: " "}
                      - {issuer: "https://b", audiences: [c], caFile: /none}
                      - {issuer: "https://b", audiences: [d]}
                      - {issuer: "https://b", audiences: [e, d]}
                    """))
        .hasSize(5)
        .satisfiesExactly(
            p -> assertThat(p).contains("oidc[0].audiences", "at least one audience"),
            p -> assertThat(p).contains("oidc[1].audiences[0]", "an audience"),
            p -> assertThat(p).contains("oidc[1].usernameClaim", "the name of a claim"),
            p -> assertThat(p).contains("oidc[2].caFile: /none does not exist"),
            p -> assertThat(p).contains("oidc[4].audiences: d", "in one place"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mode: local-only", "foreignTokens: refuse"})
  void tokensThatAreToldApartHaveToBeChecked(String key) {
    assertThat(
            problems(TEMPO + "authentication: {kubernetes: {localJwtCheck: false, " + key + "}}"))
        .singleElement()
        .asString()
        .contains("authentication.kubernetes.localJwtCheck: false cannot be combined with " + key);
  }

  @Test
  void theFileOfStaticTokensIsCheckedInItsOwnPlaces() throws IOException {
    Path tokens = Files.writeString(directory.resolve("tokens.yaml"), "tokens:\n- {user: jane}\n");
    LoadedConfig loaded =
        TestFiles.load(directory, TEMPO + "authentication: {staticTokens: " + tokens + "}");

    assertThat(loaded.isValid()).isFalse();
    assertThat(loaded.problems())
        .singleElement()
        .asString()
        .startsWith(tokens + ":2:3 tokens[0].sha256: ");
  }
}
