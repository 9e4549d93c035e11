package io.scopegate.gateway.listen;

import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Why a TLS handshake failed, in words that an operator can act on. */
final class HandshakeFailure {
  private static final int MOST_CAUSES = 16;
  private static final String UNTRUSTED =
      "the client certificate is not signed by a CA of tls.clientCaFile";

  private static final String NOT_ACCEPTED =
      "this listener's certificate: it does not trust the CA, or uses a name that is not in the"
          + " certificate";

  /** Clients with OpenSSL say so by an alert in clear text, which TLS 1.3 does not let be read. */
  private static final String UNREADABLE_ALERT =
      "the client broke off the TLS handshake, most likely because it does not accept "
          + NOT_ACCEPTED;

  private HandshakeFailure() {}

  /** The cause in words; one of few texts. JDK and BoringSSL word their messages differently. */
  static String words(@Nullable Throwable failure) {
    StringBuilder all = new StringBuilder();
    Deque<Throwable> todo = new ArrayDeque<>();
    if (failure != null) {
      todo.add(failure);
    }
    for (int i = 0; i < MOST_CAUSES && !todo.isEmpty(); i++) {
      Throwable at = todo.remove();
      String known = byType(at);
      if (known != null) {
        return known;
      }
      all.append(at.getMessage()).append('\n');
      todo.addAll(Arrays.asList(at.getSuppressed()));
      if (at.getCause() != null) {
        todo.add(at.getCause());
      }
    }
    return byText(all.toString().toLowerCase(Locale.ROOT));
  }

  private static @Nullable String byType(Throwable failure) {
    if (failure instanceof SslHandshakeTimeoutException) {
      return "no complete TLS handshake within clients.handshakeTimeout";
    }
    if (failure instanceof CertificateExpiredException) {
      return "the client certificate has expired";
    }
    if (failure instanceof CertificateNotYetValidException) {
      return "the client certificate is not valid yet";
    }
    return failure instanceof ClosedChannelException
        ? "the client closed the connection during the TLS handshake"
        : null;
  }

  private static String byText(String text) {
    if (text.contains("path building failed")
        || text.contains("valid certification path")
        || text.contains("signature check failed")) {
      return UNTRUSTED;
    }
    if (text.contains("extended key usage")) {
      return "the client certificate is not for client authentication";
    }
    if (text.contains("certificate_verify_failed") || text.contains("path validation failed")) {
      return "the client certificate was not accepted";
    }
    if (text.contains("alert")) {
      return byAlert(text);
    }
    if (text.contains("bad_packet_length")) {
      return UNREADABLE_ALERT;
    }
    if (text.contains("unsupported_protocol")
        || text.contains("not enabled or supported")
        || text.contains("wrong_version")) {
      return "the client offers no TLS version that tls.minVersion accepts";
    }
    if (text.contains("no_shared_cipher") || text.contains("no cipher suites in common")) {
      return "no cipher suite in common, see tls.cipherSuites";
    }
    return "the TLS handshake failed";
  }

  private static String byAlert(String text) {
    if (text.contains("unknown_ca")
        || text.contains("certificate")
        || text.contains("unknown certificate")) {
      return "the client does not accept " + NOT_ACCEPTED;
    }
    return text.contains("protocol_version") || text.contains("protocol version")
        ? "the client accepts none of the TLS versions offered"
        : "the client ended the TLS handshake";
  }
}
