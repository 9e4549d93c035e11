package io.scopegate.gateway.route;

import java.util.List;

/**
 * Which paths of a listener are allowed, and which of them need no authentication.
 *
 * @param allowed patterns of allowed paths; empty for all
 * @param ignored patterns of what needs no token
 */
public record PathRules(List<PathPattern> allowed, List<PathPattern> ignored) {
  /** All paths are allowed, all with a token. */
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

  /** Whether all paths are allowed and all need a token. */
  boolean isEmpty() {
    return allowed.isEmpty() && ignored.isEmpty();
  }

  /** Whether a decoded path is allowed. */
  boolean allows(String path) {
    return allowed.isEmpty() || matches(allowed, path);
  }

  /** Whether a decoded path needs no token. */
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
