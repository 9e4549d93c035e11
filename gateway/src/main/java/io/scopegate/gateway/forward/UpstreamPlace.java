package io.scopegate.gateway.forward;

import io.scopegate.config.HostPort;
import io.scopegate.config.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Where servers of an upstream are: a host and a port, or a Unix socket.
 *
 * @param host the name or address, without brackets; empty for a socket
 * @param port 1 to 65535; 0 for a socket
 * @param socket the path of a Unix socket; null for a host
 */
@ScalarType(
    name = "endpoint",
    expected = "host:port, or unix:///path/of.sock",
    pattern = "^(unix:///.+|(\\[[0-9A-Fa-f:.%]+\\]|[A-Za-z0-9_.-]{1,253}):[0-9]{1,5})$")
public record UpstreamPlace(String host, int port, @Nullable String socket) {
  private static final String UNIX = "unix://";

  /** The longest path that every system takes: {@code sun_path} of {@code sockaddr_un}. */
  private static final int MOST_PATH_BYTES = 103;

  /** Refuses a port that cannot be connected to, and what is no path of a socket. */
  public UpstreamPlace {
    if (socket != null) {
      checkPath(socket);
    } else if (port < 1) {
      throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
    }
  }

  /**
   * Reads a place.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static UpstreamPlace parse(String text) {
    if (isSocket(text)) {
      return new UpstreamPlace("", 0, socketPath(text));
    }
    HostPort address = HostPort.parse(text);
    return new UpstreamPlace(address.host(), address.port(), null);
  }

  /** Whether this is meant to be the URL of a socket. */
  static boolean isSocket(String text) {
    return text.startsWith("unix:");
  }

  /** The path in the URL of a socket. */
  static String socketPath(String text) {
    if (!text.startsWith(UNIX)) {
      throw new IllegalArgumentException(
          "url: " + text + " (expected: unix:///path/of.sock, with three slashes)");
    }
    return text.substring(UNIX.length());
  }

  static void checkPath(String path) {
    if (!path.startsWith("/") || path.endsWith("/") || path.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "socket: " + path + " (expected: an absolute path, as in unix:///run/tempo.sock)");
    }
    if (path.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > MOST_PATH_BYTES) {
      throw new IllegalArgumentException(
          "socket: " + path + " (expected: a path of at most " + MOST_PATH_BYTES + " bytes)");
    }
  }

  @Override
  public String toString() {
    return socket != null ? UNIX + socket : new HostPort(host, port).toString();
  }
}
