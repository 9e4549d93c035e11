package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** Decoding by a native library, which reads NIO buffers and writes into the scratch buffer. */
abstract class NativeDecoding implements Decoding {
  final MeterPool pool;
  final Sink sink;

  NativeDecoding(MeterPool pool, Sink sink) {
    this.pool = pool;
    this.sink = sink;
  }

  /** Whether compressed data comes next, and not a header or a trailer. */
  abstract boolean inData();

  /** How many of these bytes were used; all, unless the data ends in them or nothing counts. */
  abstract int decode(ByteBuffer part);

  /**
   * Decodes up to the end of the data.
   *
   * @return the index after what was used
   */
  final int data(ByteBuf source, int from, int to) {
    if (source.nioBufferCount() == 1) {
      return from + decode(source.nioBuffer(from, to - from));
    }
    int next = from;
    for (ByteBuffer part : source.nioBuffers(from, to - from)) {
      if (inData() && !sink.isOver()) {
        next += decode(part);
      }
    }
    return next;
  }

  /** So many bytes have been decoded into the scratch buffer. */
  void decoded(int written) {
    if (written > 0) {
      sink.decoded(pool.scratch(), 0, written);
    }
  }
}
