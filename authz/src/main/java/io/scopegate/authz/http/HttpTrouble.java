package io.scopegate.authz.http;

import java.io.EOFException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/**
 * Why a server gave no answer, in words for the operator. The JDK has no types for most of them.
 */
public enum HttpTrouble {
  /** It ended the connection by a GOAWAY, again and again. */
  GOAWAY("it ends each connection with GOAWAY instead of an answer"),
  /** DNS does not know it. */
  UNKNOWN_HOST("its name cannot be resolved"),
  /** There is no way to it. */
  NO_ROUTE("there is no route to it"),
  /** No connection within the time. */
  CONNECT_TIMEOUT("no connection within the time limit"),
  /** Nothing accepts connections. */
  REFUSED("connection refused: nothing listens there"),
  /** Its certificate is another's. */
  WRONG_NAME("its certificate is for another name"),
  /** Its certificate is too old, or too new. */
  EXPIRED("its certificate has expired or is not valid yet"),
  /** Nobody trusted has signed its certificate. */
  UNTRUSTED("its certificate is not signed by an authority that is trusted here"),
  /** It does not take our certificate. */
  CLIENT_CERTIFICATE("it does not accept the client certificate, or requires one"),
  /** It speaks clear text, or no TLS that we know. */
  NO_TLS("it does not speak TLS there, or no version and cipher suite in common"),
  /** The proxy on the way does not let us through. */
  PROXY("the proxy on the way refuses or fails"),
  /** The answer is longer than allowed. */
  TOO_LONG("its answer is too long"),
  /** The connection ended in the middle. */
  CLOSED("it closed the connection before the answer was complete"),
  /** It speaks something else than HTTP. */
  OTHER("the connection failed or its answer was not HTTP");

  private static final int MAX_CAUSES = 16;

  private final String words;

  HttpTrouble(String words) {
    this.words = words;
  }

  /** A half sentence about the server, such as {@code its name cannot be resolved}. */
  public String words() {
    return words;
  }

  /** What a failure of the JDK's client means. */
  public static HttpTrouble of(Throwable failure) {
    if (HttpFailures.isGoAway(failure)) {
      return GOAWAY;
    }
    HttpTrouble found = OTHER;
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
      HttpTrouble here = ofOne(cause);
      // The one nearest to the bottom says most, but what is below a refusal is no news.
      if (here != OTHER && !(found != OTHER && here == CLOSED)) {
        found = here;
      }
      cause = cause.getCause();
    }
    return found;
  }

  private static HttpTrouble ofOne(Throwable cause) {
    if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
      return UNKNOWN_HOST;
    }
    if (cause instanceof HttpConnectTimeoutException) {
      return CONNECT_TIMEOUT;
    }
    if (cause instanceof NoRouteToHostException) {
      return NO_ROUTE;
    }
    if (cause instanceof CertificateExpiredException
        || cause instanceof CertificateNotYetValidException) {
      return EXPIRED;
    }
    HttpTrouble said = ofMessage(cause);
    if (said != OTHER) {
      return said;
    }
    if (cause instanceof ConnectException) {
      return REFUSED;
    }
    if (cause instanceof SSLException) {
      return NO_TLS;
    }
    return cause instanceof EOFException ? CLOSED : OTHER;
  }

  private static HttpTrouble ofMessage(Throwable cause) {
    String said = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    if (said.contains("unreachable")) {
      return NO_ROUTE;
    }
    if (said.contains("subject alternative") || said.contains("no name matching")) {
      return WRONG_NAME;
    }
    if (said.contains("certification path")
        || said.contains("trust anchor")
        || said.contains("signature check")
        || said.contains("pkix")) {
      return said.contains("validity") || said.contains("expired") ? EXPIRED : UNTRUSTED;
    }
    if (said.contains("fatal alert") && said.contains("certificate")
        || said.contains("unknown_ca")) {
      return CLIENT_CERTIFICATE;
    }
    if (said.contains("tunnel") || said.contains("proxy")) {
      return PROXY;
    }
    if (said.contains("answer longer than")) {
      return TOO_LONG;
    }
    return said.contains("reset")
            || said.contains("eof")
            || said.contains("closed")
            || said.contains("terminated")
            || said.contains("received no bytes")
        ? CLOSED
        : OTHER;
  }
}
