package io.scopegate.gateway.telemetry;

import io.scopegate.gateway.json.JsonBytes;

/**
 * One line a request for people: time, status, request, duration, then names and values. It leaves
 * out the protocol and the endpoint.
 */
final class TextAccessLine implements LineLog.Line<RequestRecord>, AccessField.Form {
  private final Timestamp timestamp = new Timestamp();
  private JsonBytes out = new JsonBytes(0);

  @Override
  public void append(RequestRecord t, long epochMillis, JsonBytes line) {
    out = line;
    timestamp.append(epochMillis, out);
    AccessField.status(t, this);
    AccessField.request(t, this);
    AccessField.duration(t, this);
    AccessField.connection(t, this);
    AccessField.caller(t, this);
    AccessField.upstream(t, this);
    AccessField.bytes(t, this);
    AccessField.id(t, this);
    AccessField.refusal(t, this);
    AccessField.ending(t, this);
    out.raw('\n');
  }

  @Override
  public void text(AccessField field, CharSequence value) {
    if (value.length() > 0) {
      placed(field, value);
    }
  }

  @Override
  public void unique(AccessField field, CharSequence value) {
    text(field, value);
  }

  @Override
  public void placed(AccessField field, CharSequence value) {
    value(out.raw(field.textKey), value);
  }

  @Override
  public void number(AccessField field, long value) {
    out.raw(field.textKey).number(value);
  }

  @Override
  public void millis(AccessField field, long nanos) {
    out.raw(field.textKey).millis(nanos).raw('m').raw('s');
  }

  @Override
  public void flag(AccessField field, boolean value) {
    placed(field, value ? "true" : "false");
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
