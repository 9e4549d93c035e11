package io.scopegate.gateway.telemetry;

import io.netty.util.concurrent.FastThreadLocal;
import io.scopegate.gateway.json.JsonBytes;
import java.time.InstantSource;
import java.util.concurrent.atomic.LongAdder;

/**
 * One line for each decision that is to be kept. It goes the same way as the access log: encoded on
 * the event loop that decided, handed over without a lock, dropped and counted when the output
 * cannot keep up. An event loop that has never had a line to write has no buffer for them either.
 */
public final class AuditLog {
  private static final int LINE_BYTES = 1024;

  private final LogOutput output;
  private final LogFormat format;
  private final InstantSource clock;
  private final LongAdder dropped = new LongAdder();
  private final FastThreadLocal<Writer> writers = new Writers();

  /**
   * Logs to this output.
   *
   * @param clock gives the time of each line, and what the ages of answers count to
   */
  public AuditLog(LogOutput output, LogFormat format, InstantSource clock) {
    this.output = output;
    this.format = format;
    this.clock = clock;
  }

  /** How many lines were dropped because the output could not keep up. */
  public long dropped() {
    return dropped.sum();
  }

  /** Logs a decision; called on the event loop that it was made on. Never waits. */
  void write(AuditEntry entry) {
    Writer writer = writers.get();
    JsonBytes line = writer.buffer;
    line.clear();
    writer.line.append(entry, clock.millis(), line);
    if (!writer.ring.offer(line.array(), line.length())) {
      dropped.increment();
    }
  }

  private record Writer(AuditLine line, JsonBytes buffer, ByteRing ring) {}

  private final class Writers extends FastThreadLocal<Writer> {
    @Override
    protected Writer initialValue() {
      return new Writer(AuditLine.of(format), new JsonBytes(LINE_BYTES), output.newRing());
    }

    @Override
    protected void onRemoval(Writer writer) {
      writer.ring.close();
    }
  }
}
