package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;

/**
 * Counts fields as well as bytes: with one byte for an indexed field, a head of 900 fields is
 * smaller than a token.
 */
class CountingHeadersDecoder extends DefaultHttp2HeadersDecoder {
  CountingHeadersDecoder(int maxHeaderBytes) {
    super(true, true, maxHeaderBytes);
  }

  @Override
  protected Http2Headers newHeaders() {
    return new CountedHeaders(CountedHeaders.FEW);
  }

  /** Fails as for too many bytes, which a client is answered with 431. */
  @Override
  public Http2Headers decodeHeaders(int streamId, ByteBuf block) throws Http2Exception {
    Http2Headers headers = super.decodeHeaders(streamId, block);
    if (headers instanceof CountedHeaders counted && counted.endReading()) {
      throw Http2Exception.headerListSizeError(
          streamId,
          Http2Error.PROTOCOL_ERROR,
          true,
          "more than %d header fields",
          FieldLimit.MOST_FIELDS);
    }
    return headers;
  }
}
