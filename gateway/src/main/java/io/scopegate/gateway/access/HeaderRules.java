package io.scopegate.gateway.access;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of a client's headers and trailers never reach upstream, because they say who somebody is:
 * whatever stands behind the gateway may believe them.
 *
 * <ul>
 *   <li>the tenant header, and {@code x-scope-orgid} and {@code x-scope-userid} whatever it is
 *       called
 *   <li>{@code authorization}, unless configured otherwise, and {@code proxy-authorization}; other
 *       headers with tokens: {@code x-access-token}, {@code x-id-token}, {@code x-grafana-id}
 *   <li>{@code impersonate-*} (Kubernetes)
 *   <li>{@code x-remote-user}, {@code -uid}, {@code -group} and {@code -extra-*} (the API server's
 *       and kube-rbac-proxy's request headers), {@code remote-user}, {@code -groups}, {@code
 *       -email} and {@code -name}
 *   <li>{@code x-forwarded-user}, {@code -groups}, {@code -email}, {@code -preferred-username} and
 *       {@code -access-token}, {@code x-auth-request-*} (oauth2-proxy), {@code x-webauth-*}
 *       (Grafana's auth proxy), and those of {@code x-authentik-*}, {@code x-vouch-*}, {@code
 *       x-pomerium-*}, {@code x-authenticated-*}, {@code x-amzn-oidc-*}, {@code
 *       x-goog-authenticated-user-*}, {@code x-goog-iap-*}, {@code x-ms-client-principal*}, {@code
 *       x-ms-token-*} and {@code cf-access-*}
 *   <li>{@code x-prom-label-policy}, which says what part of a tenant's data somebody may see: Loki
 *       and Mimir believe it
 *   <li>{@code x-http-method-override}, {@code x-http-method} and {@code x-method-override}: what
 *       was allowed is what the method itself does
 *   <li>what says which certificate a client has shown: {@code client-cert} and {@code -chain} (<a
 *       href="https://datatracker.ietf.org/doc/html/rfc9440">RFC 9440</a>), {@code
 *       x-forwarded-client-cert*}, {@code x-forwarded-tls-client-cert*}, {@code x-client-cert*},
 *       {@code x-ssl-client-*}, {@code ssl-client-*} and {@code x-amzn-mtls-*}
 * </ul>
 *
 * <p>Names are compared without regard to case, and {@code _} counts as {@code -}: Tempo tells the
 * two apart, but what stands before or next to it may not.
 */
public final class HeaderRules {
  private static final AsciiString AUTHORIZATION = HttpHeaderNames.AUTHORIZATION;
  private static final AsciiString[] NAMES = {
    AsciiString.cached("proxy-authorization"),
    AsciiString.cached("remote-user"),
    AsciiString.cached("remote-groups"),
    AsciiString.cached("remote-email"),
    AsciiString.cached("remote-name"),
    AsciiString.cached("x-scope-orgid"),
    AsciiString.cached("x-scope-userid"),
    AsciiString.cached("x-prom-label-policy"),
    AsciiString.cached("x-http-method-override"),
    AsciiString.cached("x-http-method"),
    AsciiString.cached("x-method-override"),
    AsciiString.cached("x-remote-user"),
    AsciiString.cached("x-remote-uid"),
    AsciiString.cached("x-remote-group"),
    AsciiString.cached("x-remote-groups"),
    AsciiString.cached("x-forwarded-user"),
    AsciiString.cached("x-forwarded-groups"),
    AsciiString.cached("x-forwarded-email"),
    AsciiString.cached("x-forwarded-preferred-username"),
    AsciiString.cached("x-forwarded-access-token"),
    AsciiString.cached("x-access-token"),
    AsciiString.cached("x-id-token"),
    AsciiString.cached("x-grafana-id"),
    AsciiString.cached("client-cert"),
    AsciiString.cached("client-cert-chain"),
  };
  private static final AsciiString[] PREFIXES = {
    AsciiString.cached("impersonate-"),
    AsciiString.cached("x-remote-extra-"),
    AsciiString.cached("x-auth-request-"),
    AsciiString.cached("x-webauth-"),
    AsciiString.cached("x-authentik-"),
    AsciiString.cached("x-vouch-"),
    AsciiString.cached("x-pomerium-"),
    AsciiString.cached("x-authenticated-"),
    AsciiString.cached("x-amzn-oidc-"),
    AsciiString.cached("x-amzn-mtls-"),
    AsciiString.cached("x-goog-authenticated-user-"),
    AsciiString.cached("x-goog-iap-"),
    AsciiString.cached("x-ms-client-principal"),
    AsciiString.cached("x-ms-token-"),
    AsciiString.cached("cf-access-"),
    AsciiString.cached("x-forwarded-client-cert"),
    AsciiString.cached("x-forwarded-tls-client-cert"),
    AsciiString.cached("x-client-cert"),
    AsciiString.cached("x-ssl-client-"),
    AsciiString.cached("ssl-client-"),
  };

