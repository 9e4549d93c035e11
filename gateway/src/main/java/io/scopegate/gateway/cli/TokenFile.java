package io.scopegate.gateway.cli;

import io.scopegate.config.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the token of a client from a file, or from standard input. */
final class TokenFile {
  private static final int MOST_BYTES = 64 * 1024;

  private TokenFile() {}

  /**
   * The value of its authorization header.
   *
   * @param file its name, {@code -} for standard input
   * @throws IOException saying which file cannot be read
   * @throws IllegalArgumentException when it holds no token
   */
  static Secret authorization(String file, InputStream in) throws IOException {
    String token = new String(read(file, in), StandardCharsets.UTF_8).strip();
    if (token.isEmpty()) {
      throw new IllegalArgumentException("empty (expected: a token)");
    }
    return Secret.parse("Bearer " + token);
  }

  private static byte[] read(String file, InputStream in) throws IOException {
    byte[] bytes = file.equals("-") ? in.readNBytes(MOST_BYTES + 1) : read(Path.of(file));
    if (bytes.length > MOST_BYTES) {
      throw new IllegalArgumentException("too large (expected: a token)");
    }
    return bytes;
  }

  private static byte[] read(Path file) throws IOException {
    try (InputStream stream = Files.newInputStream(file)) {
      return stream.readNBytes(MOST_BYTES + 1);
    } catch (IOException e) {
      throw new IOException(file + " (expected: a file that can be read)", e);
    }
  }
}
