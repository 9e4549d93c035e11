package io.scopegate.gateway.telemetry;

import io.scopegate.config.Key;
import io.scopegate.gateway.otlp.OtlpConfig;
import java.nio.file.Path;
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
 * @param refusedPerSecond how many lines other refused requests of one caller get in each log; null
 *     for all
 * @param audit which decisions make a line
 * @param successRatio which part of the good requests makes a line
 * @param auditFile where lines of the audit log go as well; null for no file
 * @param otlp where audit lines and usage records are sent; null for nowhere
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
                "Lines per second for other refused requests of one caller, on each event loop, in"
                    + " the access log and with `audit: denied` in the audit log; the next line has"
                    + " the number of lines left out, `skipped`. `null`: a line for each request.",
            def = "10",
            min = 1,
            reload = Key.Reload.AT_ONCE)
        @Nullable Integer refusedPerSecond,
    @Key(
            doc =
                "Decisions written to the audit log: `none`, `denied` or `all`. With `denied` a"
                    + " refusal without a user has no audit line when the access log has a line for"
                    + " it.",
            def = "denied",
            reload = Key.Reload.AT_ONCE)
        Audit audit,
    @Key(
            doc =
                "The part of the good requests (forwarded, and answered well) that gets a line in"
                    + " the access log, from 0 to 1. Failed and aborted requests always do."
                    + " Refused ones have rates of their own.",
            def = "1",
            reload = Key.Reload.AT_ONCE)
        double successRatio,
    @Key(
            doc =
                "File that lines of the audit log are appended to, besides standard output. It may"
                    + " be renamed, deleted or emptied at any time: within a second a new one is"
                    + " begun.")
        @Nullable Path auditFile,
    @Key(
            doc =
                "Where lines of the audit log and usage records are sent as OTLP logs, besides"
                    + " standard output; the keys are those of `tracing.otlp`. Absent: nowhere.",
            reload = Key.Reload.AT_ONCE)
        @Nullable OtlpConfig otlp) {

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
