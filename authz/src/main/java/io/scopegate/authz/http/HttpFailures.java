package io.scopegate.authz.http;

import java.net.http.HttpTimeoutException;
import java.util.concurrent.TimeoutException;

/** Tells failures of the JDK's client apart. */
public final class HttpFailures {
  private static final int MAX_CAUSES = 16;

  private HttpFailures() {}

  /** Whether time ran out, rather than that the connection failed. */
  public static boolean isTimeout(Throwable failure) {
    Throwable cause = rootCause(failure);
    return cause instanceof HttpTimeoutException || cause instanceof TimeoutException;
  }

  /**
   * Whether the server ended the connection in good order, by a <a
   * href="https://datatracker.ietf.org/doc/html/rfc9113#section-6.8">GOAWAY</a>. API servers do so
   * now and then to spread their clients ({@code --goaway-chance}). JDKs before 17.0.17 then end
   * every request in progress (JDK-8335181), also those that the server would still have answered.
   * The client has no type for it, so its message tells.
   */
  public static boolean isGoAway(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
      String message = cause.getMessage();
      if (message != null
          && (message.contains("GOAWAY") || message.contains("not processed by peer"))) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  /** What lies at the bottom of a failure. */
  public static Throwable rootCause(Throwable failure) {
    Throwable cause = failure;
    Throwable next = cause.getCause();
    for (int depth = 0; next != null && depth < MAX_CAUSES; depth++) {
      cause = next;
      next = cause.getCause();
    }
    return cause;
  }
}
