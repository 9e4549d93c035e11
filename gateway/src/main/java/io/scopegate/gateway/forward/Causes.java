package io.scopegate.gateway.forward;

import io.scopegate.config.DurationText;
import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Why something on the network could not be asked, in words instead of class names. */
public final class Causes {
  private static final int MOST_CAUSES = 16;

  private Causes() {}

  /**
   * The cause in words.
   *
   * @param host the name that was asked for
   * @param timeout how long it was waited for, as it is written
   */
  public static String of(Throwable failure, String host, String timeout) {
    if (isUnknownName(failure)) {
      return "the name " + host + " does not resolve";
    }
    SSLException tls = find(failure, SSLException.class);
    if (tls != null) {
      return tls(tls, host);
    }
    ConnectException connect = find(failure, ConnectException.class);
    if (isTimeout(failure)) {
      return "no answer within " + timeout;
    }
    if (connect != null && (connect.getMessage() == null || text(connect).contains("refused"))) {
      return "the connection is refused, so nothing listens there";
    }
    if (find(failure, NoRouteToHostException.class) != null || text(failure).contains("reach")) {
      return "there is no route to it";
    }
    return "the connection was closed";
  }

  /** The same where a failure of our own brings its words along. */
  static String words(Throwable failure, String host, Duration timeout) {
    if (failure instanceof FileNotFoundException) {
      return "there is no such socket";
    }
    String own = failure.getMessage();
    return own == null || isAway(failure) || isTls(failure)
        ? of(failure, host, DurationText.format(timeout))
        : own;
  }

  /** Whether no connection came about, so that nothing is known about what is spoken there. */
  public static boolean isAway(Throwable failure) {
    return isUnknownName(failure)
        || find(failure, ConnectException.class) != null
        || find(failure, NoRouteToHostException.class) != null
        || isTimeout(failure);
  }

  /** Whether TLS is what failed. */
  public static boolean isTls(Throwable failure) {
    return find(failure, SSLException.class) != null;
  }

  /** The JDK's HTTP client has a type of its own for it. */
  private static boolean isUnknownName(Throwable failure) {
    return find(failure, UnknownHostException.class) != null
        || find(failure, UnresolvedAddressException.class) != null;
  }

  private static boolean isTimeout(Throwable failure) {
    return find(failure, TimeoutException.class) != null
        || text(failure).contains("timed out")
        || text(failure).contains("timeout");
  }

  private static String tls(SSLException failure, String host) {
    String text = all(failure);
    if (text.contains("not an ssl/tls record") || text.contains("unsupported or unrecognized")) {
      return "it does not speak TLS";
    }
    if (text.contains("no subject alternative") || text.contains("no name matching")) {
      return "its certificate is not for the name " + host;
    }
    if (text.contains("unable to find valid certification path")
        || text.contains("path building failed")
        || text.contains("signature check failed")
        || text.contains("self-signed")) {
      return "its certificate is not signed by a trusted CA";
    }
    if (text.contains("expired") || text.contains("notafter")) {
      return "its certificate has expired";
    }
    if (text.contains("certificate_required") || text.contains("bad_certificate")) {
      return "it wants another client certificate";
    }
    if (text.contains("protocol_version")) {
      return "it offers no TLS version from 1.2 on";
    }
    return "the TLS handshake failed";
  }

  private static String all(Throwable failure) {
    StringBuilder all = new StringBuilder();
    Throwable at = failure;
    for (int i = 0; at != null && i < MOST_CAUSES; i++) {
      all.append(text(at)).append('\n');
      at = at.getCause();
    }
    return all.toString();
  }

  private static String text(Throwable failure) {
    return String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
  }

  private static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
    Throwable at = failure;
    for (int i = 0; at != null && i < MOST_CAUSES; i++) {
      if (type.isInstance(at)) {
        return type.cast(at);
      }
      at = at.getCause();
    }
    return null;
  }
}
