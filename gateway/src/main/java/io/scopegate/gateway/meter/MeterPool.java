package io.scopegate.gateway.meter;

import com.github.luben.zstd.ZstdDecompressCtx;
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

  /** Windows of snappy and contexts of zstd kept for later. */
  private static final int MOST_IDLE_LARGE = 4;

  private final ArrayDeque<byte[]> idleWindows = new ArrayDeque<>();
  private final ArrayDeque<ZstdDecompressCtx> idleZstd = new ArrayDeque<>();
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

  /** What snappy remembers of a block. */
  byte[] borrowWindow() {
    byte[] kept = idleWindows.poll();
    return kept == null ? new byte[SnappyBlock.WINDOW_BYTES] : kept;
  }

  /** Takes a window back. */
  void giveBack(byte[] window) {
    if (idleWindows.size() < MOST_IDLE_LARGE) {
      idleWindows.push(window);
    }
  }

  /** A context for any frame. */
  ZstdDecompressCtx borrowZstd() {
    ZstdDecompressCtx kept = idleZstd.poll();
    return kept == null ? new ZstdDecompressCtx() : kept;
  }

  /**
   * Takes a context back.
   *
   * @param small whether its memory is worth keeping
   */
  void giveBack(ZstdDecompressCtx context, boolean small) {
    if (small && idleZstd.size() < MOST_IDLE_LARGE) {
      context.reset();
      idleZstd.push(context);
    } else {
      context.close();
    }
  }

  /** Frees the native memory of what waits here. */
  @Override
  public void close() {
    idleWindows.clear();
    idleZstd.forEach(ZstdDecompressCtx::close);
    idleZstd.clear();
    idle.forEach(Inflater::end);
    idle.clear();
  }
}
