package io.scopegate.gateway.telemetry;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.function.Consumer;

/** Brings the ordinary logs to wherever lines go. */
final class LogAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  private final LogConfig.Format format;
  private final Consumer<byte[]> lines;

  /** Hands whole lines to this consumer, from whichever thread logs. */
  LogAppender(LogConfig.Format format, Consumer<byte[]> lines) {
    this.format = format;
    this.lines = lines;
  }

  @Override
  protected void append(ILoggingEvent event) {
    lines.accept(LogLine.of(event, format));
  }
}
