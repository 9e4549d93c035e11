package io.scopegate.gateway.route;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the row of an exact path by its hash, without making a string of it. */
final class PathIndex {
  private final @Nullable PathEntry[] slots;
  private final int mask;

  /** Holds these; of two with the same path the first one counts. */
  PathIndex(List<PathEntry> targets) {
    int size = Integer.highestOneBit(Math.max(4, targets.size() * 4) * 2 - 1);
    this.slots = new @Nullable PathEntry[size];
    this.mask = size - 1;
    targets.forEach(this::add);
  }

  private void add(PathEntry target) {
    String path = target.prefix();
    if (find(path, path.length(), path.hashCode()) == null) {
      int slot = slot(path.hashCode());
      while (slots[slot] != null) {
        slot = slot + 1 & mask;
      }
      slots[slot] = target;
    }
  }

  /**
   * The row of this path, or null.
   *
   * @param target path and more
   * @param end the path's length
   * @param hash the path's hash, as {@link String#hashCode} has it
   */
  @Nullable PathEntry find(CharSequence target, int end, int hash) {
    for (int slot = slot(hash); ; slot = slot + 1 & mask) {
      PathEntry found = slots[slot];
      if (found == null || matches(found.prefix(), target, end)) {
        return found;
      }
    }
  }

  private static boolean matches(String path, CharSequence target, int end) {
    return path.length() == end && CanonicalPath.regionEquals(target, 0, path);
  }

  private int slot(int hash) {
    return (hash ^ hash >>> 16) & mask;
  }
}
