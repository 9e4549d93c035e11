package io.scopegate.gateway.otlp;

/** The name of an attribute, encoded once for all the times that it is written. */
public final class AttributeKey {
  private static final int KEY = 1;
  private static final int FRAMING_BYTES = 4;

  private final byte[] field;

  private AttributeKey(byte[] field) {
    this.field = field;
  }

  /** The attribute of this name, of at most {@link Attributes#MOST_CHARS} characters. */
  public static AttributeKey of(String name) {
    ProtoBytes out = new ProtoBytes(name.length() + FRAMING_BYTES);
    return new AttributeKey(out.text(KEY, name, Attributes.MOST_CHARS).toByteArray());
  }

  void writeTo(ProtoBytes out) {
    out.encoded(field);
  }
}
