package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

class LoggingTest {
  private final List<String> lines = new ArrayList<>();

  @Test
  void writesJson() {
    Logger log = start(LogConfig.Format.JSON, Level.INFO).getLogger("io.scopegate.Part");

    log.atInfo().addKeyValue("tenant", "a\"b").log("loaded {} of {}", 1, 2);

    JsonObject line = new JsonObject(lines.get(0));
    assertThat(line.getString("time"))
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
    assertThat(line.getString("type")).isEqualTo("log");
    assertThat(line.getString("level")).isEqualTo("INFO");
    assertThat(line.getString("logger")).isEqualTo("io.scopegate.Part");
    assertThat(line.getString("thread")).isEqualTo(Thread.currentThread().getName());
    assertThat(line.getString("message")).isEqualTo("loaded 1 of 2");
    assertThat(line.getString("tenant")).isEqualTo("a\"b");
  }

  @Test
  void aStackTraceStaysWithinItsLine() {
    Logger log = start(LogConfig.Format.JSON, Level.INFO).getLogger("x");

    log.error("failed", new IllegalStateException("because"));

    assertThat(lines).hasSize(1);
    assertThat(lines.get(0)).endsWith("}\n").containsOnlyOnce("\n");
    assertThat(new JsonObject(lines.get(0)).getString("stack"))
        .contains("IllegalStateException: because")
        .contains("LoggingTest");
  }

  @Test
  void writesTextForPeople() {
    Logger log = start(LogConfig.Format.TEXT, Level.WARN).getLogger("io.scopegate.Part");

    log.info("not this");
    log.atWarn().addKeyValue("file", "a b").log("line\nbreak\u001b[31m");
    log.error("failed", new IllegalStateException("because"));

    assertThat(lines).hasSize(2);
    assertThat(lines.get(0)).endsWith("Z WARN Part: line\\nbreak\\u001b[31m file=\"a b\"\n");
    assertThat(lines.get(1)).contains("\n  java.lang.IllegalStateException: because\n  at ");
  }

  @Test
  void oneLevelHoldsForAll() {
    LoggerContext context = start(LogConfig.Format.TEXT, Level.DEBUG);

    context.getLogger("a").debug("this");
    context.getLogger("b").trace("not this");

    assertThat(lines).hasSize(1);
  }

  @Test
  void theProcessStartsQuietly() {
    assertThat(LoggerFactory.getLogger(LoggingTest.class).isWarnEnabled()).isTrue();
    assertThat(LoggerFactory.getLogger(LoggingTest.class).isInfoEnabled()).isFalse();
  }

  private LoggerContext start(LogConfig.Format format, Level level) {
    LoggerContext context = new LoggerContext();
    Logging.start(
        context, format, level, line -> lines.add(new String(line, StandardCharsets.UTF_8)));
    return context;
  }
}
