package io.scopegate.gateway.telemetry;

import java.nio.file.Path;
import java.time.InstantSource;

/** A file that lines of the audit log are appended to. {@link AppendedFile} says what it bears. */
public final class AuditFile implements AutoCloseable {
  private final AppendedFile file;
  private final LogOutput output;
  private final LineLog<AuditEntry> lines;

  private AuditFile(AppendedFile file, LogConfig.Format format, InstantSource clock) {
    this.file = file;
    this.output = new LogOutput(file, format);
    this.lines = LineLog.ofDecisions(output, format, clock);
  }

  /**
   * Opens it with its first line.
   *
   * @param clock gives the time of each line
   */
  public static AuditFile of(Path path, LogConfig.Format format, InstantSource clock) {
    return new AuditFile(new AppendedFile(path, System::nanoTime), format, clock);
  }

  /** Writes a line; on an event loop, and never waits. */
  void write(AuditEntry entry) {
    lines.write(entry);
  }

  /** How many lines are not in it, because it could not be written or not fast enough. */
  long lost() {
    return lines.dropped() + file.lost();
  }

  /** Writes what waits, for at most a second. */
  @Override
  public void close() {
    output.close();
    file.close();
  }
}
