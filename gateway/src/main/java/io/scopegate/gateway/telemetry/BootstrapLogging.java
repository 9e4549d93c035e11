package io.scopegate.gateway.telemetry;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.slf4j.event.Level;

/**
 * The logs before {@link Logging#start}, and those of commands that never call it: warnings, to
 * standard error. Found by logback through {@code META-INF/services}, which also spares it the
 * search for configuration files; a file named with {@code logback.configurationFile} still counts.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class BootstrapLogging extends ContextAwareBase implements Configurator {
  /** Called by logback. */
  public BootstrapLogging() {}

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    if (System.getProperty("logback.configurationFile") != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    Logging.start(context, LogConfig.Format.TEXT, Level.WARN, BootstrapLogging::write);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static void write(byte[] line) {
    System.err.write(line, 0, line.length);
    System.err.flush();
  }
}
