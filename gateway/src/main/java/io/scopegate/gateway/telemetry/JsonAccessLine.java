package io.scopegate.gateway.telemetry;

import io.scopegate.gateway.json.JsonBytes;
import java.nio.charset.StandardCharsets;

/** One JSON object a request, with every {@link AccessField}. What is empty is left out. */
final class JsonAccessLine implements LineLog.Line<RequestRecord>, AccessField.Form {
  /** No value is longer in characters; what is cut shows an ellipsis. */
  static final int MOST_CHARS = 1024;

  private static final byte[] TIME = utf8("{\"time\":\"");
  private static final byte[] TYPE = utf8("\",\"type\":\"access\"");
  private static final byte[] TRUE = utf8("true");
  private static final byte[] FALSE = utf8("false");
  private static final byte[] END = utf8("}\n");

  private final Timestamp timestamp = new Timestamp();
  private final RepeatedTexts texts = new RepeatedTexts();
  private final RepeatedSections asked = new RepeatedSections(this::asked);
  private JsonBytes out = new JsonBytes(0);

  @Override
  public void append(RequestRecord t, long epochMillis, JsonBytes line) {
    out = line;
    out.raw(TIME);
    timestamp.append(epochMillis, out);
    out.raw(TYPE);
    AccessField.id(t, this);
    asked.append(t, out);
    AccessField.status(t, this);
    AccessField.refusal(t, this);
    AccessField.duration(t, this);
    AccessField.bytes(t, this);
    AccessField.upstream(t, this);
    AccessField.ending(t, this);
    out.raw(END);
  }

  /** Who asked for what. */
  private void asked(RequestRecord t, JsonBytes line) {
    AccessField.connection(t, this);
    AccessField.protocol(t, this);
    AccessField.request(t, this);
    AccessField.endpoint(t, this);
    AccessField.caller(t, this);
  }

  @Override
  public void text(AccessField field, CharSequence value) {
    if (value.length() > 0) {
      out.raw(field.jsonKey);
      texts.append(value, MOST_CHARS, out);
    }
  }

  @Override
  public void unique(AccessField field, CharSequence value) {
    field(out, field.jsonKey, value);
  }

  @Override
  public void placed(AccessField field, CharSequence value) {
    text(field, value);
  }

  @Override
  public void number(AccessField field, long value) {
    out.raw(field.jsonKey).number(value);
  }

  @Override
  public void millis(AccessField field, long nanos) {
    out.raw(field.jsonKey).millis(nanos);
  }

  @Override
  public void flag(AccessField field, boolean value) {
    out.raw(field.jsonKey).raw(value ? TRUE : FALSE);
  }

  static void field(JsonBytes out, byte[] key, CharSequence value) {
    if (value.length() > 0) {
      out.raw(key).string(value, MOST_CHARS);
    }
  }

  static byte[] key(String name) {
    return utf8(",\"" + name + "\":");
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
