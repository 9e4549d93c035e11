package io.scopegate.authz.decision;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Proof;
import io.scopegate.authz.CertificateGroups;
import io.scopegate.authz.CertificateUser;
import io.scopegate.authz.Lease;
import io.scopegate.authz.User;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The authorities that client certificates are checked with, and whose certificate one is: by
 * default the CN is the user, the O are the groups, as <a
 * href="https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates">Kubernetes</a>
 * reads them. The only OU is the tenant. The holder of an authority's key can name anybody. For any
 * thread.
 */
public final class ClientAuthorities {
  private static final String EVERYBODY = "system:authenticated";

  private final List<X509Certificate> certificates;
  private final X509TrustManager trust;
  private final CertificateUser userBy;
  private final CertificateGroups groupsBy;
  private final Lease lease = new Lease();

  /**
   * With the certificates of the authorities.
   *
   * @param certificates at least one
   * @param userBy which name is the user
   * @param groupsBy which names are the groups
   */
  public ClientAuthorities(
      List<X509Certificate> certificates, CertificateUser userBy, CertificateGroups groupsBy) {
    this.userBy = userBy;
    this.groupsBy = groupsBy;
    this.certificates = List.copyOf(certificates);
    this.trust = trust(certificates);
  }

  private static X509TrustManager trust(List<X509Certificate> certificates) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (int i = 0; i < certificates.size(); i++) {
        store.setCertificateEntry(Integer.toString(i), certificates.get(i));
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      return Arrays.stream(factory.getTrustManagers())
          .flatMap(t -> t instanceof X509TrustManager x509 ? Stream.of(x509) : Stream.empty())
          .findFirst()
          .orElseThrow();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e); // every JDK 17 can do this
    }
  }

  /** What a handshake checks with: the chain, the dates, and that clients may use it. */
  public X509TrustManager trust() {
    return trust;
  }

  /**
   * Where a token may decide about a connection with any certificate: the handshake lets every
   * chain in, and {@link #verify} decides when the certificate itself has to say who it is. Tells
   * clients the same authorities as {@link #trust}.
   */
  public X509TrustManager trustLater() {
    return new Later(trust.getAcceptedIssuers());
  }

  /** Extended, so that the JDK does not check in its place. */
  private static final class Later extends X509ExtendedTrustManager {
    private final X509Certificate[] issuers;

    Later(X509Certificate[] issuers) {
      this.issuers = issuers;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("a server's certificate (expected: a client's)");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      checkServerTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      checkServerTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return issuers.clone();
    }
  }

  /** Whether these are the same authorities. */
  public boolean are(List<X509Certificate> others) {
    return certificates.equals(others);
  }

  /** Other authorities are in force from now on: callers accepted by these are checked again. */
  public void end() {
    lease.end();
  }

  /**
   * The certificate's user, checked again.
   *
   * @param chain as the client showed it, its own certificate first
   */
  public Authentication verify(List<X509Certificate> chain, long nowMillis) {
    X509Certificate own = chain.get(0);
    try {
      trust.checkClientTrusted(
          chain.toArray(X509Certificate[]::new), own.getPublicKey().getAlgorithm());
    } catch (CertificateException e) {
      return refused("the client certificate is not trusted, or not any more", nowMillis);
    }
    return of(own, nowMillis);
  }

  /**
   * Whose certificate it is.
   *
   * @param own a client's own certificate that a handshake with {@link #trust} has accepted
   */
  public Authentication of(X509Certificate own, long nowMillis) {
    CertificateNames names = CertificateNames.of(own);
    String user = names == null ? null : only(candidates(names));
    if (names == null || user == null) {
      return refused(
          "the client certificate names no user (expected: "
              + userBy.expected()
              + ", and printable names)",
          nowMillis);
    }
    String tenant = only(names.units());
    long notAfterMillis = own.getNotAfter().getTime();
    return Authentication.authenticated(
        new User(user, "", groups(names), Map.of()),
        notAfterMillis,
        new Proof(
            Proof.Source.CERTIFICATE,
            tenant == null ? "" : tenant,
            nowMillis,
            notAfterMillis,
            lease));
  }

  private static Authentication refused(String why, long nowMillis) {
    return Authentication.unauthenticated(why, nowMillis, Proof.Source.CERTIFICATE);
  }

  private static @Nullable String only(List<String> values) {
    return values.size() == 1 && !values.get(0).isEmpty() ? values.get(0) : null;
  }

  private List<String> candidates(CertificateNames names) {
    return switch (userBy) {
      case CN -> names.commonNames();
      case URI -> names.uris();
      case DNS -> names.dnsNames();
      case EMAIL -> names.emails();
    };
  }

  private List<String> groups(CertificateNames names) {
    List<String> named =
        switch (groupsBy) {
          case O -> names.organizations();
          case OU -> names.units();
        };
    return Stream.concat(named.stream(), Stream.of(EVERYBODY)).distinct().toList();
  }
}
