package io.scopegate.gateway.route;

import org.jspecify.annotations.Nullable;

/**
 * The last route that was found, for requests that take the same route again: header compression
 * gives back the same objects, so that a comparison by identity finds nearly all requests of a
 * collector. For one thread.
 */
public final class RecentRoute {
  private final EndpointTable endpoints;
  private @Nullable CharSequence method;
  private @Nullable CharSequence target;
  private @Nullable CharSequence contentType;
  private boolean http2;
  private @Nullable Routed found;

  /** Routes with this table. */
  public RecentRoute(EndpointTable endpoints) {
    this.endpoints = endpoints;
  }

  /** As {@link EndpointTable#route(CharSequence, CharSequence, CharSequence, boolean)}. */
  public Routed route(
      CharSequence method, CharSequence target, @Nullable CharSequence contentType, boolean http2) {
    Routed last = found;
    if (last != null
        && this.target == target
        && this.method == method
        && this.contentType == contentType
        && this.http2 == http2) {
      return last;
    }
    Routed next = endpoints.route(method, target, contentType, http2);
    this.method = method;
    this.target = target;
    this.contentType = contentType;
    this.http2 = http2;
    found = next;
    return next;
  }
}
