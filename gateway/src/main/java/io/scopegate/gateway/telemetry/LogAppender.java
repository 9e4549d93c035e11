package io.scopegate.gateway.telemetry;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.function.Consumer;

/** Passes the application log on as lines. */
final class LogAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  private final LogConfig.Format format;
  private final Consumer<byte[]> lines;

  LogAppender(LogConfig.Format format, Consumer<byte[]> lines) {
    this.format = format;
    this.lines = lines;
  }

  @Override
  protected void append(ILoggingEvent event) {
    lines.accept(LogLine.of(event, format));
  }
}
