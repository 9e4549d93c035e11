package io.scopegate.gateway.forward;

import io.scopegate.config.Host;
import io.scopegate.config.HostPort;
import io.scopegate.config.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Where an upstream is: a URL of a scheme, a host and a port, or of a Unix socket.
 *
 * @param tls whether the scheme is {@code https}
 * @param host the name or address, without brackets; {@code localhost} for a socket
 * @param port 1 to 65535; 0 for a socket
 * @param socket the path of the socket; null where there is none
 */
@ScalarType(
    name = "URL",
    expected = "http://host:port or https://host:port, without a path, or unix:///path/of.sock",
    pattern =
        "^(unix:///.+|https?://(\\[[0-9A-Fa-f:.%]+\\]|[A-Za-z0-9_.-]{1,253})(:[0-9]{1,5})?/?)$")
public record UpstreamUrl(boolean tls, String host, int port, @Nullable String socket) {
  /** Refuses what is not a host, not a port and not a path of a socket. */
  public UpstreamUrl {
    if (socket != null) {
      UpstreamPlace.checkPath(socket);
    } else {
      host = new Host(host).name();
      if (port < 1 || port > 65535) {
        throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
      }
    }
  }

  /** A URL of a host and a port. */
  public UpstreamUrl(boolean tls, String host, int port) {
    this(tls, host, port, null);
  }

  /**
   * Reads a URL; without a port it is the scheme's own, 80 or 443.
   *
   * @throws IllegalArgumentException when the text is something else, or has a path, a query or a
   *     user
   */
  public static UpstreamUrl parse(String text) {
    if (UpstreamPlace.isSocket(text)) {
      return new UpstreamUrl(false, "localhost", 0, UpstreamPlace.socketPath(text));
    }
    boolean tls = text.startsWith("https://");
    if (!tls && !text.startsWith("http://")) {
      throw new IllegalArgumentException(
          "url: " + text + " (expected: http://, https:// or unix:///)");
    }
    String authority = text.substring(tls ? 8 : 7);
    if (authority.endsWith("/")) {
      authority = authority.substring(0, authority.length() - 1);
    }
    boolean hasPort = authority.lastIndexOf(':') > authority.lastIndexOf(']');
    if (!hasPort) {
      return new UpstreamUrl(tls, Host.parse(authority).name(), tls ? 443 : 80);
    }
    HostPort address = HostPort.parse(authority);
    return new UpstreamUrl(tls, address.host(), address.port());
  }

  /** Where that is, without the scheme. */
  UpstreamPlace place() {
    return socket != null ? new UpstreamPlace("", 0, socket) : new UpstreamPlace(host, port, null);
  }

  /** What a request for this server has as its host. */
  String authority() {
    if (socket != null) {
      return host;
    }
    return port == (tls ? 443 : 80)
        ? new Host(host).toString()
        : new HostPort(host, port).toString();
  }

  @Override
  public String toString() {
    return socket != null
        ? "unix://" + socket
        : (tls ? "https://" : "http://") + new HostPort(host, port);
  }
}
