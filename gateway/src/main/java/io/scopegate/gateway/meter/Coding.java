package io.scopegate.gateway.meter;

import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * How a body or message is compressed, as far as it matters for counting.
 *
 * @see <a href="https://datatracker.ietf.org/doc/html/rfc9110#section-8.4.1">RFC 9110, content
 *     codings</a>
 */
enum Coding {
  /** Not at all. */
  IDENTITY,
  /** RFC 1952. */
  GZIP,
  /** RFC 1950, which HTTP and gRPC call deflate. */
  ZLIB,
  /** One that is not read here (zstd, snappy, lz4), or several of them. */
  UNKNOWN;

  /** What the value of {@code content-encoding} or {@code grpc-encoding} names. */
  static Coding of(@Nullable CharSequence name) {
    if (name == null || name.length() == 0 || is(name, "identity")) {
      return IDENTITY;
    }
    if (is(name, "gzip") || is(name, "x-gzip")) {
      return GZIP;
    }
    return is(name, "deflate") || is(name, "zlib") ? ZLIB : UNKNOWN;
  }

  private static boolean is(CharSequence name, String coding) {
    return AsciiString.contentEqualsIgnoreCase(name, coding);
  }
}
