package io.scopegate.gateway.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.scopegate.config.Host;
import io.scopegate.config.HostPort;
import io.vertx.core.net.HostAndPort;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Keeps other people's web pages away from a server on loopback. A browser on the same machine
 * reaches it, so a page from anywhere could send requests (refused by {@code Origin} and {@code
 * Sec-Fetch-Site}) or have its own name lead here (refused by {@code Host}: an address and {@code
 * localhost} cannot be made to lead elsewhere).
 */
final class SameOrigin {
  private static final String SEC_FETCH_SITE = "sec-fetch-site";

  private static final int HTTP_PORT = 80;

  private final String ownHost;

  /** For a server that is configured to be at this address. */
  SameOrigin(HostPort address) {
    this.ownHost = address.host().toLowerCase(Locale.ROOT);
  }

  /** Why a request must not be answered; null when it may be. */
  @Nullable String flaw(HttpHeaders head) {
    List<String> hosts = head.getAll(HttpHeaderNames.HOST);
    HostAndPort authority =
        hosts.size() == 1 ? HostAndPort.parseAuthority(hosts.get(0), HTTP_PORT) : null;
    if (authority == null || !isTrusted(authority.host())) {
      return "host: not one of this console (expected: an address, or localhost)";
    }
    List<String> sites = head.getAll(SEC_FETCH_SITE);
    if (sites.stream().anyMatch(site -> !site.equals("same-origin") && !site.equals("none"))) {
      return "sec-fetch-site: a page of another site (expected: this console itself)";
    }
    List<String> origins = head.getAll(HttpHeaderNames.ORIGIN);
    String own = "http://" + hosts.get(0);
    if (origins.stream().anyMatch(origin -> !origin.equalsIgnoreCase(own))) {
      return "origin: a page of another site (expected: this console itself)";
    }
    return null;
  }

  private boolean isTrusted(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    return name.equals("localhost") || name.equals(ownHost) || isAddress(name);
  }

  /** A name is an address when its last label is a number, or it has a colon. */
  private static boolean isAddress(String host) {
    try {
      String name = Host.parse(host).name();
      return name.indexOf(':') >= 0 || name.chars().allMatch(c -> c == '.' || c >= '0' && c <= '9');
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
