package io.scopegate.authz.decision;

import io.scopegate.config.ScalarType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** The SHA-256 of a token. */
@ScalarType(name = "SHA-256", expected = "64 hexadecimal digits", pattern = "^[0-9a-fA-F]{64}$")
public final class TokenHash {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final int BYTES = 32;

  private final byte[] hash;

  private TokenHash(byte[] hash) {
    this.hash = hash;
  }

  /**
   * Reads 64 hexadecimal digits.
   *
   * @throws IllegalArgumentException when it is anything else
   */
  public static TokenHash parse(String hex) {
    byte[] hash = HexFormat.of().parseHex(hex);
    if (hash.length != BYTES) {
      throw new IllegalArgumentException("sha256: (expected: 64 hexadecimal digits)");
    }
    return new TokenHash(hash);
  }

  /** Of a token in ASCII. */
  static TokenHash of(CharSequence token) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return new TokenHash(digest.digest(token.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256: missing (expected: part of every JVM)", e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenHash that && Arrays.equals(hash, that.hash);
  }

  @Override
  public int hashCode() {
    return (int) INT.get(hash, 0);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(hash);
  }
}
