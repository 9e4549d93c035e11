package io.scopegate.gateway.telemetry;

import io.scopegate.config.Key;

/**
 * What is logged.
 *
 * @param level the least important level that is logged
 * @param format how a line looks
 * @param access whether each request makes a line
 * @param audit which decisions make a line
 */
public record LogConfig(
    @Key(doc = "Least important level that is logged.", def = "info", reload = Key.Reload.AT_ONCE)
        Level level,
    @Key(doc = "`json`, an object a line, or `text` for people.", def = "json") Format format,
    @Key(doc = "Log a line for each request.", def = "true", reload = Key.Reload.AT_ONCE)
        boolean access,
    @Key(
            doc = "Decisions that are logged apart from requests: `none`, `denied` or `all`.",
            def = "denied",
            reload = Key.Reload.AT_ONCE)
        Audit audit) {

  /** How important a line is. */
  public enum Level {
    /** Everything. */
    TRACE,
    /** For those who look for a defect. */
    DEBUG,
    /** What happens in normal operation. */
    INFO,
    /** What somebody should look at. */
    WARN,
    /** What does not work. */
    ERROR
  }

  /** How a line looks. */
  public enum Format {
    /** One object a line. */
    JSON,
    /** For people. */
    TEXT
  }

  /** Which decisions are logged. */
  public enum Audit {
    /** None. */
    NONE,
    /** Refusals, and the ends of what was allowed before. */
    DENIED,
    /** All. */
    ALL
  }
}
