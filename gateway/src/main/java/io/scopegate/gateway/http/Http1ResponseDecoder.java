package io.scopegate.gateway.http;

import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;

/** Reads responses; an answer to HEAD has no body, whatever its head says. */
final class Http1ResponseDecoder extends HttpResponseDecoder {
  private boolean toHead;

  Http1ResponseDecoder(int maxHeaderBytes) {
    super(Http1RequestDecoder.config(maxHeaderBytes));
  }

  /** Whether the next response, after interim ones, answers HEAD. */
  void answersHead(boolean is) {
    toHead = is;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage response) {
    boolean isFinal =
        ((HttpResponse) response).status().codeClass() != HttpStatusClass.INFORMATIONAL;
    return toHead && isFinal || super.isContentAlwaysEmpty(response);
  }
}
