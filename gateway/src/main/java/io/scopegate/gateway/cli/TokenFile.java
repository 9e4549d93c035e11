package io.scopegate.gateway.cli;

import io.scopegate.config.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --token-file}, and how the token of a client is read. */
final class TokenFile {
  private static final int MOST_BYTES = 64 * 1024;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "File with the client's token, - for standard input; default: no token.")
  private @Nullable String file;

  /**
   * The value of the authorization header with the token; null without the option.
   *
   * @param in standard input
   * @throws IOException saying which file cannot be read
   * @throws IllegalArgumentException when it holds no token
   */
  @Nullable Secret authorization(InputStream in) throws IOException {
    if (file == null) {
      return null;
    }
    String token = new String(read(file, in), StandardCharsets.UTF_8).strip();
    if (token.isEmpty()) {
      throw new IllegalArgumentException("--token-file: empty (expected: a token)");
    }
    return Secret.parse("Bearer " + token);
  }

  private static byte[] read(String file, InputStream in) throws IOException {
    byte[] bytes = file.equals("-") ? in.readNBytes(MOST_BYTES + 1) : read(Path.of(file));
    if (bytes.length > MOST_BYTES) {
      throw new IllegalArgumentException("--token-file: too large (expected: a token)");
    }
    return bytes;
  }

  private static byte[] read(Path file) throws IOException {
    try (InputStream stream = Files.newInputStream(file)) {
      return stream.readNBytes(MOST_BYTES + 1);
    } catch (IOException e) {
      throw new IOException("--token-file: " + file + " (expected: a file that can be read)", e);
    }
  }
}
