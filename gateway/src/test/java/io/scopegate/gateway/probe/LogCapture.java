package io.scopegate.gateway.probe;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What one class logs, as {@code LEVEL message}, while this is open. */
public final class LogCapture extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Logger logger;

  /** Begins to capture. */
  public LogCapture(Class<?> of) {
    this(of.getName());
  }

  /** Begins to capture what a class logs that cannot be seen from the test. */
  public LogCapture(String of) {
    logger = (Logger) LoggerFactory.getLogger(of);
    logger.setLevel(ch.qos.logback.classic.Level.INFO);
    start();
    logger.addAppender(this);
  }

  /** What was logged so far; may be read while more is logged. */
  public List<String> lines() {
    return lines;
  }

  @Override
  protected void append(ILoggingEvent event) {
    lines.add(event.getLevel() + " " + event.getFormattedMessage());
  }

  @Override
  public void close() {
    logger.detachAppender(this);
    logger.setLevel(null);
    stop();
  }
}
