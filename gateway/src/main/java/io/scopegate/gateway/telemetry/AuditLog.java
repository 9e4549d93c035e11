package io.scopegate.gateway.telemetry;

import java.time.InstantSource;

/** One line for each decision that is to be kept, by the way of all {@link LineLog lines}. */
public final class AuditLog {
  private final LineLog<AuditEntry> lines;

  /**
   * Logs to this output.
   *
   * @param clock gives the time of each line, and what the ages of answers count to
   */
  public AuditLog(LogOutput output, LogFormat format, InstantSource clock) {
    this.lines = new LineLog<>(output, () -> AuditLine.of(format)::append, clock);
  }

  /** How many lines were dropped because the output could not keep up. */
  public long dropped() {
    return lines.dropped();
  }

  /** Logs a decision; called on the event loop that it was made on. Never waits. */
  void write(AuditEntry entry) {
    lines.write(entry);
  }
}
