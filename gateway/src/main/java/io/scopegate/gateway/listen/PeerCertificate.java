package io.scopegate.gateway.listen;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Proof;
import io.scopegate.authz.decision.ClientAuthorities;
import io.scopegate.gateway.access.ConnectionIdentity;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The client certificate of one connection. Its whole chain is checked at the first request, and
 * again when the port's authorities become others, so that a connection is trusted no longer than a
 * new one would be. The handshake has checked it as well, but only if it was a full one: a session
 * that is resumed, by a ticket or from a cache, brings the chain along unchecked, in both TLS
 * engines, and a part of it may have expired meanwhile.
 */
final class PeerCertificate implements ConnectionIdentity {
  private final List<X509Certificate> chain;
  private final Supplier<@Nullable ClientAuthorities> inForce;
  private @Nullable ClientAuthorities checkedBy;
  private @Nullable Authentication known;

  private PeerCertificate(
      List<X509Certificate> chain,
      ClientAuthorities checkedBy,
      Supplier<@Nullable ClientAuthorities> inForce) {
    this.chain = chain;
    this.checkedBy = checkedBy;
    this.inForce = inForce;
  }

  /**
   * Who a session is with.
   *
   * @param session after its handshake
   * @param checkedBy what the handshake checked with; null when no certificate was asked for
   * @param inForce what the port checks with now; null when it takes no certificates any more
   */
  static ConnectionIdentity of(
      SSLSession session,
      @Nullable ClientAuthorities checkedBy,
      Supplier<@Nullable ClientAuthorities> inForce) {
    if (checkedBy == null) {
      return NONE;
    }
    List<X509Certificate> chain = chain(session);
    return chain.isEmpty() ? NONE : new PeerCertificate(chain, checkedBy, inForce);
  }

  private static List<X509Certificate> chain(SSLSession session) {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      for (Certificate certificate : session.getPeerCertificates()) {
        chain.add((X509Certificate) certificate);
      }
      return List.copyOf(chain);
    } catch (SSLPeerUnverifiedException e) {
      return List.of(); // it has shown none
    }
  }

  @Override
  public Authentication authentication(long nowMillis) {
    ClientAuthorities now = inForce.get();
    Authentication answer = known;
    if (answer == null || now != checkedBy) {
      answer = check(now, nowMillis);
      checkedBy = now;
      known = answer;
    }
    return nowMillis < answer.proof().notAfterMillis()
        ? answer
        : refused("the client certificate has expired", nowMillis);
  }

  private Authentication check(@Nullable ClientAuthorities now, long nowMillis) {
    if (now == null) {
      return refused("client certificates are not taken any more", nowMillis);
    }
    return now.verify(chain, nowMillis);
  }

  private static Authentication refused(String why, long nowMillis) {
    return Authentication.unauthenticated(why, nowMillis, Proof.Source.CERTIFICATE);
  }
}
