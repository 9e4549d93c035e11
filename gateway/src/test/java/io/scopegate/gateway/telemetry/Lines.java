package io.scopegate.gateway.telemetry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** A standard output that a test reads line by line, and can stall. */
final class Lines extends OutputStream {
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final ReentrantLock gate = new ReentrantLock();
  private volatile boolean broken;

  /** Has writing wait until {@link #resume}, called on the same thread. */
  void stall() {
    gate.lock();
  }

  void resume() {
    gate.unlock();
  }

  /** Has writing fail from now on. */
  void breakOff() {
    broken = true;
  }

  void mend() {
    broken = false;
  }

  /** The next line; fails when none comes. */
  String next() throws InterruptedException {
    String next = lines.poll(20, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no line came");
    }
    return next;
  }

  int waiting() {
    return lines.size();
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    gate.lock();
    try {
      if (broken) {
        throw new IOException("broken pipe");
      }
      for (int i = offset; i < offset + length; i++) {
        add(bytes[i]);
      }
    } finally {
      gate.unlock();
    }
  }

  private void add(byte b) {
    if (b == '\n') {
      lines.add(line.toString(StandardCharsets.UTF_8));
      line.reset();
    } else {
      line.write(b);
    }
  }
}
