package io.scopegate.gateway.telemetry;

import java.time.InstantSource;

/** One line for each request, by the way of all {@link LineLog lines}. */
public final class AccessLog {
  private final LineLog<RequestRecord> lines;

  /**
   * Logs to this output.
   *
   * @param clock gives the time of each line
   */
  public AccessLog(LogOutput output, LogFormat format, InstantSource clock) {
    this.lines = new LineLog<>(output, () -> AccessLine.of(format)::append, clock);
  }

  /** How many lines were dropped because the output could not keep up. */
  public long dropped() {
    return lines.dropped();
  }

  /** Logs a finished request; called on the event loop that it ended on. Never waits. */
  void write(RequestRecord transaction) {
    lines.write(transaction);
  }
}
