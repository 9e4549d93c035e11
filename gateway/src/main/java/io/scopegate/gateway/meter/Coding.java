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
  /** RFC 8878. */
  ZSTD,
  /** A block, or frames as {@link #SNAPPY_FRAMED}: the first bytes tell. */
  SNAPPY,
  /** Snappy's framing format. */
  SNAPPY_FRAMED,
  /** One that is not read here (lz4, br), or several of them. */
  UNKNOWN;

  /** What the value of {@code content-encoding} or {@code grpc-encoding} names. */
  static Coding of(@Nullable CharSequence name) {
    if (name == null || name.length() == 0 || is(name, "identity")) {
      return IDENTITY;
    }
    if (is(name, "gzip") || is(name, "x-gzip")) {
      return GZIP;
    }
    if (is(name, "deflate") || is(name, "zlib")) {
      return ZLIB;
    }
    if (is(name, "zstd")) {
      return ZstdDecoding.isAvailable() ? ZSTD : UNKNOWN;
    }
    if (is(name, "snappy")) {
      return SNAPPY;
    }
    return is(name, "x-snappy-framed") ? SNAPPY_FRAMED : UNKNOWN;
  }

  /** Whether a body in it is decoded here. */
  boolean isDecoded() {
    return this != IDENTITY && this != UNKNOWN;
  }

  /** Ends the measuring of a body that is cut short. That of gzip fails at every receiver alike. */
  void cutShort(Sink sink) {
    if (this == GZIP || this == ZLIB) {
      sink.breakOff();
    } else {
      sink.refuse(Flaw.MALFORMED);
    }
  }

  boolean isSnappy() {
    return this == SNAPPY || this == SNAPPY_FRAMED;
  }

  /** What decodes a body or message; null when it is not decoded here. */
  @Nullable Decoding decoding(MeterPool pool, Sink sink) {
    return switch (this) {
      case IDENTITY, UNKNOWN -> null;
      case GZIP, ZLIB -> new Inflation(this, pool, sink);
      case ZSTD -> new ZstdDecoding(pool, sink);
      case SNAPPY -> new SnappyDecoding(false, pool, sink);
      case SNAPPY_FRAMED -> new SnappyDecoding(true, pool, sink);
    };
  }

  private static boolean is(CharSequence name, String coding) {
    return AsciiString.contentEqualsIgnoreCase(name, coding);
  }
}
