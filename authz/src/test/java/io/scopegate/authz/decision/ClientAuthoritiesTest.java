package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Outcome;
import io.scopegate.authz.Authentication.Proof;
import io.scopegate.authz.CertificateGroups;
import io.scopegate.authz.CertificateUser;
import io.scopegate.testkit.TestCa;
import java.time.Instant;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ClientAuthoritiesTest {
  private static final long NOW = 1_000;

  private final TestCa ca = TestCa.create();
  private final ClientAuthorities authorities =
      new ClientAuthorities(List.of(ca.certificate()), CertificateUser.CN, CertificateGroups.O);

  private Authentication of(String subject) {
    return authorities.of(ca.client(new X500Principal(subject)).certificate(), NOW);
  }

  private Authentication verify(TestCa.Issued shown) {
    return authorities.verify(List.of(shown.certificate()), NOW);
  }

  @Test
  void readsASubjectAsKubernetesDoes() {
    Authentication jane = of("O=team-a, O=ops, CN=jane, C=DE");
    assertThat(jane.user().name()).isEqualTo("jane");
    assertThat(jane.user().groups())
        .containsExactlyInAnyOrder("team-a", "ops", "system:authenticated")
        .endsWith("system:authenticated");
    assertThat(jane.proof().source()).isEqualTo(Proof.Source.CERTIFICATE);
    assertThat(jane.proof().tenant()).isEmpty();
    assertThat(jane.proof().answeredMillis()).isEqualTo(NOW);
    assertThat(of("CN=system:serviceaccount:apps:writer").user().name())
        .isEqualTo("system:serviceaccount:apps:writer");
    assertThat(of("CN=\"a, O=system:masters\"").user().name()).isEqualTo("a, O=system:masters");
    assertThat(of("CN=jane+O=both").user().groups()).contains("both");
  }

  @Test
  void endsWithTheCertificate() {
    Instant end = Instant.ofEpochSecond(Instant.now().getEpochSecond() + 3600);
    Authentication jane =
        authorities.of(ca.client(new X500Principal("CN=jane"), end).certificate(), NOW);
    assertThat(jane.proof().notAfterMillis()).isEqualTo(end.toEpochMilli());
    assertThat(jane.validUntilMillis()).isEqualTo(end.toEpochMilli());
  }

  @Test
  void theOnlyUnitIsTheTenant() {
    assertThat(of("CN=jane, OU=payments").proof().tenant()).isEqualTo("payments");
    assertThat(of("CN=jane, OU=payments, OU=other").proof().tenant()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "O=ops",
        "CN=jane, CN=joe",
        "CN=jane+CN=joe",
        "CN=\"\"",
        "CN=\"a\u0000b\"",
        "CN=\"a\u200bb\"",
        "CN=jane, O=\"a\u0007b\""
      })
  void namesThatCanBeReadInTwoWaysAreNobodys(String subject) {
    Authentication nobody = of(subject);
    assertThat(nobody.outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    assertThat(nobody.reason()).startsWith("the client certificate names no user");
  }

  @Test
  void checksAnewAsAHandshakeDoes() {
    X500Principal jane = new X500Principal("CN=jane");
    assertThat(verify(ca.client(jane)).outcome()).isEqualTo(Outcome.AUTHENTICATED);
    for (TestCa.Issued bad :
        List.of(
            TestCa.create().client(jane),
            ca.client(jane, Instant.now().minusSeconds(60)),
            ca.server())) {
      assertThat(verify(bad).outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    }
  }

  private Authentication by(CertificateUser user, CertificateGroups groups, String... names) {
    return new ClientAuthorities(List.of(ca.certificate()), user, groups)
        .of(ca.workload("O=SPIRE, OU=ops, OU=dev, C=US", names).certificate(), NOW);
  }

  @Test
  void aSpiffeCertificateWithoutACnIsTheWorkloadOfItsUri() {
    Authentication workload =
        by(CertificateUser.URI, CertificateGroups.O, "uri:spiffe://example.org/ns/apps/sa/writer");
    assertThat(workload.user().name()).isEqualTo("spiffe://example.org/ns/apps/sa/writer");
    assertThat(workload.user().groups()).containsExactly("SPIRE", "system:authenticated");
  }

  @Test
  void anyOfTheAlternativeNamesMayBeTheUserAndUnitsTheGroups() {
    String[] names = {"uri:spiffe://a/b", "dns:writer.apps", "email:writer@example.org"};
    assertThat(by(CertificateUser.DNS, CertificateGroups.OU, names).user().name())
        .isEqualTo("writer.apps");
    assertThat(by(CertificateUser.EMAIL, CertificateGroups.OU, names).user().name())
        .isEqualTo("writer@example.org");
    assertThat(by(CertificateUser.EMAIL, CertificateGroups.OU, names).user().groups())
        .containsExactlyInAnyOrder("ops", "dev", "system:authenticated");
  }

  @Test
  void severalUrisAreNobodyAndSoIsNone() {
    for (String[] names :
        new String[][] {
          {"uri:spiffe://a/b", "uri:spiffe://a/c"},
          {"uri:spiffe://a/b", "uri:spiffe://a/b"},
          {"dns:spiffe"},
          {"uri:spiffe://a/b\u0007"}
        }) {
      Authentication nobody = by(CertificateUser.URI, CertificateGroups.O, names);
      assertThat(nobody.outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
      assertThat(nobody.reason()).contains("one URI among its alternative names");
    }
    assertThat(by(CertificateUser.CN, CertificateGroups.O, "uri:spiffe://a/b").reason())
        .contains("one CN");
  }
}
