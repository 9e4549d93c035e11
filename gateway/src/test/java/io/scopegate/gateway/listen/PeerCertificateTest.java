package io.scopegate.gateway.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.CertificateGroups;
import io.scopegate.authz.CertificateUser;
import io.scopegate.authz.decision.ClientAuthorities;
import io.scopegate.gateway.access.ConnectionIdentity;
import io.scopegate.testkit.TestCa;
import java.lang.reflect.Proxy;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Test;

class PeerCertificateTest {
  private final TestCa ca = TestCa.create();
  private final ClientAuthorities authorities =
      new ClientAuthorities(List.of(ca.certificate()), CertificateUser.CN, CertificateGroups.O);

  /** As a resumed session is: the chain comes with it, and the handshake has not looked at it. */
  private static SSLSession session(X509Certificate shown) {
    return (SSLSession)
        Proxy.newProxyInstance(
            PeerCertificateTest.class.getClassLoader(),
            new Class<?>[] {SSLSession.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("getPeerCertificates")) {
                return new Certificate[] {shown};
              }
              throw new UnsupportedOperationException(method.getName());
            });
  }

  private Authentication of(X509Certificate shown) {
    ConnectionIdentity peer = PeerCertificate.of(session(shown), authorities, () -> authorities);
    return peer.authentication(System.currentTimeMillis());
  }

  @Test
  void aResumedSessionIsTrustedForAChainThatIsGoodNow() {
    assertThat(of(ca.client("jane").certificate()).outcome())
        .isEqualTo(Authentication.Outcome.AUTHENTICATED);
  }

  @Test
  void aResumedSessionIsNotTrustedForAChainThatNobodyWouldTrustNow() {
    assertThat(of(TestCa.create().client("jane").certificate()).outcome())
        .isEqualTo(Authentication.Outcome.UNAUTHENTICATED);
  }
}
