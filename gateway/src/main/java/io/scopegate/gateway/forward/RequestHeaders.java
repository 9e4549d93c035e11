package io.scopegate.gateway.forward;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpScheme;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.authz.User;
import io.scopegate.gateway.access.HeaderRules;
import io.scopegate.gateway.exchange.ClientInfo;
import io.scopegate.gateway.exchange.TrailerRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What changes in a request's head on its way: the tenant is set, once, whatever the client sent;
 * credentials and identity headers stay here; where it came from is added.
 */
public final class RequestHeaders implements TrailerRules {
  private static final AsciiString AUTHORIZATION = HttpHeaderNames.AUTHORIZATION;
  private static final AsciiString FORWARDED_FOR = AsciiString.cached("x-forwarded-for");
  private static final AsciiString FORWARDED_PROTO = AsciiString.cached("x-forwarded-proto");
  private static final AsciiString FORWARDED_HOST = AsciiString.cached("x-forwarded-host");
  private static final AsciiString HTTP = HttpScheme.HTTP.name();
  private static final AsciiString HTTPS = HttpScheme.HTTPS.name();

  /** Names the gateways that a request came through. */
  private static final AsciiString VIA = AsciiString.cached("x-scopegate-via");

  /** No more of them are named, so that the header stays short. */
  private static final int MOST_VIA_CHARS = 200;

  /** This process, unlike any other. */
  private static final AsciiString THIS_GATEWAY =
      new AsciiString(UUID.randomUUID().toString().substring(0, 8));

  private final HeaderRules rules;
  private final boolean stripAuthorization;
  private final boolean forwarded;
  private final @Nullable IdentityHeaders identity;

  /** Rules for all requests. */
  public RequestHeaders(HeaderRules rules, ForwardingConfig config) {
    this.rules = rules;
    stripAuthorization = config.stripAuthorization();
    forwarded = config.forwardedHeaders();
    identity =
        config.identityHeaders() == null ? null : new IdentityHeaders(config.identityHeaders());
  }

  /**
   * Whether a request came from here: an upstream leads back to the gateway, as it does in a mesh
   * that goes by the host when that is the client's.
   */
  public static boolean isLoop(Http2Headers head) {
    CharSequence via = head.get(VIA);
    return via != null && AsciiString.contains(via, THIS_GATEWAY);
  }

  private static void addVia(Http2Headers head) {
    CharSequence via = head.get(VIA);
    if (via == null || via.length() > MOST_VIA_CHARS) {
      head.set(VIA, THIS_GATEWAY);
    } else {
      head.set(VIA, via + " " + THIS_GATEWAY);
    }
  }

  /**
   * Changes a head for its upstream.
   *
   * @param tenant the one value of the tenant header; null: none at all
   * @param user who it is, for upstreams that are told; null when nobody was asked
   */
  public void prepare(
      Http2Headers head,
      @Nullable AsciiString tenant,
      @Nullable User user,
      @Nullable ClientInfo client,
      AsciiString scheme) {
    if (stripAuthorization) {
      head.remove(AUTHORIZATION); // nearly always there: cheaper than finding it below
    } else {
      sendOnce(head);
    }
    head.remove(rules.tenantHeader());
    strip(head);
    if (tenant != null) {
      head.add(rules.tenantHeader(), tenant);
    }
    if (identity != null && user != null) {
      identity.addTo(head, user);
    }
    if (forwarded && client != null) {
      addForwarded(head, client);
    }
    addVia(head);
    head.scheme(scheme);
  }

  /** Equal values were decided on as one, so only one is forwarded. */
  private static void sendOnce(Http2Headers head) {
    CharSequence authorization = head.get(AUTHORIZATION);
    if (authorization != null) {
      head.set(AUTHORIZATION, authorization);
    }
  }

  /** Removes tenants and credentials from trailers. */
  @Override
  public void prepareTrailers(Http2Headers trailers) {
    if (stripAuthorization) {
      trailers.remove(AUTHORIZATION);
    }
    trailers.remove(rules.tenantHeader());
    strip(trailers);
  }

  /** Removes all identity headers. */
  private void strip(Http2Headers fields) {
    List<CharSequence> found = null;
    for (Map.Entry<CharSequence, CharSequence> field : fields) {
      if (rules.strips(field.getKey())) {
        found = found == null ? new ArrayList<>() : found;
        found.add(field.getKey());
      }
    }
    if (found != null) {
      found.forEach(fields::remove);
    }
  }

  private static void addForwarded(Http2Headers head, ClientInfo client) {
    if (head.contains(FORWARDED_FOR)) {
      List<CharSequence> before = head.getAllAndRemove(FORWARDED_FOR);
      head.add(FORWARDED_FOR, String.join(", ", before) + ", " + client.forwardedFor());
    } else {
      head.add(FORWARDED_FOR, client.forwardedFor());
    }
    if (!head.contains(FORWARDED_PROTO)) {
      head.add(FORWARDED_PROTO, client.tls() ? HTTPS : HTTP);
    }
    CharSequence authority = head.authority();
    if (authority != null && !head.contains(FORWARDED_HOST)) {
      head.add(FORWARDED_HOST, authority);
    }
  }
}
