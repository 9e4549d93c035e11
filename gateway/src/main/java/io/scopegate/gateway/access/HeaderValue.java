package io.scopegate.gateway.access;

import io.netty.handler.codec.http2.Http2Headers;
import java.util.Iterator;

/** Reads headers that may come once only. */
final class HeaderValue {
  private HeaderValue() {}

  /** Whether a header comes more than once. */
  static boolean several(Http2Headers head, CharSequence name) {
    Iterator<CharSequence> values = head.valueIterator(name);
    if (!values.hasNext()) {
      return false;
    }
    values.next();
    return values.hasNext();
  }

  /** A client's value for a message: bounded, and nothing but visible ASCII. */
  static String shown(CharSequence value) {
    int length = Math.min(value.length(), 64);
    StringBuilder shown = new StringBuilder(length + 5).append('"');
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      shown.append(c >= ' ' && c <= '~' && c != '"' ? c : '?');
    }
    return shown.append(length < value.length() ? "...\"" : "\"").toString();
  }
}
