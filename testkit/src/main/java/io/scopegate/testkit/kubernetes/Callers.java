package io.scopegate.testkit.kubernetes;

import io.vertx.core.http.HttpServerRequest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Finds out who asks the API server: by token, by client certificate, or nobody. */
final class Callers {
  private static final String BEARER = "Bearer ";

  private final Tokens tokens;
  private final View view;

  Callers(Tokens tokens, View view) {
    this.tokens = tokens;
    this.view = view;
  }

  /**
   * The caller.
   *
   * @throws ApiException 401 when there is a token that is not good
   */
  Identity of(HttpServerRequest request) {
    String authorization = request.getHeader("authorization");
    if (authorization != null && authorization.startsWith(BEARER)) {
      String token = authorization.substring(BEARER.length());
      Identity identity = tokens.review(token, List.of(), view).identity();
      if (identity == null) {
        throw new ApiException(401, "Unauthorized", "Unauthorized");
      }
      return identity;
    }
    SSLSession tls = request.connection().sslSession();
    return tls == null ? Identity.ANONYMOUS : ofCertificate(tls);
  }

  private static Identity ofCertificate(SSLSession tls) {
    Certificate[] chain;
    try {
      chain = tls.getPeerCertificates();
    } catch (SSLPeerUnverifiedException e) {
      return Identity.ANONYMOUS;
    }
    String user = "";
    List<String> groups = new ArrayList<>();
    for (Rdn part : parts((X509Certificate) chain[0])) {
      if (part.getType().equals("CN")) {
        user = String.valueOf(part.getValue());
      } else if (part.getType().equals("O")) {
        groups.add(String.valueOf(part.getValue()));
      }
    }
    return Identity.authenticated(user, groups);
  }

  private static List<Rdn> parts(X509Certificate certificate) {
    try {
      return new LdapName(certificate.getSubjectX500Principal().getName()).getRdns();
    } catch (InvalidNameException e) {
      throw new ApiException(401, "Unauthorized", "Unauthorized");
    }
  }
}
