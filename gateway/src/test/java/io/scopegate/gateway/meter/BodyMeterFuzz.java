package io.scopegate.gateway.meter;

import io.netty.buffer.Unpooled;

/**
 * A body is measured the same in one piece and in several, and has no more spans than decoded
 * bytes. The first byte of the input says how it is framed and compressed, the second what it
 * holds, the third where it is cut.
 */
public final class BodyMeterFuzz {
  private static final String[] CODINGS = {
    null, "gzip", "deflate", "zstd", "snappy", "x-snappy-framed", "lz4", "gzip, zstd"
  };
  private static final long MOST = 64 << 10;

  private BodyMeterFuzz() {}

  /** One body. */
  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length < 3) {
      return;
    }
    BodyFormat[] formats = BodyFormat.values();
    Measure measure = new Measure(formats[(data[1] & 0xff) % formats.length], true, MOST);
    int length = data.length - 3;
    int cut = 3 + (length == 0 ? 0 : (data[2] & 0xff) % length);
    try (MeterPool pool = new MeterPool();
        BodyMeter whole = meter(data[0], measure, pool);
        BodyMeter split = meter(data[0], measure, pool)) {
      whole.add(Unpooled.wrappedBuffer(data, 3, length));
      whole.end();
      split.add(Unpooled.wrappedBuffer(data, 3, cut - 3));
      split.add(Unpooled.wrappedBuffer(data, cut, data.length - cut));
      split.end();
      check(whole, split);
    }
  }

  private static BodyMeter meter(byte kind, Measure measure, MeterPool pool) {
    String coding = CODINGS[(kind & 3) | (kind >> 1 & 4)];
    return (kind & 4) == 0
        ? BodyMeter.http(coding, -1, measure, pool)
        : BodyMeter.grpc(coding, measure, pool);
  }

  private static void check(BodyMeter whole, BodyMeter split) {
    boolean same =
        whole.flaw() != null || split.flaw() != null
            ? isRefused(whole) && isRefused(split)
            : whole.malformed() == split.malformed()
                && whole.exceeded() == split.exceeded()
                && whole.spans() == split.spans();
    boolean bounded = whole.spans() <= whole.decodedBytes() && whole.decodedBytes() >= 0;
    if (!same || !bounded) {
      throw new AssertionError("whole: " + shown(whole) + "; in two pieces: " + shown(split));
    }
  }

  /** Nothing of it goes on, and how much was counted before is not said. */
  private static boolean isRefused(BodyMeter meter) {
    return meter.exceeded() || meter.flaw() != null;
  }

  private static String shown(BodyMeter meter) {
    return "%d spans, %d bytes, malformed: %s, exceeded: %s"
        .formatted(meter.spans(), meter.decodedBytes(), meter.malformed(), meter.exceeded());
  }
}
