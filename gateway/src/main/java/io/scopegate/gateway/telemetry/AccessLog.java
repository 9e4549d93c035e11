package io.scopegate.gateway.telemetry;

import io.netty.util.concurrent.FastThreadLocal;
import io.scopegate.gateway.json.JsonBytes;
import java.time.InstantSource;
import java.util.concurrent.atomic.LongAdder;

/**
 * One line for each request. A line is encoded on the event loop that ends the request into that
 * loop's own buffer, and handed to {@link LogOutput} without a lock; when that cannot keep up,
 * lines are dropped and counted.
 */
public final class AccessLog {
  private static final int LINE_BYTES = 1024;

  private final LogOutput output;
  private final LogFormat format;
  private final InstantSource clock;
  private final LongAdder dropped = new LongAdder();
  private final FastThreadLocal<Writer> writers = new Writers();

  /**
   * Logs to this output.
   *
   * @param clock gives the time of each line
   */
  public AccessLog(LogOutput output, LogFormat format, InstantSource clock) {
    this.output = output;
    this.format = format;
    this.clock = clock;
  }

  /** How many lines were dropped because the output could not keep up. */
  public long dropped() {
    return dropped.sum();
  }

  /** Logs a finished request; called on the event loop that it ended on. Never waits. */
  void write(Transaction transaction) {
    Writer writer = writers.get();
    JsonBytes line = writer.buffer;
    line.clear();
    writer.line.append(transaction, clock.millis(), line);
    if (!writer.ring.offer(line.array(), line.length())) {
      dropped.increment();
    }
  }

  private record Writer(AccessLine line, JsonBytes buffer, ByteRing ring) {}

  private final class Writers extends FastThreadLocal<Writer> {
    @Override
    protected Writer initialValue() {
      return new Writer(AccessLine.of(format), new JsonBytes(LINE_BYTES), output.newRing());
    }

    @Override
    protected void onRemoval(Writer writer) {
      writer.ring.close();
    }
  }
}
