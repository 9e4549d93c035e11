package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the frames of one connection are put together until what came on it is read: one place for
 * an event loop, since connections are read one after the other. An array, because a dozen small
 * writes to a network buffer cost three times as much.
 */
final class RefusalFrames {
  private static final int USUAL_BYTES = 8 << 10;

  /** What waits for the end of a read at most; then it is written. */
  static final int MOST_BYTES = 64 << 10;

  private static final FastThreadLocal<RefusalFrames> OF_LOOP =
      new FastThreadLocal<>() {
        @Override
        protected RefusalFrames initialValue() {
          return new RefusalFrames();
        }
      };

  private byte[] bytes = new byte[USUAL_BYTES];
  private int length;
  private @Nullable Owner owner;

  /** Whose frames they are. */
  interface Owner {
    /** Takes them and writes them. */
    void writeOut();
  }

  /** That of the event loop that this is called on. */
  static RefusalFrames ofThisLoop() {
    return OF_LOOP.get();
  }

  /**
   * Begins a frame; as many bytes have to follow.
   *
   * @param by whose it is; what another one has here is written out first
   */
  void frame(Owner by, int payload, byte type, int flags, int id) {
    int needed = Http2CodecUtil.FRAME_HEADER_LENGTH + payload;
    Owner before = owner;
    if (before != null && (before != by || length + needed > MOST_BYTES)) {
      before.writeOut();
    }
    owner = by;
    if (length + needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + needed, 2 * bytes.length));
    }
    put(payload >>> 16).put(payload >>> 8).put(payload).put(type).put(flags).putInt(id);
  }

  /** A byte of the frame. */
  RefusalFrames put(int b) {
    bytes[length++] = (byte) b;
    return this;
  }

  /** Four bytes of the frame. */
  RefusalFrames putInt(int i) {
    return put(i >>> 24).put(i >>> 16).put(i >>> 8).put(i);
  }

  /** Bytes of the frame. */
  RefusalFrames put(byte[] some) {
    System.arraycopy(some, 0, bytes, length, some.length);
    length += some.length;
    return this;
  }

  /** Characters of the frame, all ASCII. */
  RefusalFrames put(String ascii) {
    for (int i = 0; i < ascii.length(); i++) {
      put(ascii.charAt(i));
    }
    return this;
  }

  /** How many bytes of this one's are here. */
  int length(Owner whose) {
    return owner == whose ? length : 0;
  }

  /** Takes all frames out; null when there are none of this one's. */
  @Nullable ByteBuf take(Owner whose, ByteBufAllocator allocator) {
    if (owner != whose) {
      return null;
    }
    ByteBuf all = allocator.buffer(length).writeBytes(bytes, 0, length);
    drop(whose);
    return all;
  }

  /** Drops this one's frames. */
  void drop(Owner whose) {
    if (owner == whose) {
      owner = null;
      length = 0;
    }
  }
}
