package io.scopegate.gateway.forward;

import io.scopegate.config.Host;
import io.scopegate.config.HostPort;
import io.scopegate.config.ScalarType;

/**
 * Where an upstream is: a URL of a scheme, a host and a port.
 *
 * @param tls whether the scheme is {@code https}
 * @param host the name or address, without brackets
 * @param port 1 to 65535
 */
@ScalarType(
    name = "URL",
    expected = "http://host:port or https://host:port, without a path",
    pattern = "^https?://(\\[[0-9A-Fa-f:.%]+\\]|[A-Za-z0-9_.-]{1,253})(:[0-9]{1,5})?/?$")
public record UpstreamUrl(boolean tls, String host, int port) {
  /** Refuses what is not a host or not a port. */
  public UpstreamUrl {
    host = new Host(host).name();
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
    }
  }

  /**
   * Reads a URL; without a port it is the scheme's own, 80 or 443.
   *
   * @throws IllegalArgumentException when the text is something else, or has a path, a query or a
   *     user
   */
  public static UpstreamUrl parse(String text) {
    boolean tls = text.startsWith("https://");
    if (!tls && !text.startsWith("http://")) {
      throw new IllegalArgumentException("url: " + text + " (expected: http:// or https://)");
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

  @Override
  public String toString() {
    return (tls ? "https://" : "http://") + new HostPort(host, port);
  }
}
