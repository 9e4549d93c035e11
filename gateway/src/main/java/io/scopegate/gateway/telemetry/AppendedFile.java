package io.scopegate.gateway.telemetry;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends lines to a file that others may rename, delete or empty: once a second it looks whether
 * its path still leads to the file that is open, and opens it again otherwise. What cannot be
 * written (the disk is full, the directory is gone) is counted and lost; writing never fails. For
 * one thread.
 */
final class AppendedFile extends OutputStream {
  private static final Logger LOG = LoggerFactory.getLogger(AppendedFile.class);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Path path;
  private final LongSupplier nanos;
  private final AtomicLong lost = new AtomicLong();
  private @Nullable FileChannel channel;
  private @Nullable Object opened;
  private long lookedNanos;
  private boolean isFailing;
  private boolean isWithinLine;

  /**
   * A file that is opened with the first line.
   *
   * @param nanos as {@link System#nanoTime()}
   */
  AppendedFile(Path path, LongSupplier nanos) {
    this.path = path;
    this.nanos = nanos;
  }

  /** How many lines could not be written; for any thread. */
  long lost() {
    return lost.get();
  }

  @Override
  public void write(int one) {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) {
    ByteBuffer rest = ByteBuffer.wrap(bytes, from, length);
    try {
      FileChannel to = channel();
      if (isFailing && isWithinLine) {
        writeAll(to, ByteBuffer.wrap(new byte[] {'\n'}));
      }
      writeAll(to, rest);
      good();
    } catch (IOException e) {
      bad(e, rest);
    }
  }

  private void writeAll(FileChannel to, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      int at = bytes.position();
      to.write(bytes);
      if (bytes.position() > at) {
        isWithinLine = bytes.get(bytes.position() - 1) != '\n';
      }
    }
  }

  private FileChannel channel() throws IOException {
    FileChannel known = channel;
    long now = nanos.getAsLong();
    if (known != null && now - lookedNanos < LOOK_NANOS) {
      return known;
    }
    lookedNanos = now;
    if (known != null && isStillThere()) {
      return known;
    }
    close();
    FileChannel next =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    channel = next;
    opened = key();
    isWithinLine = false;
    return next;
  }

  private boolean isStillThere() {
    try {
      return Objects.equals(opened, key());
    } catch (IOException gone) {
      return false;
    }
  }

  private @Nullable Object key() throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  private void good() {
    if (isFailing) {
      isFailing = false;
      LOG.info("log.auditFile: {} is written again", path);
    }
  }

  private void bad(IOException why, ByteBuffer rest) {
    while (rest.hasRemaining()) {
      if (rest.get() == '\n') {
        lost.incrementAndGet();
      }
    }
    if (!isFailing) {
      isFailing = true;
      LOG.warn("log.auditFile: {} cannot be written: {}; its lines are lost", path, why.toString());
    }
  }

  @Override
  public void close() {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        LOG.debug("log.auditFile: {} could not be closed", path, e);
      }
    }
  }
}
