package io.scopegate.gateway.telemetry;

import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * Gives each request an id that its log line, its answer and Tempo's own logs can share.
 *
 * <p>Fresh ids are 16 hexadecimal digits: eight random ones for each thread and a count. They tell
 * requests apart and are no secret.
 */
public final class RequestIds {
  private static final int MOST_CHARS = 64;
  private static final boolean[] ALLOWED = allowed();
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final FastThreadLocal<Sequence> SEQUENCES =
      new FastThreadLocal<>() {
        @Override
        protected Sequence initialValue() {
          return new Sequence();
        }
      };

  private RequestIds() {}

  /**
   * The id of a request.
   *
   * @param given the client's {@code x-request-id}, or null
   * @return the client's when it has 1 to 64 letters, digits, dots, underscores and hyphens, else a
   *     fresh one
   */
  public static String of(@Nullable CharSequence given) {
    return given != null && isSane(given) ? given.toString() : SEQUENCES.get().next();
  }

  private static boolean isSane(CharSequence id) {
    int length = id.length();
    if (length == 0 || length > MOST_CHARS) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = id.charAt(i);
      if (c >= 128 || !ALLOWED[c]) {
        return false;
      }
    }
    return true;
  }

  private static boolean[] allowed() {
    boolean[] allowed = new boolean[128];
    for (char c = '0'; c <= 'z'; c++) {
      allowed[c] = c <= '9' || (c >= 'A' && c <= 'Z') || c >= 'a';
    }
    for (char c : "._-".toCharArray()) {
      allowed[c] = true;
    }
    return allowed;
  }

  /** The ids of one thread. */
  private static final class Sequence {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] digits = new byte[16];
    private int count;

    Sequence() {
      write(RANDOM.nextInt(), 0);
    }

    String next() {
      if (++count == 0) {
        write(RANDOM.nextInt(), 0);
      }
      write(count, 8);
      return new String(digits, StandardCharsets.ISO_8859_1);
    }

    private void write(int value, int at) {
      for (int i = 0; i < 8; i++) {
        digits[at + i] = HEX[value >>> (28 - 4 * i) & 0xf];
      }
    }
  }
}
