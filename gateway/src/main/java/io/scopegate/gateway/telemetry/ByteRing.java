package io.scopegate.gateway.telemetry;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bounded queue of whole lines from one thread to another, without locks and without allocation:
 * {@link #offer} belongs to the producer, {@link #drainTo} to the consumer.
 */
final class ByteRing {
  private final byte[] bytes;
  private final int mask;
  private final int wakeAt;
  private final Runnable wake;
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong read = new AtomicLong();
  private volatile boolean closed;

  /**
   * An empty ring.
   *
   * @param capacity in bytes, a power of two
   * @param wake called by the producer when a quarter of the ring is filled
   */
  ByteRing(int capacity, Runnable wake) {
    if (Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException("capacity: " + capacity + " (expected: a power of two)");
    }
    this.bytes = new byte[capacity];
    this.mask = capacity - 1;
    this.wakeAt = capacity / 4;
    this.wake = wake;
  }

  /**
   * Appends a line, or refuses it when there is no room for all of it. Never waits.
   *
   * @return whether it was taken
   */
  boolean offer(byte[] line, int length) {
    long from = written.getPlain();
    long filled = from - read.get();
    if (length > bytes.length - filled) {
      wake.run();
      return false;
    }
    int at = (int) from & mask;
    int first = Math.min(length, bytes.length - at);
    System.arraycopy(line, 0, bytes, at, first);
    System.arraycopy(line, first, bytes, 0, length - first);
    written.setRelease(from + length);
    if (filled < wakeAt && filled + length >= wakeAt) {
      wake.run();
    }
    return true;
  }

  /** Writes what is there; the room is free again even when writing fails. */
  void drainTo(OutputStream out) throws IOException {
    long from = read.getPlain();
    long to = written.getAcquire();
    if (from == to) {
      return;
    }
    try {
      int at = (int) from & mask;
      int length = (int) (to - from);
      int first = Math.min(length, bytes.length - at);
      out.write(bytes, at, first);
      if (first < length) {
        out.write(bytes, 0, length - first);
      }
    } finally {
      read.setRelease(to);
    }
  }

  /** Whether the ring is so full that the consumer should not sleep. */
  boolean isPressing() {
    return written.getAcquire() - read.getPlain() >= wakeAt;
  }

  /** Marks the end: the producer writes nothing more. */
  void close() {
    closed = true;
  }

  /** Whether everything was drained and the producer has closed it. */
  boolean isSpent() {
    return closed && written.getAcquire() == read.getPlain();
  }
}
