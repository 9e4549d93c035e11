package io.scopegate.gateway.route;

import java.util.ArrayList;
import java.util.List;

/**
 * A pattern of paths, as Go's <a href="https://pkg.go.dev/path#Match">path.Match</a> reads it:
 * {@code *} is any text within a segment, {@code ?} one character of it, {@code [a-z]} and {@code
 * [^a-z]} one of some, and a backslash takes the next character as it is. Unlike there a class
 * never matches a slash.
 */
public final class PathPattern {
  private static final int MOST_CHARS = 1_024;

  private final List<List<Part>> segments;

  private PathPattern(List<List<Part>> segments) {
    this.segments = segments;
  }

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static PathPattern parse(String text) {
    if (text.isEmpty() || text.length() > MOST_CHARS) {
      throw new IllegalArgumentException(
          "pattern: " + text.length() + " characters (expected: 1 to " + MOST_CHARS + ")");
    }
    List<List<Part>> segments = new ArrayList<>();
    segments.add(new ArrayList<>());
    for (Reader reader = new Reader(text); reader.more(); ) {
      Part part = reader.part();
      if (part == Part.SLASH) {
        segments.add(new ArrayList<>());
      } else {
        segments.get(segments.size() - 1).add(part);
      }
    }
    return new PathPattern(segments);
  }

  /** Whether a path, its escapes decoded, is one of these. */
  boolean matches(String path) {
    String[] named = path.split("/", -1);
    if (named.length != segments.size()) {
      return false;
    }
    for (int i = 0; i < named.length; i++) {
      if (!matches(segments.get(i), named[i].codePoints().toArray())) {
        return false;
      }
    }
    return true;
  }

  /** Only the last {@code *} ever has to take more: what stands before it has matched already. */
  private static boolean matches(List<Part> pattern, int[] text) {
    int part = 0;
    int at = 0;
    int star = -1;
    int starAt = 0;
    while (at < text.length) {
      if (part < pattern.size() && pattern.get(part) == Part.ANY) {
        star = part++;
        starAt = at;
      } else if (part < pattern.size() && pattern.get(part).takes(text[at])) {
        part++;
        at++;
      } else if (star >= 0) {
        part = star + 1;
        at = ++starAt;
      } else {
        return false;
      }
    }
    while (part < pattern.size() && pattern.get(part) == Part.ANY) {
      part++;
    }
    return part == pattern.size();
  }

  /**
   * What one character has to be.
   *
   * @param negated whether it must be none of the ranges
   * @param ranges pairs of a first and a last character
   */
  private record Part(boolean negated, List<Integer> ranges) {
    static final Part ANY = new Part(true, List.of(0, 0));
    static final Part ONE = new Part(true, List.of());
    static final Part SLASH = new Part(false, List.of((int) '/', (int) '/'));

    static Part exactly(int character) {
      return new Part(false, List.of(character, character));
    }

    boolean takes(int character) {
      for (int i = 0; i < ranges.size(); i += 2) {
        if (ranges.get(i) <= character && character <= ranges.get(i + 1)) {
          return !negated;
        }
      }
      return negated;
    }
  }

  /** Reads a pattern from its beginning to its end. */
  private static final class Reader {
    private final int[] text;
    private int at;

    Reader(String text) {
      this.text = text.codePoints().toArray();
    }

    boolean more() {
      return at < text.length;
    }

    Part part() {
      int c = next();
      return switch (c) {
        case '/' -> Part.SLASH;
        case '*' -> Part.ANY;
        case '?' -> Part.ONE;
        case '[' -> ranges();
        case '\\' -> Part.exactly(next());
        default -> Part.exactly(c);
      };
    }

    private Part ranges() {
      boolean negated = more() && text[at] == '^';
      if (negated) {
        at++;
      }
      List<Integer> ranges = new ArrayList<>();
      while (ranges.isEmpty() || !more() || text[at] != ']') {
        int first = bound();
        int last = first;
        if (more() && text[at] == '-') {
          at++;
          last = bound();
        }
        ranges.add(first);
        ranges.add(last);
      }
      at++;
      return new Part(negated, ranges);
    }

    private int bound() {
      int c = next();
      if (c == '-' || c == ']') {
        throw new IllegalArgumentException("pattern: a class without an end (expected: [a-z])");
      }
      return c == '\\' ? next() : c;
    }

    private int next() {
      if (!more()) {
        throw new IllegalArgumentException("pattern: ends too early (expected: a whole pattern)");
      }
      return text[at++];
    }
  }
}
