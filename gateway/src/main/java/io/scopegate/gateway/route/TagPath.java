package io.scopegate.gateway.route;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stands before and behind the free name in the path of a row such as {@code
 * /api/search/tag/{tag}/values}.
 *
 * @param prefix up to the name
 * @param suffix from its end on
 */
record TagPath(String prefix, String suffix) {
  private static final List<TagPath> ALL =
      Rows.ALL.stream()
          .filter(row -> row.shape() == Row.Shape.TAG)
          .map(row -> new TagPath(row.prefix(), row.suffix()))
          .toList();

  /**
   * The one that a path is like; null when it has no such name.
   *
   * @param target the path and more
   * @param end where the path ends
   */
  static @Nullable TagPath of(CharSequence target, int end) {
    for (int i = 0; i < ALL.size(); i++) {
      if (ALL.get(i).matches(target, end)) {
        return ALL.get(i);
      }
    }
    return null;
  }

  private boolean matches(CharSequence target, int end) {
    return end > prefix.length() + suffix.length()
        && CanonicalPath.startsWith(target, end, prefix)
        && CanonicalPath.regionEquals(target, endOfName(end), suffix);
  }

  /** Where the name begins. */
  int startOfName() {
    return prefix.length();
  }

  /** Where the name ends in a path of this length. */
  int endOfName(int end) {
    return end - suffix.length();
  }
}
