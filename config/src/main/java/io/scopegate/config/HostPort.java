package io.scopegate.config;

/**
 * A host and a port, written like {@code 0.0.0.0:4317} or {@code [::]:4317}.
 *
 * @param host the name or address, without brackets
 * @param port 0 (any free port) to 65535
 */
@ScalarType(
    name = "host:port",
    expected = "host:port, such as 0.0.0.0:4317 or [::]:4317",
    pattern = "^(\\[[0-9A-Fa-f:.%]+\\]|[A-Za-z0-9_.-]{1,253}):[0-9]{1,5}$")
public record HostPort(String host, int port) {
  /** Refuses what is not a host or not a port. */
  public HostPort {
    host = new Host(host).name();
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
    }
  }

  /**
   * Reads an address. An IPv4 address may stand in brackets too, as in Go: then {@code [$IP]:PORT}
   * fits whatever the address of a Pod is.
   *
   * @throws IllegalArgumentException when the text is not {@code host:port}
   */
  public static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    String port = text.substring(colon + 1);
    boolean bare = host.indexOf(':') >= 0 && !host.startsWith("[");
    if (host.isEmpty() || bare || !port.matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException("address: " + text + " (expected: host:port)");
    }
    boolean isIpv4 =
        host.startsWith("[")
            && host.endsWith("]")
            && Ip.isIpv4(host.substring(1, host.length() - 1));
    String name = isIpv4 ? host.substring(1, host.length() - 1) : Host.parse(host).name();
    return new HostPort(name, Integer.parseInt(port));
  }

  @Override
  public String toString() {
    return new Host(host) + ":" + port;
  }
}
