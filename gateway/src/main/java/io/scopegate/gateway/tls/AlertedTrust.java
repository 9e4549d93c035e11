package io.scopegate.gateway.tls;

import io.netty.handler.ssl.OpenSslCertificateException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import javax.net.ssl.X509TrustManager;

/**
 * Tells BoringSSL why a client certificate is refused, so that the client gets the alert for it:
 * without a code of its own it would say {@code internal_error}. The JDK's engine always says
 * {@code certificate_unknown}.
 */
final class AlertedTrust implements X509TrustManager {
  /** Becomes the alert {@code unknown_ca}; codes of OpenSSL's {@code X509_V_ERR_…}. */
  private static final int NO_ISSUER = 20;

  private static final int NOT_YET_VALID = 9;
  private static final int EXPIRED = 10;
  private static final int WRONG_PURPOSE = 26;
  private static final int MOST_CAUSES = 8;

  private final X509TrustManager trust;

  AlertedTrust(X509TrustManager trust) {
    this.trust = trust;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    try {
      trust.checkClientTrusted(chain, type);
    } catch (CertificateException e) {
      throw new OpenSslCertificateException(e.getMessage(), e, code(e));
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    trust.checkServerTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return trust.getAcceptedIssuers();
  }

  private static int code(CertificateException failure) {
    Throwable at = failure;
    for (int i = 0; at != null && i < MOST_CAUSES; i++) {
      if (at instanceof CertificateExpiredException) {
        return EXPIRED;
      }
      if (at instanceof CertificateNotYetValidException) {
        return NOT_YET_VALID;
      }
      at = at.getCause();
    }
    return String.valueOf(failure.getMessage()).contains("key usage") ? WRONG_PURPOSE : NO_ISSUER;
  }
}
