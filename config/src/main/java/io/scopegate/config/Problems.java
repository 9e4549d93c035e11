package io.scopegate.config;

import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects what is wrong with one file; the same problem found twice is one. */
final class Problems {
  /** More are not useful, and a hostile file could have one for each byte. */
  private static final int KEPT = 500;

  private final String file;
  private final Set<Problem> all = new LinkedHashSet<>();
  private final Set<KeyPath> paths = new HashSet<>();

  Problems(String file) {
    this.file = file;
  }

  /** Nothing yet, of the same file. */
  Problems empty() {
    return new Problems(file);
  }

  void add(Position position, KeyPath path, String value, String expected) {
    if (all.size() < KEPT && all.add(new Problem(file, position, path, value, expected))) {
      paths.add(path);
    }
  }

  /** Whether something is wrong at this key, above it or below it. */
  boolean touch(KeyPath path) {
    return paths.stream().anyMatch(p -> path.startsWith(p) || p.startsWith(path));
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  List<Problem> sorted() {
    return all.stream().sorted(Comparator.comparing(Problem::position)).toList();
  }
}
