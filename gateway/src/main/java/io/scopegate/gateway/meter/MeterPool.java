package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.zip.Inflater;

/**
 * What the meters of one event loop share: the space that is inflated into, and inflaters to use
 * again, since each of them has some 40 KiB of native memory. For one thread.
 */
public final class MeterPool implements AutoCloseable {
  /** How much is inflated at a time. */
  static final int SCRATCH_BYTES = 16 << 10;

  /** Inflaters kept for later. */
  private static final int MOST_IDLE = 16;

  private final byte[] array = new byte[SCRATCH_BYTES];
  private final ByteBuf scratch = Unpooled.wrappedBuffer(array);
  private final ArrayDeque<Inflater> idle = new ArrayDeque<>();

  /** The space that is inflated into. */
  byte[] array() {
    return array;
  }

  /** The scratch space as a buffer to read from. */
  ByteBuf scratch() {
    return scratch;
  }

  /** An inflater for raw deflate data. */
  Inflater borrow() {
    Inflater kept = idle.poll();
    return kept == null ? new Inflater(true) : kept;
  }

  /** Takes an inflater back. */
  void giveBack(Inflater inflater) {
    if (idle.size() < MOST_IDLE) {
      inflater.reset();
      idle.push(inflater);
    } else {
      inflater.end();
    }
  }

  /** Frees the native memory of the inflaters that wait here. */
  @Override
  public void close() {
    idle.forEach(Inflater::end);
    idle.clear();
  }
}
