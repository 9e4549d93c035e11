package io.scopegate.authz.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Cuts a stream of bytes into lines, each within a bound. For one thread at a time. */
public final class Lines {
  private static final int FIRST_BYTES = 4096;

  private final int maxBytes;
  private byte[] pending = new byte[0];
  private int length;

  /** Hears each line. */
  public interface Sink {
    /**
     * A line that has ended.
     *
     * @param line without its end; never empty
     * @throws IOException when the rest is not wanted
     */
    void line(byte[] line) throws IOException;
  }

  Lines(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * Takes the next bytes.
   *
   * @throws IOException when a line is too long, or the sink wants no more
   */
  void feed(ByteBuffer bytes, Sink sink) throws IOException {
    while (bytes.hasRemaining()) {
      int end = endOfLine(bytes);
      int count = (end < 0 ? bytes.limit() : end) - bytes.position();
      append(bytes, count);
      if (end >= 0) {
        bytes.position(end + 1);
        complete(sink);
      }
    }
  }

  private static int endOfLine(ByteBuffer bytes) {
    for (int i = bytes.position(); i < bytes.limit(); i++) {
      if (bytes.get(i) == '\n') {
        return i;
      }
    }
    return -1;
  }

  private void append(ByteBuffer bytes, int count) throws IOException {
    if (count > maxBytes - length) {
      throw new IOException("line longer than " + maxBytes + " bytes");
    }
    if (length + count > pending.length) {
      int doubled = Math.max(FIRST_BYTES, 2 * pending.length);
      pending = Arrays.copyOf(pending, Math.min(maxBytes, Math.max(doubled, length + count)));
    }
    bytes.get(pending, length, count);
    length += count;
  }

  private void complete(Sink sink) throws IOException {
    byte[] line = Arrays.copyOf(pending, length);
    length = 0;
    if (pending.length > 16 * FIRST_BYTES) {
      // One large object must not hold its room for as long as the watch lasts.
      pending = new byte[0];
    }
    if (line.length > 0) {
      sink.line(line);
    }
  }
}
