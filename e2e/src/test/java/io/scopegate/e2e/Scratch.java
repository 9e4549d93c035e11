package io.scopegate.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Where the files of a run go: below {@code target/e2e}, so that a failure can be looked into. */
public final class Scratch {
  /** The permissions of a directory that anybody may read. */
  static final Set<PosixFilePermission> PUBLIC = PosixFilePermissions.fromString("rwxr-xr-x");

  private Scratch() {}

  /** Where all of them are. */
  static Path all() {
    return Path.of("target", "e2e").toAbsolutePath();
  }

  /**
   * A new directory whose name begins like this. Anybody may read it: the gateway of an image is
   * not this user.
   */
  public static Path directory(String name) {
    try {
      Path directory = Files.createTempDirectory(Files.createDirectories(all()), name + "-");
      return Files.setPosixFilePermissions(directory, PUBLIC);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Path write(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a file that somebody follows: at no time is there a part of it only. */
  public static void replace(Path file, String text) {
    Path whole = write(file.resolveSibling(file.getFileName() + ".new"), text);
    try {
      Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One of the files in {@code parts/}, with {@code ${NAME}} filled in. */
  public static String template(String name, Map<String, String> values) {
    try (InputStream in = Scratch.class.getResourceAsStream("/parts/" + name)) {
      String text =
          new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
      for (Map.Entry<String, String> value : values.entrySet()) {
        text = text.replace("${" + value.getKey() + "}", value.getValue());
      }
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of the repository. */
  static Path repository(String path) {
    return Path.of("..").resolve(path).toAbsolutePath().normalize();
  }
}
