package io.scopegate.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What some files hold, as a digest of each.
 *
 * @param digests empty for a file that cannot be read
 */
record Fingerprint(List<Optional<String>> digests) {

  static Fingerprint of(List<Path> files) {
    List<Optional<String>> digests = new ArrayList<>(files.size());
    files.forEach(file -> digests.add(digest(file)));
    return new Fingerprint(digests);
  }

  /** Whether every file could be read. */
  boolean isComplete() {
    return digests.stream().allMatch(Optional::isPresent);
  }

  private static Optional<String> digest(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[8192];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
      return Optional.of(HexFormat.of().formatHex(digest.digest()));
    } catch (IOException e) {
      return Optional.empty();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
