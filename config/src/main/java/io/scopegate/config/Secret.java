package io.scopegate.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A text that is never shown: {@code toString()} is a mask. */
@ScalarType(name = "secret", expected = "a text", pattern = "^.+$", secret = true)
public final class Secret {
  /** What is shown instead. */
  public static final String MASK = "********";

  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  /**
   * Wraps a text.
   *
   * @throws IllegalArgumentException when it is empty
   */
  public static Secret parse(String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("secret: empty (expected: a text)");
    }
    return new Secret(value);
  }

  /** The text itself; never to be logged, printed or put into a message. */
  public String reveal() {
    return value;
  }

  /** Compares in a time that does not depend on where the texts differ. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret
        && MessageDigest.isEqual(
            value.getBytes(StandardCharsets.UTF_8), secret.value.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return MASK;
  }
}
