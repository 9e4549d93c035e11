package io.scopegate.gateway.route;

import io.netty.handler.codec.http.QueryStringDecoder;

/** The decoded path of a canonical request target. */
public final class DecodedPath {
  private DecodedPath() {}

  /** The path without its query, its escapes decoded once. */
  public static String of(CharSequence target) {
    String path = EndpointTable.pathOf(target).toString();
    // A plus is one: this is no query. Canonical paths have no escape that is not one.
    return path.indexOf('%') < 0
        ? path
        : QueryStringDecoder.decodeComponent(path.replace("+", "%2B"));
  }
}
