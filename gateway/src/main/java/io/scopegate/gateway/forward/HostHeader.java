package io.scopegate.gateway.forward;

import io.scopegate.config.Host;
import io.scopegate.config.HostPort;
import io.scopegate.config.ScalarType;

/**
 * Which host the requests to an upstream name ({@code Host}, {@code :authority}).
 *
 * @param text {@code client}, {@code upstream}, or a host with or without a port
 */
@ScalarType(
    name = "host header",
    expected = "client, upstream, or a host name such as tempo.example or tempo.example:8080",
    pattern = "^(client|upstream|(\\[[0-9A-Fa-f:.%]+\\]|[A-Za-z0-9_.-]{1,253})(:[0-9]{1,5})?)$")
public record HostHeader(String text) {
  private static final String CLIENT = "client";
  private static final String UPSTREAM = "upstream";

  /** Refuses what is neither of the two words and no host. */
  public HostHeader {
    if (!text.equals(CLIENT) && !text.equals(UPSTREAM)) {
      boolean hasPort = text.lastIndexOf(':') > text.lastIndexOf(']');
      if (hasPort) {
        HostPort.parse(text);
      } else {
        Host.parse(text);
      }
    }
  }

  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static HostHeader parse(String text) {
    return new HostHeader(text);
  }

  /** Whether requests keep the host that the client named. */
  boolean isClients() {
    return text.equals(CLIENT);
  }

  /** The host for requests to this URL; not where it {@link #isClients()}. */
  String of(UpstreamUrl url) {
    return text.equals(UPSTREAM) ? url.authority() : text;
  }

  @Override
  public String toString() {
    return text;
  }
}
