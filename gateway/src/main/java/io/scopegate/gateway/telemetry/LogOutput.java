package io.scopegate.gateway.telemetry;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes to standard output. Threads that log hand over whole lines and
 * continue. When the reader stalls (a full pipe, a paused terminal), lines are dropped and counted,
 * but no event loop waits.
 */
public final class LogOutput implements AutoCloseable {
  private static final long MOST_QUEUED_BYTES = 1024 * 1024;

  /** Half of what is promised, since writing takes time too. */
  private static final long FLUSH_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long CLOSE_MILLIS = 1_000;

  private final OutputStream out;
  private final @Nullable TimeOrder order;
  private final CopyOnWriteArrayList<ByteRing> rings = new CopyOnWriteArrayList<>();
  private final Queue<byte[]> queue = new ConcurrentLinkedQueue<>();
  private final AtomicLong queuedBytes = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final Thread thread;
  private volatile boolean closed;

  /** Starts the thread. */
  public LogOutput(OutputStream out) {
    this(out, LogConfig.Format.JSON);
  }

  /**
   * Starts the thread.
   *
   * @param format lines for people come in the order of their times; programs sort themselves
   */
  LogOutput(OutputStream out, LogConfig.Format format) {
    this.out = out;
    this.order = format == LogConfig.Format.TEXT ? new TimeOrder() : null;
    this.thread = new Thread(this::run, "scopegate-log");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Writes to standard output, unbuffered. By its channel, which keeps the memory that large writes
   * go through; the stream itself would map and unmap some for each.
   *
   * @param format of the lines
   */
  public static LogOutput stdout(LogConfig.Format format) {
    return new LogOutput(
        Channels.newOutputStream(new FileOutputStream(FileDescriptor.out).getChannel()), format);
  }

  /**
   * Hands over one line from any thread; drops it when a megabyte waits already.
   *
   * @param line the line with its end, not changed afterwards
   */
  public void offer(byte[] line) {
    if (!tryOffer(line)) {
      dropped.incrementAndGet();
    }
  }

  /**
   * The same without dropping anything.
   *
   * @return false when there is no room for it at the moment
   */
  boolean tryOffer(byte[] line) {
    if (queuedBytes.addAndGet(line.length) > MOST_QUEUED_BYTES) {
      queuedBytes.addAndGet(-line.length);
      wake();
      return false;
    }
    queue.add(line);
    wake();
    return true;
  }

  /** How many lines of {@link #offer} were dropped. */
  public long dropped() {
    return dropped.get();
  }

  /** Writes what waits, for at most a second, and ends the thread. */
  @Override
  public void close() {
    closed = true;
    wake();
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A ring for lines of one thread, behind those that it has already. */
  ByteRing newRing(int capacity) {
    ByteRing ring = new ByteRing(capacity, this::wake);
    rings.add(ring);
    wake();
    return ring;
  }

  private void wake() {
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!closed) {
      drain();
      if (rings.stream().noneMatch(ByteRing::isPressing) && queue.isEmpty() && !closed) {
        sleep();
      }
    }
    drain();
  }

  private void sleep() {
    if (rings.isEmpty()) {
      LockSupport.park(this);
    } else {
      LockSupport.parkNanos(this, FLUSH_NANOS);
    }
  }

  private void drain() {
    TimeOrder sorted = order;
    OutputStream to = sorted == null ? out : sorted;
    try {
      for (byte[] line = next(); line != null; line = next()) {
        to.write(line);
      }
      for (ByteRing ring : rings) {
        ring.drainTo(to);
      }
      if (sorted != null) {
        sorted.drainTo(out);
      }
      out.flush();
    } catch (IOException gone) {
      // nobody reads any more, and there is no other place to say so
      dropped.incrementAndGet();
    }
    rings.removeIf(ByteRing::isSpent);
  }

  private byte @Nullable [] next() {
    byte[] line = queue.poll();
    if (line != null) {
      queuedBytes.addAndGet(-line.length);
    }
    return line;
  }
}