  private static final int ASCII = 128;
  private static final AsciiString[][] NAMES_BY_BUCKET = byBucket(NAMES);
  private static final AsciiString[][] PREFIXES_BY_BUCKET = byBucket(PREFIXES);

  private final AsciiString tenantHeader;
  private final boolean stripAuthorization;
  private final List<AsciiString> identity;
  private final @Nullable AsciiString reviewed;

  /**
   * For one configuration.
   *
   * @param tenantHeader the name of the tenant header
   * @param stripAuthorization whether the client's token stays here
   * @param identity the names of the headers that the gateway itself sets to tell who somebody is
   */
  public HeaderRules(String tenantHeader, boolean stripAuthorization, List<String> identity) {
    this(tenantHeader, stripAuthorization, identity, null);
  }

  /**
   * The same where the values of a header are what is reviewed.
   *
   * @param reviewed its name; what an upstream may take for it is not forwarded, since nobody has
   *     looked at its values; null for none
   */
  public HeaderRules(
      String tenantHeader,
      boolean stripAuthorization,
      List<String> identity,
      @Nullable String reviewed) {
    this.reviewed = reviewed == null ? null : AsciiString.of(reviewed).toLowerCase();
    this.tenantHeader = AsciiString.of(tenantHeader).toLowerCase();
    this.stripAuthorization = stripAuthorization;
    this.identity = identity.stream().map(AsciiString::of).toList();
  }

  /** The name of the tenant header in lower case, as it is set towards upstream. */
  public AsciiString tenantHeader() {
    return tenantHeader;
  }

  /** Whether a client's header or trailer of this name must not be forwarded. Allocates nothing. */
  public boolean strips(CharSequence name) {
    if (is(name, tenantHeader)) {
      return true;
    }
    if (name.length() == 0) {
      return false;
    }
    for (int i = 0; i < identity.size(); i++) { // on every request's way: no iterator
      if (is(name, identity.get(i))) {
        return true;
      }
    }
    AsciiString other = reviewed;
    if (other != null && is(name, other) && !AsciiString.contentEqualsIgnoreCase(name, other)) {
      return true;
    }
    return saysWho(name) || stripAuthorization && is(name, AUTHORIZATION);
  }

  private static boolean saysWho(CharSequence name) {
    int bucket = bucket(name);
    for (AsciiString prefix : PREFIXES_BY_BUCKET[bucket]) {
      if (startsWith(name, prefix)) {
        return true;
      }
    }
    for (AsciiString exact : NAMES_BY_BUCKET[bucket]) {
      if (is(name, exact)) {
        return true;
      }
    }
    return false;
  }

  /** By the first letter, and by the first behind {@code x-}, which nearly all begin with. */
  private static int bucket(CharSequence name) {
    char first = folded(name.charAt(0));
    return first == 'x' && name.length() > 2 && folded(name.charAt(1)) == '-'
        ? ASCII | folded(name.charAt(2)) & ASCII - 1
        : first & ASCII - 1;
  }

  private static AsciiString[][] byBucket(AsciiString[] names) {
    AsciiString[][] all = new AsciiString[2 * ASCII][];
    for (int i = 0; i < all.length; i++) {
      int bucket = i;
      all[i] =
          Arrays.stream(names).filter(name -> bucket(name) == bucket).toArray(AsciiString[]::new);
    }
    return all;
  }

  private static boolean is(CharSequence name, AsciiString lowerCase) {
    return name.length() == lowerCase.length() && startsWith(name, lowerCase);
  }

  private static boolean startsWith(CharSequence name, AsciiString lowerCase) {
    if (name.length() < lowerCase.length()) {
      return false;
    }
    for (int i = 0; i < lowerCase.length(); i++) {
      if (folded(name.charAt(i)) != folded(lowerCase.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static char folded(char c) {
    if (c >= 'A' && c <= 'Z') {
      return (char) (c + ('a' - 'A'));
    }
    return c == '_' ? '-' : c;
  }
}
