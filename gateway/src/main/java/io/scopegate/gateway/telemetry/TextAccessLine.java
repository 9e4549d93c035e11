package io.scopegate.gateway.telemetry;

import io.scopegate.gateway.answer.Answers;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.json.JsonBytes;

/** One line a request for people: time, status, request, duration, then names and values. */
final class TextAccessLine implements LineLog.Line<RequestRecord> {
  private final Timestamp timestamp = new Timestamp();

  @Override
  public void append(RequestRecord t, long epochMillis, JsonBytes out) {
    timestamp.append(epochMillis, out);
    out.raw(' ').number(t.status);
    if (t.grpcStatus >= 0) {
      out.raw('/').text(Answers.statusName(t.grpcStatus), JsonAccessLine.MOST_CHARS);
    }
    value(out.raw(' '), t.method());
    value(out.raw(' '), t.path());
    out.raw(' ').millis(t.endNanos - t.startNanos).raw('m').raw('s');
    field(out, "listener", t.listener);
    field(out, "client", t.client);
    field(out, "tenant", t.tenant);
    field(out, "user", t.user);
    field(out, "upstream", t.upstream);
    out.raw(' ').text("in=", 3).number(t.bytesIn).raw(' ').text("out=", 4).number(t.bytesOut);
    field(out, "id", t.requestId());
    ending(t, out);
    out.raw('\n');
  }

  private static void ending(RequestRecord t, JsonBytes out) {
    Refusal refusal = t.refusal;
    if (refusal != null) {
      field(out, "refusal", refusal.reason().label());
      out.raw(' ').string(refusal.detail(), JsonAccessLine.MOST_CHARS);
      field(out, "cause", t.cause);
    }
    if (t.stale) {
      field(out, "stale", "true");
    }
    if (t.skipped > 0) {
      out.raw(' ').text("skipped=", 8).number(t.skipped);
    }
    if (t.aborted) {
      field(out, "aborted", "true");
    }
  }

  static void field(JsonBytes out, String name, CharSequence value) {
    if (value.length() > 0) {
      value(out.raw(' ').text(name, name.length()).raw('='), value);
    }
  }

  /** In quotes when it could be taken for more than one value, or for a field. */
  private static void value(JsonBytes out, CharSequence value) {
    if (isPlain(value)) {
      out.text(value, JsonAccessLine.MOST_CHARS);
    } else {
      out.string(value, JsonAccessLine.MOST_CHARS);
    }
  }

  private static boolean isPlain(CharSequence value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c <= ' ' || c > '~' || c == '=' || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }
}
