package io.scopegate.config;

import java.util.regex.Pattern;

/**
 * A host without a port: a DNS name, an IPv4 address, or an IPv6 address, in brackets or not.
 *
 * @param name without brackets
 */
@ScalarType(
    name = "host",
    expected =
        "a host name or an IP address, without a scheme and a port; upstreams for other ports",
    pattern = "^(\\[[0-9A-Fa-f:.%]+\\]|[0-9A-Fa-f]*:[0-9A-Fa-f:.%]+|[A-Za-z0-9_.-]{1,253})$")
public record Host(String name) {
  private static final Pattern LABELS =
      Pattern.compile(
          "[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?"
              + "(\\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\\.?");

  /** Refuses what is neither a name nor an address. */
  public Host {
    if (!isIpv6(name) && !isName(name)) {
      throw new IllegalArgumentException(
          "host: " + name + " (expected: a host name or an IP address)");
    }
  }

  /**
   * Reads a host.
   *
   * @throws IllegalArgumentException when the text is neither a name nor an address
   */
  public static Host parse(String text) {
    boolean bracketed = text.startsWith("[") && text.endsWith("]");
    if (bracketed && !isIpv6(text.substring(1, text.length() - 1))) {
      throw new IllegalArgumentException("host: " + text + " (expected: an IPv6 address in [])");
    }
    return new Host(bracketed ? text.substring(1, text.length() - 1) : text);
  }

  private static boolean isName(String text) {
    if (text.length() > 253 || !LABELS.matcher(text).matches()) {
      return false;
    }
    boolean numeric = text.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    return !numeric || Ip.isIpv4(text);
  }

  private static boolean isIpv6(String text) {
    return Ip.isIpv6(text);
  }

  /** Whether this is an IPv6 address. */
  public boolean isIpv6() {
    return isIpv6(name);
  }

  /** As it stands in a URL: an IPv6 address in brackets. */
  @Override
  public String toString() {
    return isIpv6() ? "[" + name + "]" : name;
  }
}
