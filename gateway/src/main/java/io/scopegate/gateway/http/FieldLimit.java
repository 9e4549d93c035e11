package io.scopegate.gateway.http;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.TooLongHttpHeaderException;

/**
 * How many fields a head or trailers may have. A field that is four bytes on the wire, or one byte
 * in HTTP/2, takes some ninety in the heap: a limit on bytes alone does not limit memory.
 */
public final class FieldLimit {
  /** So many fields, pseudo-headers included. */
  public static final int MOST_FIELDS = 128;

  /**
   * Heads and trailers of HTTP/1.1 that a decoder fills; a field too many makes their message one
   * whose decoding failed with a {@link TooLongHttpHeaderException}.
   */
  public static final HttpHeadersFactory HTTP1 = new Factory();

  private FieldLimit() {}

  private static final class Factory implements HttpHeadersFactory {
    @Override
    public HttpHeaders newHeaders() {
      return new Counted();
    }

    @Override
    public HttpHeaders newEmptyHeaders() {
      return new Counted();
    }
  }

  private static final class Counted extends DefaultHttpHeaders {
    private int fields;

    @Override
    public HttpHeaders add(String name, Object value) {
      count();
      return super.add(name, value);
    }

    @Override
    public HttpHeaders add(CharSequence name, Object value) {
      count();
      return super.add(name, value);
    }

    private void count() {
      if (++fields > MOST_FIELDS) {
        throw new TooLongHttpHeaderException("more than " + MOST_FIELDS + " fields");
      }
    }
  }
}
