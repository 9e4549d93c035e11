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
    @Key(doc = "Lowest level that is logged.", def = "info", reload = Key.Reload.AT_ONCE)
        Level level,
    @Key(doc = "`json` (one object per line) or `text` (for people).", def = "json") Format format,
    @Key(doc = "Log a line for each request.", def = "true", reload = Key.Reload.AT_ONCE)
        boolean access,
    @Key(
            doc =
                "Access log lines per second for requests of one tenant that are over a limit, on"
                    + " each event loop; the next line has the number of lines left out, `skipped`."
                    + " `null`: a line for each request.",
            def = "10",
            min = 1,
            reload = Key.Reload.AT_ONCE)
        @Nullable Integer limitedPerSecond,
    @Key(
            doc =
                "Access log lines per second for refused requests without a user from one client"
                    + " address (IPv6: from one /64), on each event loop; the next line has the"
                    + " number of lines left out, `skipped`. `null`: a line for each request.",
            def = "10",
            min = 1,
            reload = Key.Reload.AT_ONCE)
        @Nullable Integer unauthenticatedPerSecond,
    @Key(
            doc =
                "Decisions written to the audit log: `none`, `denied` or `all`. With `denied` a"
                    + " refusal without a user has no audit line when the access log has a line for"
                    + " it.",
            def = "denied",
            reload = Key.Reload.AT_ONCE)
        Audit audit) {

  /** How important a line is. */
  public enum Level {
    /** Everything. */
    TRACE,
    /** For debugging. */
    DEBUG,
    /** What happens in normal operation. */
    INFO,
    /** Needs attention. */
    WARN,
    /** Something failed. */
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
