package io.scopegate.authz.kubernetes;

import io.scopegate.config.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads the small files that hold credentials. */
final class AccessFiles {
  private static final long MAX_BYTES = 1 << 20;

  private AccessFiles() {}

  /**
   * The content of a text file.
   *
   * @param what what the file is for, for the message
   */
  static String text(Path file, String what) throws ClusterAccessException {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new ClusterAccessException(what + ": " + file + ": too large", "at most 1 MiB");
      }
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new ClusterAccessException(what + ": " + file + ": no such file", "a readable file", e);
    } catch (IOException e) {
      throw new ClusterAccessException(
          what + ": " + file + ": cannot be read", "a readable file", e);
    }
  }

  /** The token in a file, without the white space around it. */
  static Secret token(Path file) throws ClusterAccessException {
    return token(text(file, "token file").strip(), "token file: " + file);
  }

  /** A token, refused when it could not be sent in a header. */
  static Secret token(String token, String where) throws ClusterAccessException {
    if (Tokens.flaw(token) != null) {
      throw new ClusterAccessException(where, "a token in visible ASCII");
    }
    return Secret.parse(token);
  }
}
