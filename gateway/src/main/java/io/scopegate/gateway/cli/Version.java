package io.scopegate.gateway.cli;

import io.scopegate.gateway.telemetry.BuildInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The version, from the manifest of the jar, and the commit, from a file in it. */
final class Version {
  /** As `git describe` prints it; the file has something else when no commit was known. */
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{7,40}(-dirty)?");

  private Version() {}

  /** Version and commit for people, such as {@code 0.1.0 (commit 3a002721abcd)}. */
  static String text() {
    BuildInfo build = build();
    return build.commit().equals(BuildInfo.UNKNOWN)
        ? build.version()
        : build.version() + " (commit " + build.commit() + ")";
  }

  /** Version and commit; the version is {@code development} outside of a jar. */
  static BuildInfo build() {
    String version = Version.class.getPackage().getImplementationVersion();
    return new BuildInfo(version == null ? "development" : version, commit(file()));
  }

  /** The commit of which the file {@code commit.txt} has this text. */
  static String commit(String text) {
    String commit = text.strip();
    return COMMIT.matcher(commit).matches() ? commit : BuildInfo.UNKNOWN;
  }

  private static String file() {
    try (InputStream file = Version.class.getResourceAsStream("commit.txt")) {
      return file == null ? "" : new String(file.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
