package io.scopegate.gateway.access;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.config.Printable;
import java.util.Iterator;

/** Reads headers that may have one value only. */
final class HeaderValue {
  private HeaderValue() {}

  /** Whether a header has two different values; equal ones are one value. */
  static boolean differs(Http2Headers head, CharSequence name) {
    Iterator<CharSequence> values = head.valueIterator(name);
    if (!values.hasNext()) {
      return false;
    }
    CharSequence first = values.next();
    while (values.hasNext()) {
      if (!AsciiString.contentEquals(first, values.next())) {
        return true;
      }
    }
    return false;
  }

  /** A client's value for a message: bounded, and nothing but visible ASCII. */
  static String shown(CharSequence value) {
    return Printable.quotedAscii(value, 64);
  }
}
