package io.scopegate.gateway.telemetry;

import io.scopegate.config.Key;
import org.jspecify.annotations.Nullable;

/**
 * What is logged.
 *
 * @param level the least important level that is logged
 * @param format how a line looks
 * @param access whether each request makes a line
 * @param limitedPerSecond how many of them a tenant over its limits gets; null for all
 * @param unauthenticatedPerSecond how many lines the refused requests of a client address get that
 *     have no user; null for all
 * @param audit which decisions make a line
 */
public record LogConfig(
    @Key(doc = "Least important level that is logged.", def = "info", reload = Key.Reload.AT_ONCE)
        Level level,
    @Key(doc = "`json`, an object a line, or `text` for people.", def = "json") Format format,
    @Key(doc = "Log a line for each request.", def = "true", reload = Key.Reload.AT_ONCE)
        boolean access,
    @Key(
            doc =
                "Lines a second for the requests of one tenant that are over a limit, on each event"
                    + " loop; the next one has the number of those left out, `skipped`. `null`: a"
                    + " line for each.",
            def = "10",
            min = 1,
            reload = Key.Reload.AT_ONCE)
        @Nullable Integer limitedPerSecond,
    @Key(
            doc =
                "Lines a second for the refused requests of one client address (IPv6: of one /64)"
                    + " that have no user, on each event loop; the next one has the number of those"
                    + " left out, `skipped`. `null`: a line for each.",
            def = "10",
            min = 1,
            reload = Key.Reload.AT_ONCE)
        @Nullable Integer unauthenticatedPerSecond,
    @Key(
            doc =
                "Decisions that are logged apart from requests: `none`, `denied` or `all`. With"
                    + " `denied` a refusal without a user has no line of its own when the access"
                    + " log has one.",
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
