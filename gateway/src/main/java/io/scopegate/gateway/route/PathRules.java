package io.scopegate.gateway.route;

import java.util.List;

/**
 * Which paths of a listener are let in at all, and which without asking who it is.
 *
 * @param allowed patterns of what is let in; empty for everything
 * @param ignored patterns of what needs no token
 */
public record PathRules(List<PathPattern> allowed, List<PathPattern> ignored) {
  /** Everything is let in, and nothing without a token. */
  public static final PathRules NONE = new PathRules(List.of(), List.of());

  /** Copies the lists. */
  public PathRules {
    allowed = List.copyOf(allowed);
    ignored = List.copyOf(ignored);
  }

  /**
   * Reads the patterns.
   *
   * @throws IllegalArgumentException when one is none
   */
  public static PathRules of(List<String> allowed, List<String> ignored) {
    return new PathRules(patterns(allowed), patterns(ignored));
  }

  private static List<PathPattern> patterns(List<String> texts) {
    return texts.stream().map(PathPattern::parse).toList();
  }

  /** Whether every path is let in by its token alone. */
  boolean isEmpty() {
    return allowed.isEmpty() && ignored.isEmpty();
  }

  /** Whether a path, its escapes decoded, is let in at all. */
  boolean allows(String path) {
    return allowed.isEmpty() || matches(allowed, path);
  }

  /** Whether a path, its escapes decoded, needs no token. */
  boolean ignores(String path) {
    return matches(ignored, path);
  }

  private static boolean matches(List<PathPattern> patterns, String path) {
    for (PathPattern pattern : patterns) {
      if (pattern.matches(path)) {
        return true;
      }
    }
    return false;
  }
}
