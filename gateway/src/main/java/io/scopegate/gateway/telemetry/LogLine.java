package io.scopegate.gateway.telemetry;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import io.scopegate.gateway.json.JsonBytes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/** Turns an event of the application log into a line. */
final class LogLine {
  private static final int MOST_CHARS = 8 * 1024;

  private LogLine() {}

  /** The line with its end. */
  static byte[] of(ILoggingEvent event, LogConfig.Format format) {
    JsonBytes out = new JsonBytes(512);
    switch (format) {
      case JSON -> json(event, out);
      case TEXT -> text(event, out);
    }
    return out.raw('\n').toByteArray();
  }

  private static void json(ILoggingEvent event, JsonBytes out) {
    raw(out, "{\"time\":\"");
    new Timestamp().append(event.getTimeStamp(), out);
    raw(out, "\",\"type\":\"log\"");
    field(out, "level", event.getLevel().toString());
    field(out, "logger", event.getLoggerName());
    field(out, "thread", event.getThreadName());
    field(out, "message", event.getFormattedMessage());
    for (KeyValuePair pair : pairs(event)) {
      field(out, pair.key, String.valueOf(pair.value));
    }
    IThrowableProxy thrown = event.getThrowableProxy();
    if (thrown != null) {
      field(out, "stack", ThrowableProxyUtil.asString(thrown));
    }
    out.raw('}');
  }

  private static void text(ILoggingEvent event, JsonBytes out) {
    new Timestamp().append(event.getTimeStamp(), out);
    out.raw(' ').text(event.getLevel().toString(), MOST_CHARS);
    out.raw(' ').text(shortName(event.getLoggerName()), MOST_CHARS).raw(':');
    out.raw(' ').text(nonNull(event.getFormattedMessage()), MOST_CHARS);
    for (KeyValuePair pair : pairs(event)) {
      out.raw(' ').text(pair.key, MOST_CHARS).raw('=');
      out.string(String.valueOf(pair.value), MOST_CHARS);
    }
    IThrowableProxy thrown = event.getThrowableProxy();
    if (thrown != null) {
      ThrowableProxyUtil.asString(thrown)
          .lines()
          .forEach(line -> out.raw('\n').raw(' ').raw(' ').text(line.strip(), MOST_CHARS));
    }
  }

  private static String shortName(String logger) {
    return logger.substring(logger.lastIndexOf('.') + 1);
  }

  private static List<KeyValuePair> pairs(ILoggingEvent event) {
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    return pairs == null ? List.of() : pairs;
  }

  private static void field(JsonBytes out, String name, @Nullable String value) {
    out.raw(',').string(name, MOST_CHARS).raw(':').string(nonNull(value), MOST_CHARS);
  }

  private static String nonNull(@Nullable String value) {
    return value == null ? "" : value;
  }

  private static void raw(JsonBytes out, String ascii) {
    out.raw(ascii.getBytes(StandardCharsets.US_ASCII));
  }
}
