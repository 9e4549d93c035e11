package io.scopegate.authz.http;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The proxy of {@code HTTPS_PROXY} or {@code https_proxy} for https URLs, except for the hosts of
 * {@code NO_PROXY} or {@code no_proxy}, as curl and Go read them: names with all below them,
 * addresses, networks as {@code 10.0.0.0/8}, each perhaps with a port, and {@code *}. This machine
 * is never asked for through a proxy.
 */
public final class EnvironmentProxy extends ProxySelector {
  private static final List<Proxy> DIRECT = List.of(Proxy.NO_PROXY);
  private static final int HTTPS_PORT = 443;
  private static final int PROXY_PORT = 80;

  private final List<Proxy> proxies;
  private final List<Excluded> exceptions;

  private EnvironmentProxy(List<Proxy> proxies, List<Excluded> exceptions) {
    this.proxies = proxies;
    this.exceptions = exceptions;
  }

  /**
   * Reads the variables.
   *
   * @throws IllegalArgumentException when the proxy is none that can be used; the message does not
   *     hold the value, which may have a password
   */
  public static EnvironmentProxy of(Map<String, String> environment) {
    String proxy = variable(environment, "HTTPS_PROXY");
    List<Excluded> exceptions = new ArrayList<>();
    for (String one : variable(environment, "NO_PROXY").split("[,\\s]+", -1)) {
      if (!one.isEmpty()) {
        exceptions.add(Excluded.of(one.toLowerCase(Locale.ROOT)));
      }
    }
    return new EnvironmentProxy(proxy.isEmpty() ? DIRECT : List.of(proxy(proxy)), exceptions);
  }

  /** The small form wins, as in curl. */
  private static String variable(Map<String, String> environment, String name) {
    String small = environment.getOrDefault(name.toLowerCase(Locale.ROOT), "").strip();
    return small.isEmpty() ? environment.getOrDefault(name, "").strip() : small;
  }

  private static Proxy proxy(String text) {
    try {
      URI uri = new URI(text.contains("://") ? text : "http://" + text);
      String host = uri.getHost();
      if (host != null && "http".equals(uri.getScheme()) && uri.getRawUserInfo() == null) {
        int port = uri.getPort() < 0 ? PROXY_PORT : uri.getPort();
        return new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(bare(host), port));
      }
    } catch (URISyntaxException e) {
      throw unusable();
    }
    throw unusable();
  }

  private static IllegalArgumentException unusable() {
    return new IllegalArgumentException(
        "HTTPS_PROXY cannot be used (expected: http://HOST:PORT, without a user)");
  }

  @Override
  public List<Proxy> select(URI uri) {
    String host = uri.getHost();
    if (host == null || !"https".equals(uri.getScheme())) {
      return DIRECT;
    }
    String name = bare(host.toLowerCase(Locale.ROOT));
    int port = uri.getPort() < 0 ? HTTPS_PORT : uri.getPort();
    return isLoopback(name) || exceptions.stream().anyMatch(one -> one.covers(name, port))
        ? DIRECT
        : proxies;
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // The future of the answer reports it.
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
  }

  private static String bare(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /**
   * Hosts that are asked for without the proxy.
   *
   * @param name {@code *}, or a name without a dot before it, or an address
   * @param port 0 for any
   * @param network an address of the network; null when it is none
   * @param bits how many bits of the address count
   */
  private record Excluded(String name, int port, byte @Nullable [] network, int bits) {

    static Excluded of(String text) {
      int slash = text.indexOf('/');
      if (slash > 0) {
        String bits = text.substring(slash + 1);
        byte[] network = NetUtil.createByteArrayFromIpAddressString(text.substring(0, slash));
        return bits.matches("[0-9]{1,3}")
            ? new Excluded(text, 0, network, Integer.parseInt(bits))
            : new Excluded(text, 0, null, 0);
      }
      int colon = text.lastIndexOf(':');
      boolean hasPort = colon > 0 && (text.indexOf(':') == colon || text.charAt(colon - 1) == ']');
      int port = hasPort ? number(text.substring(colon + 1)) : 0;
      String host = bare(port > 0 ? text.substring(0, colon) : text);
      return new Excluded(host.startsWith(".") ? host.substring(1) : host, port, null, 0);
    }

    private static int number(String text) {
      return text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
    }

    boolean covers(String host, int wanted) {
      if (network != null) {
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        return address != null && isWithin(network, address);
      }
      return (port == 0 || port == wanted)
          && (name.equals("*") || host.equals(name) || host.endsWith("." + name));
    }

    private boolean isWithin(byte[] net, byte[] address) {
      if (address.length != net.length || bits > 8 * net.length) {
        return false;
      }
      for (int i = 0; i < bits; i++) {
        int mask = 0x80 >> (i % 8);
        if ((net[i / 8] & mask) != (address[i / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }
}
