package io.scopegate.gateway.telemetry;

import io.netty.util.concurrent.FastThreadLocal;
import io.scopegate.gateway.json.JsonBytes;
import java.time.InstantSource;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Lines that never wait: each is encoded into the calling event loop's own buffer and handed to
 * {@link LogOutput} without a lock; when that cannot keep up, lines are dropped and counted. An
 * event loop that has never had a line to write has no buffer for them either.
 *
 * @param <E> what a line describes
 */
public final class LineLog<E> {
  private static final int LINE_BYTES = 1024;

  private final LogOutput output;
  private final Supplier<Line<E>> lines;
  private final InstantSource clock;
  private final LongAdder dropped = new LongAdder();
  private final FastThreadLocal<Writer<E>> writers = new Writers();

  /** Turns something into a line; one instance a thread. */
  interface Line<E> {
    /**
     * Appends the line and its end.
     *
     * @param epochMillis when it is written
     */
    void append(E entry, long epochMillis, JsonBytes out);
  }

  /**
   * The access log: a line for each request.
   *
   * @param clock gives the time of each line
   */
  public static LineLog<RequestRecord> ofRequests(
      LogOutput output, LogConfig.Format format, InstantSource clock) {
    return new LineLog<>(
        output,
        switch (format) {
          case JSON -> JsonAccessLine::new;
          case TEXT -> TextAccessLine::new;
        },
        clock);
  }

  /**
   * The audit log: a line for each decision.
   *
   * @param clock gives the time of each line, and the end of the ages of answers
   */
  public static LineLog<AuditEntry> ofDecisions(
      LogOutput output, LogConfig.Format format, InstantSource clock) {
    return new LineLog<>(
        output,
        switch (format) {
          case JSON -> JsonAuditLine::new;
          case TEXT -> TextAuditLine::new;
        },
        clock);
  }

  /**
   * Logs to this output.
   *
   * @param lines makes what encodes a line, one for each event loop
   * @param clock gives the time of each line
   */
  private LineLog(LogOutput output, Supplier<Line<E>> lines, InstantSource clock) {
    this.output = output;
    this.lines = lines;
    this.clock = clock;
  }

  /** How many lines were dropped because the output could not keep up. */
  public long dropped() {
    return dropped.sum();
  }

  /** Logs; called on an event loop. Never waits. */
  void write(E entry) {
    Writer<E> writer = writers.get();
    JsonBytes buffer = writer.buffer;
    buffer.clear();
    writer.line.append(entry, clock.millis(), buffer);
    if (!writer.ring.offer(buffer.array(), buffer.length())) {
      dropped.increment();
    }
  }

  private record Writer<E>(Line<E> line, JsonBytes buffer, GrowingRing ring) {}

  private final class Writers extends FastThreadLocal<Writer<E>> {
    @Override
    protected Writer<E> initialValue() {
      return new Writer<>(lines.get(), new JsonBytes(LINE_BYTES), new GrowingRing(output::newRing));
    }

    @Override
    protected void onRemoval(Writer<E> writer) {
      writer.ring.close();
    }
  }
}
