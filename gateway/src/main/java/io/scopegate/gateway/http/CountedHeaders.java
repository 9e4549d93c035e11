package io.scopegate.gateway.http;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;

/** A head or trailers of HTTP/2 that take no more fields than {@link FieldLimit} says. */
class CountedHeaders extends DefaultHttp2Headers {
  /** Slots of a table for an answer's few fields. */
  static final int FEW = 8;

  /** Slots of a table for a request's. */
  static final int MANY = 16;

  private boolean reading = true;
  private boolean tooMany;

  /**
   * No fields yet.
   *
   * @param slots of the table that finds them
   */
  CountedHeaders(int slots) {
    super(true, true, slots);
  }

  /** Without the field, when it is one too many: the rest of the block still has to be decoded. */
  @Override
  public Http2Headers add(CharSequence name, CharSequence value) {
    if (reading && size() >= FieldLimit.MOST_FIELDS) {
      tooMany = true;
      return this;
    }
    return super.add(name, value);
  }

  /**
   * The block is decoded; what is added from now on is ours and not counted.
   *
   * @return whether it had too many fields
   */
  boolean endReading() {
    reading = false;
    return tooMany;
  }
}
