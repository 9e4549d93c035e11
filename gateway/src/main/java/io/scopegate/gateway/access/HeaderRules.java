package io.scopegate.gateway.access;

import io.netty.util.AsciiString;

/**
 * Which of a client's headers and trailers never reach upstream, because they say who somebody is:
 * whatever stands behind the gateway may believe them.
 *
 * <ul>
 *   <li>the tenant header, and {@code x-scope-orgid} and {@code x-scope-userid} whatever it is
 *       called
 *   <li>{@code authorization}, unless configured otherwise, and {@code proxy-authorization}
 *   <li>{@code impersonate-*} (Kubernetes)
 *   <li>{@code x-remote-user}, {@code -uid}, {@code -group} and {@code -extra-*} (the API server's
 *       and kube-rbac-proxy's request headers), {@code remote-user} and {@code remote-groups}
 *   <li>{@code x-forwarded-user}, {@code -groups}, {@code -email}, {@code -preferred-username} and
 *       {@code -access-token}, {@code x-auth-request-*} (oauth2-proxy), {@code x-webauth-*}
 *       (Grafana's auth proxy)
 * </ul>
 *
 * <p>Names are compared as they are, without regard to case: Tempo takes {@code x_scope_orgid} for
 * another header, and so does this.
 */
public final class HeaderRules {
  private static final AsciiString AUTHORIZATION = AsciiString.cached("authorization");
  private static final AsciiString[] NAMES = {
    AsciiString.cached("proxy-authorization"),
    AsciiString.cached("remote-user"),
    AsciiString.cached("remote-groups"),
    AsciiString.cached("x-scope-orgid"),
    AsciiString.cached("x-scope-userid"),
    AsciiString.cached("x-remote-user"),
    AsciiString.cached("x-remote-uid"),
    AsciiString.cached("x-remote-group"),
    AsciiString.cached("x-remote-groups"),
    AsciiString.cached("x-forwarded-user"),
    AsciiString.cached("x-forwarded-groups"),
    AsciiString.cached("x-forwarded-email"),
    AsciiString.cached("x-forwarded-preferred-username"),
    AsciiString.cached("x-forwarded-access-token"),
  };
  private static final AsciiString[] PREFIXES = {
    AsciiString.cached("impersonate-"),
    AsciiString.cached("x-remote-extra-"),
    AsciiString.cached("x-auth-request-"),
    AsciiString.cached("x-webauth-"),
  };

  private final AsciiString tenantHeader;
  private final boolean stripAuthorization;

  /**
   * For one configuration.
   *
   * @param tenantHeader the name of the tenant header
   * @param stripAuthorization whether the client's token stays here
   */
  public HeaderRules(String tenantHeader, boolean stripAuthorization) {
    this.tenantHeader = AsciiString.of(tenantHeader).toLowerCase();
    this.stripAuthorization = stripAuthorization;
  }

  /** The name of the tenant header in lower case, as it is set towards upstream. */
  public AsciiString tenantHeader() {
    return tenantHeader;
  }

  /** Whether a client's header or trailer of this name must not be forwarded. Allocates nothing. */
  public boolean strips(CharSequence name) {
    if (AsciiString.contentEqualsIgnoreCase(name, tenantHeader)) {
      return true;
    }
    if (name.length() == 0) {
      return false;
    }
    // Few headers start with one of these, so most names are done here.
    return switch (name.charAt(0)) {
      case 'a', 'A' ->
          stripAuthorization && AsciiString.contentEqualsIgnoreCase(name, AUTHORIZATION);
      case 'i', 'I', 'p', 'P', 'r', 'R', 'x', 'X' -> saysWho(name);
      default -> false;
    };
  }

  private static boolean saysWho(CharSequence name) {
    for (AsciiString prefix : PREFIXES) {
      if (AsciiString.regionMatches(name, true, 0, prefix, 0, prefix.length())) {
        return true;
      }
    }
    for (AsciiString exact : NAMES) {
      if (AsciiString.contentEqualsIgnoreCase(name, exact)) {
        return true;
      }
    }
    return false;
  }
}
