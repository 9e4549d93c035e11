package io.scopegate.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.stream.Stream;

/** Files of one directory that are replaced again and again, in one of the two usual ways. */
final class RotatedFiles {
  /** How they are replaced. */
  enum How {
    /** Each is renamed over the one before. */
    RENAMED,
    /** All at once, by the link of a Kubernetes volume. */
    SWAPPED
  }

  private final Path directory;
  private final How how;
  private int revision;

  RotatedFiles(Path directory, How how, Map<String, String> first) throws IOException {
    this.directory = Files.createDirectory(directory);
    this.how = how;
    if (how == How.SWAPPED) {
      for (String name : first.keySet()) {
        Files.createSymbolicLink(file(name), Path.of("..data", name));
      }
    }
    replace(first);
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  /** Replaces them; the names are always the same. */
  void replace(Map<String, String> contents) throws IOException {
    if (how == How.RENAMED) {
      for (Map.Entry<String, String> file : contents.entrySet()) {
        Path next = Files.writeString(directory.resolve("next"), file.getValue());
        Files.move(next, file(file.getKey()), StandardCopyOption.ATOMIC_MOVE);
      }
    } else {
      swap(contents);
    }
  }

  private void swap(Map<String, String> contents) throws IOException {
    Path before = directory.resolve("..v" + revision);
    Path now = Files.createDirectory(directory.resolve("..v" + ++revision));
    for (Map.Entry<String, String> file : contents.entrySet()) {
      Files.writeString(now.resolve(file.getKey()), file.getValue());
    }
    Path link = Files.createSymbolicLink(directory.resolve("..data_tmp"), now.getFileName());
    Files.move(link, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    if (Files.exists(before)) {
      delete(before);
    }
  }

  private static void delete(Path old) throws IOException {
    try (Stream<Path> files = Files.list(old)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(old);
  }
}
