package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.TestCa;
import org.junit.jupiter.api.Test;

/** What is wrong about {@code tls}, at the top and below a listener. */
final class TlsChecksTest extends CheckedConfig {
  private String entry(String name, TestCa.Issued issued) {
    return "    - {certificateFile: %s, keyFile: %s}\n"
        .formatted(
            issued.writeCertificate(directory.resolve(name + ".crt")),
            issued.writeKey(directory.resolve(name + ".key")));
  }

  @Test
  void tlsNeedsACertificateAndItsKey() {
    assertThat(problems(TEMPO + "tls: {mode: required}"))
        .containsExactly(
            "2:6 tls.certificateFile: missing, and tls.mode: required needs a certificate"
                + " (expected: certificateFile and keyFile, certificates, or selfSigned: true)");
  }

  @Test
  void certificateAndKeyHaveToBelongTogether() {
    assertThat(
            problems(
                TEMPO
                    + "tls: {mode: optional, certificateFile: \"${CRT}\","
                    + " keyFile: \"${OTHER_KEY}\"}"))
        .singleElement()
        .asString()
        .startsWith("2:59 tls.keyFile: ")
        .contains("(expected: the key of the certificate in ");
    assertThat(
            problems(
                TEMPO + "tls: {mode: optional, certificateFile: \"${CRT}\", keyFile: \"${KEY}\"}"))
        .isEmpty();
  }

  @Test
  void noNameMayLeadToTwoCertificates() {
    TestCa ca = TestCa.create();
    String yaml =
        TEMPO
            + "tls:\n  mode: required\n  certificates:\n"
            + entry("a", ca.named("a.example.com", "*.example.com"))
            + entry("b", ca.named("b.example.com"))
            + entry("c", ca.named("c.example.com", "*.example.com"))
            + entry("d", ca.client("d"));

    assertThat(problems(yaml))
        .containsExactly(
            "7:25 tls.certificates[2].certificateFile: *.example.com is in "
                + directory.resolve("a.crt")
                + " as well (expected: certificates without names in common)",
            "8:25 tls.certificates[3].certificateFile: "
                + directory.resolve("d.crt")
                + " has no DNS name, by which it would be chosen (expected: a certificate with a"
                + " DNS name)");
  }

  @Test
  void theOnlyCertificateMayBeTheFirstOfTheList() {
    String entry = "{certificateFile: '${CRT}', keyFile: '${KEY}'}";
    assertThat(problems(TEMPO + "tls: {mode: required, certificates: [" + entry + "]}")).isEmpty();
    assertThat(
            problems(
                TEMPO
                    + "tls: {mode: required, certificates: [{certificateFile: '${CRT}',"
                    + " keyFile: '${OTHER_KEY}'}]}"))
        .singleElement()
        .asString()
        .contains("tls.certificates[0].keyFile: ", "(expected: the key of the certificate in ");
    assertThat(
            problems(
                TEMPO + "tls: {mode: required, keyFile: '${KEY}', certificates: [" + entry + "]}"))
        .singleElement()
        .asString()
        .contains("tls.certificateFile: missing (expected: both certificateFile and keyFile)");
  }

  @Test
  void clearTextCannotBeRefusedWhereThereIsNothingElse() {
    assertThat(problems(TEMPO + "tls: {clearTextTokens: reads}"))
        .containsExactly(
            "2:24 tls.clearTextTokens: reads cannot be kept while tls.mode is disabled (expected:"
                + " allow, or tls.mode: required or optional)");
  }

  @Test
  void filesThatCannotBeReadAreReportedOnce() {
    assertThat(
            problems(TEMPO + "tls: {mode: required, certificateFile: /no, keyFile: \"${KEY}x\"}"))
        .hasSize(2)
        .first()
        .asString()
        .startsWith(
            "2:40 tls.certificateFile: /no does not exist (expected: a file that can be read");
  }

  @Test
  void authoritiesOfClientsCanBeReadAndAreUsed() {
    String tls = "tls: {mode: required, certificateFile: '${CRT}', keyFile: '${KEY}', ";
    assertThat(problems(TEMPO + tls + "clientCaFile: '${CRT}'}")).isEmpty();
    assertThat(problems(TEMPO + tls + "clientCaFile: '${KEY}'}"))
        .singleElement()
        .asString()
        .contains("tls.clientCaFile: ", " holds something else (expected: certificates in PEM)");
    assertThat(problems(TEMPO + "tls: {clientCaFile: '${CRT}'}"))
        .singleElement()
        .asString()
        .contains("tls.clientCaFile: ", " is never used while tls.mode is disabled");
  }
}
