package io.scopegate.gateway.configuration;

import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.gateway.otlp.OtlpConfig;
import io.scopegate.gateway.telemetry.LogConfig;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checks of {@code log}. */
final class LogChecks {
  private static final KeyPath ROOT = KeyPath.of("log");

  private LogChecks() {}

  static void check(LogConfig config, Loaded<?> loaded) {
    if (config.successRatio() < 0 || config.successRatio() > 1) {
      loaded.problem(ROOT.key("successRatio"), config.successRatio(), "0 to 1");
    }
    Path file = config.auditFile();
    if (file != null && Files.isDirectory(file)) {
      loaded.problem(
          ROOT.key("auditFile"), file, "is a directory", "the path of a file to append to");
    }
    OtlpConfig otlp = config.otlp();
    if (otlp != null) {
      TracingChecks.check(ROOT.key("otlp"), otlp, loaded);
    }
  }
}
