package io.scopegate.authz.decision;

import io.netty.util.AsciiString;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/**
 * Makes the keys under which answers about tokens are kept: 128 bits of SHA-256 over a random key
 * of this process and the token. A memory dump shows no token, and nobody outside can search for
 * collisions. The key fills the digest's first block, which is compressed once and then cloned.
 */
final class TokenKeys {
  private static final int BLOCK_BYTES = 64;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final MessageDigest keyed;

  TokenKeys() {
    byte[] key = new byte[BLOCK_BYTES];
    new SecureRandom().nextBytes(key);
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(key);
      keyed = (MessageDigest) digest.clone();
    } catch (NoSuchAlgorithmException | CloneNotSupportedException e) {
      throw new IllegalStateException("SHA-256: missing (expected: part of every JVM)", e);
    }
  }

  /** The key of a token in ASCII. */
  TokenKey of(CharSequence token) {
    MessageDigest digest = fresh();
    if (token instanceof AsciiString ascii) {
      digest.update(ascii.array(), ascii.arrayOffset(), ascii.length());
    } else {
      digest.update(token.toString().getBytes(StandardCharsets.UTF_8));
    }
    byte[] hash = digest.digest();
    return new TokenKey((long) LONG.get(hash, 0), (long) LONG.get(hash, Long.BYTES));
  }

  /** Cloning only reads the original, so any thread may. */
  private MessageDigest fresh() {
    try {
      return (MessageDigest) keyed.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** 128 bits that stand for a token. */
  record TokenKey(long high, long low) {
    @Override
    public int hashCode() {
      return (int) low;
    }
  }
}
