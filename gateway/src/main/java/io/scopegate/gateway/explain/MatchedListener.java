package io.scopegate.gateway.explain;

import io.scopegate.gateway.route.Routed;

/**
 * Where a request arrives.
 *
 * @param listener the listener's name
 * @param method the HTTP method it comes with
 * @param routed what the listener's endpoint table says
 */
public record MatchedListener(String listener, String method, Routed routed) {
  /** Whether an endpoint serves it there. */
  public boolean serves() {
    return routed.endpoint() != null;
  }
}
