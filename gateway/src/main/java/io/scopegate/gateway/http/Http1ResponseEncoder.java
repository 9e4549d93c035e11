package io.scopegate.gateway.http;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/** Writes responses; an answer to HEAD has no body, whatever its head says. */
final class Http1ResponseEncoder extends HttpResponseEncoder {
  private boolean toHead;

  /** Whether the next response answers HEAD. */
  void answersHead(boolean is) {
    toHead = is;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpResponse response) {
    return toHead || super.isContentAlwaysEmpty(response);
  }
}
