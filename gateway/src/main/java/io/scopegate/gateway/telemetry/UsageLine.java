package io.scopegate.gateway.telemetry;

import io.scopegate.gateway.json.JsonBytes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** A usage record as a line of the log. */
final class UsageLine {
  private static final int MOST_CHARS = 1024;

  private UsageLine() {}

  /**
   * When an account was kept.
   *
   * @param fromMillis since the epoch
   * @param toMillis since the epoch
   */
  record Interval(long fromMillis, long toMillis) {
    String from() {
      return Instant.ofEpochMilli(fromMillis).toString();
    }

    String to() {
      return Instant.ofEpochMilli(toMillis).toString();
    }
  }

  /** The line with its end. */
  static byte[] of(UsageAccount account, Interval interval, LogConfig.Format format) {
    JsonBytes out = new JsonBytes(MOST_CHARS);
    switch (format) {
      case JSON -> json(account, interval, out);
      case TEXT -> text(account, interval, out);
    }
    return out.raw('\n').toByteArray();
  }

  private static void json(UsageAccount account, Interval interval, JsonBytes out) {
    raw(out, "{\"time\":\"");
    new Timestamp().append(interval.toMillis(), out);
    raw(out, "\",\"type\":\"usage\",\"from\":\"" + interval.from());
    raw(out, "\",\"to\":\"" + interval.to() + '"');
    if (account.tenant.isEmpty()) {
      raw(out, ",\"rest\":true");
    } else {
      raw(out, ",\"tenant\":");
      out.string(account.tenant, MOST_CHARS);
    }
    account.read(new Json(out));
    raw(out, "}");
  }

  /** A reason of refusals is a field of its own: who sums them up needs no path. */
  private record Json(JsonBytes out) implements UsageAccount.Reader {
    @Override
    public void field(String label, long value) {
      raw(out, ",\"" + label + "\":");
      out.number(value);
    }

    @Override
    public void refused(String reason, long count) {
      field("refused_" + reason, count);
    }
  }

  private static void text(UsageAccount account, Interval interval, JsonBytes out) {
    new Timestamp().append(interval.toMillis(), out);
    raw(out, " usage from=" + interval.from() + " to=" + interval.to());
    if (account.tenant.isEmpty()) {
      raw(out, " rest=true");
    } else {
      raw(out, " tenant=");
      out.text(account.tenant, MOST_CHARS);
    }
    account.read(new Text(out));
  }

  private record Text(JsonBytes out) implements UsageAccount.Reader {
    @Override
    public void field(String label, long value) {
      raw(out, " " + label + "=");
      out.number(value);
    }

    @Override
    public void refused(String reason, long count) {
      field("refused_" + reason, count);
    }
  }

  private static void raw(JsonBytes out, String ascii) {
    out.raw(ascii.getBytes(StandardCharsets.US_ASCII));
  }
}
