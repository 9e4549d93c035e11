package io.scopegate.gateway.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.util.function.Consumer;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/** Sets up the application log. */
public final class Logging {
  private Logging() {}

  /**
   * Sends everything from this level on to the output; replaces what was set up before.
   *
   * @param level the lowest level that is logged
   */
  public static void start(LogOutput output, LogConfig.Format format, org.slf4j.event.Level level) {
    ILoggerFactory factory = LoggerFactory.getILoggerFactory();
    if (factory instanceof LoggerContext context) {
      start(context, format, level, output::offer);
    }
  }

  /** From now on this is the lowest level that is logged. */
  public static void level(org.slf4j.event.Level level) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context
          .getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)
          .setLevel(Level.convertAnSLF4JLevel(level));
    }
  }

  /** Sends everything from this level on to a consumer of lines. */
  static void start(
      LoggerContext context,
      LogConfig.Format format,
      org.slf4j.event.Level level,
      Consumer<byte[]> lines) {
    LogAppender appender = new LogAppender(format, lines);
    appender.setContext(context);
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    root.addAppender(appender);
    root.setLevel(Level.convertAnSLF4JLevel(level));
    // Where no network interface has an address of its own, Netty makes one up, and warns of it.
    context.getLogger("io.netty.util.internal.MacAddressUtil").setLevel(Level.ERROR);
    context.getLogger("io.netty.channel.DefaultChannelId").setLevel(Level.ERROR);
    // it repeats, for each Sentinel and each try, what limits.store says once
    context.getLogger("io.lettuce.core.RedisClient").setLevel(Level.ERROR);
    context.getLogger("io.lettuce.core.RedisChannelHandler").setLevel(Level.ERROR);
    context.getLogger("io.lettuce.core.cluster").setLevel(Level.ERROR);
    // An upstream that does not speak HTTP/2: the checks of upstreams say it in words.
    context.getLogger("io.vertx.core.net.impl.ConnectionBase").setLevel(Level.OFF);
    context.getLogger("io.vertx.core.http.impl.HttpClientConnection").setLevel(Level.ERROR);
  }
}
