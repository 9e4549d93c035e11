package io.scopegate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.meter.AnswerMeter;
import io.scopegate.gateway.meter.QueryCost;
import org.jspecify.annotations.Nullable;

/** An answer that is read for what the query cost, while it passes. Lives on one event loop. */
final class AnswerReading {
  private static final AsciiString GRPC_ENCODING = AsciiString.cached("grpc-encoding");

  private final AnswerMeter meter;
  private final StreamEnd client;
  private int reserved;

  /**
   * Nothing has come yet.
   *
   * @param client whose tenant's memory decoding takes
   */
  AnswerReading(AnswerMeter meter, StreamEnd client) {
    this.meter = meter;
    this.client = client;
  }

  /** A good answer begins. */
  void begin(Http2Headers head, boolean grpc) {
    meter.begin(
        head.get(HttpHeaderNames.CONTENT_TYPE),
        head.get(grpc ? GRPC_ENCODING : HttpHeaderNames.CONTENT_ENCODING));
  }

  /** Bytes of its body are about to be written. */
  void passes(ByteBuf bytes) {
    meter.add(bytes);
    reserve(meter.memoryBytes());
  }

  /** The exchange has ended; what was said until then, or null. */
  @Nullable QueryCost end() {
    meter.close();
    reserve(0);
    return meter.cost();
  }

  private void reserve(int bytes) {
    if (bytes != reserved) {
      client.reserve(bytes - reserved);
      reserved = bytes;
    }
  }
}
