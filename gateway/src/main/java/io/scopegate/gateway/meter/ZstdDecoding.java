package io.scopegate.gateway.meter;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.util.Native;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * zstd, by the library of its authors. Its native memory grows with what was decoded, up to the
 * window that the frame's header asks for, which is bounded.
 */
final class ZstdDecoding extends NativeDecoding {
  /** What RFC 8878 wants every decoder to support, and encoders use below their highest levels. */
  static final int MOST_WINDOW_BYTES = 8 << 20;

  private static final int MOST_WINDOW_LOG = 23;

  /** A context with its tables, and room for a block of input. */
  private static final int CONTEXT_BYTES = 320 << 10;

  /** A context with a larger one is not kept. */
  private static final int MOST_KEPT_WINDOW_BYTES = 512 << 10;

  private enum At {
    HEADER,
    DATA,
    SKIPPED
  }

  private final ZstdFrameHeader header = new ZstdFrameHeader();
  private @Nullable ZstdDecompressCtx context;
  private At at = At.HEADER;
  private long skip;
  private long window;
  private long decodedOfFrame;
  private long largest;

  ZstdDecoding(MeterPool pool, Sink sink) {
    super(pool, sink);
  }

  /** Whether there is a library for this platform; loads it, which takes some milliseconds. */
  static boolean isAvailable() {
    return Library.IS_LOADED;
  }

  private static final class Library {
    static final boolean IS_LOADED = load();

    private static boolean load() {
      try {
        Native.load();
        return Native.isLoaded();
      } catch (LinkageError none) {
        return false; // no library for this platform, or nowhere to unpack it
      }
    }
  }

  @Override
  public void take(ByteBuf source, int from, int to) {
    int next = from;
    while (next < to && !sink.isOver()) {
      next =
          switch (at) {
            case HEADER -> header(source, next);
            case DATA -> data(source, next, to);
            case SKIPPED -> skipped(next, to);
          };
    }
  }

  private int header(ByteBuf source, int index) {
    switch (header.next(source.getByte(index))) {
      case MORE -> {}
      case WRONG -> sink.refuse(Flaw.MALFORMED);
      case SKIPPABLE -> beginSkipped();
      case FRAME -> beginFrame();
    }
    return index + 1;
  }

  private void beginSkipped() {
    skip = header.skipped();
    header.clear();
    at = skip == 0 ? At.HEADER : At.SKIPPED;
  }

  private int skipped(int from, int to) {
    int end = (int) Math.min(to, from + skip);
    skip -= end - from;
    if (skip == 0) {
      at = At.HEADER;
    }
    return end;
  }

  private void beginFrame() {
    long content = header.contentBytes();
    if (content > 0) {
      sink.announced(content);
    }
    window = header.windowBytes();
    if (header.hasDictionary() || window > MOST_WINDOW_BYTES && !sink.isOver()) {
      sink.refuse(Flaw.UNMEASURABLE);
    }
    if (sink.isOver()) {
      return;
    }
    at = At.DATA;
    decodedOfFrame = 0;
    if (context == null) {
      context = pool.borrowZstd().setLongMax(MOST_WINDOW_LOG);
    }
    decode(ByteBuffer.wrap(header.bytes(), 0, header.count()));
    header.clear();
  }

  @Override
  boolean inData() {
    return at == At.DATA;
  }

  @Override
  @SuppressWarnings("NullAway") // there is a context once a frame began
  int decode(ByteBuffer part) {
    int length = part.remaining();
    byte[] array = pool.array();
    boolean more = true;
    try {
      while (more && !sink.isOver()) {
        ByteBuffer out = ByteBuffer.wrap(array);
        boolean ended = context.decompressByteBufferStream(out, part);
        decoded(out.position());
        if (ended) {
          at = At.HEADER;
        }
        more = !ended && (part.hasRemaining() || !out.hasRemaining());
      }
    } catch (ZstdException e) {
      sink.refuse(Flaw.MALFORMED);
    }
    return length - part.remaining();
  }

  @Override
  void decoded(int written) {
    decodedOfFrame += written;
    largest = Math.max(largest, Math.min(window, decodedOfFrame));
    super.decoded(written);
  }

  @Override
  public boolean mayEnd() {
    return at == At.HEADER && header.count() == 0;
  }

  @Override
  public int memoryBytes() {
    return context == null ? 0 : CONTEXT_BYTES + (int) largest;
  }

  @Override
  public void close() {
    if (context != null) {
      pool.giveBack(context, largest <= MOST_KEPT_WINDOW_BYTES);
      context = null;
    }
  }
}
