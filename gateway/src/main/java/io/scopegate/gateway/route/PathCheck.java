package io.scopegate.gateway.route;

import org.jspecify.annotations.Nullable;

/** A close look at one path, segment by segment, with escapes read as Tempo will read them. */
final class PathCheck {
  private static final int BAD_ESCAPE = -1;

  private final CharSequence path;
  private final int end;
  private final int tagStart;
  private final int tagEnd;
  private int at;
  private int dots;
  private int others;

  /** Prepares to look at the first {@code end} characters; the first of them is a slash. */
  PathCheck(CharSequence path, int end) {
    this.path = path;
    this.end = end;
    TagPath tag = TagPath.of(path, end);
    this.tagStart = tag == null ? -1 : tag.startOfName();
    this.tagEnd = tag == null ? -1 : tag.endOfName(end);
  }

  /** The first problem, or null. */
  @Nullable PathProblem problem() {
    for (at = 1; at < end; at++) {
      char c = path.charAt(at);
      PathProblem problem = c == '%' ? escape() : plain(c);
      if (problem != null) {
        return problem;
      }
    }
    return endSegment();
  }

  private @Nullable PathProblem plain(char c) {
    if (c == '/') {
      return path.charAt(at - 1) == '/' ? PathProblem.EMPTY_SEGMENT : endSegment();
    }
    if (c < ' ' || c == 0x7f) {
      return PathProblem.CONTROL;
    }
    if (!(inTag() ? CanonicalPath.isLoose(c) : CanonicalPath.isStrict(c))) {
      return PathProblem.CHARACTER;
    }
    return character(c);
  }

  private @Nullable PathProblem escape() {
    boolean inTag = inTag();
    int value = at + 2 < end ? hex(at + 1) << 4 | hex(at + 2) : BAD_ESCAPE;
    if (value < 0) {
      return PathProblem.BAD_ESCAPE;
    }
    at += 2;
    if (value < ' ' || value == 0x7f) {
      return PathProblem.CONTROL;
    }
    if (value == '/' || value == '\\') {
      return inTag ? endSegment() : PathProblem.ENCODED_SLASH;
    }
    return value == '.' && !inTag ? PathProblem.ENCODED_DOT : character((char) value);
  }

  private @Nullable PathProblem character(char c) {
    if (c == '.') {
      dots++;
      return null;
    }
    // some servers cut a path parameter off before they look for dots
    PathProblem problem = c == ';' && isDots() ? PathProblem.DOT_SEGMENT : null;
    others++;
    return problem;
  }

  private @Nullable PathProblem endSegment() {
    PathProblem problem = isDots() ? PathProblem.DOT_SEGMENT : null;
    dots = 0;
    others = 0;
    return problem;
  }

  private boolean isDots() {
    return others == 0 && (dots == 1 || dots == 2);
  }

  private boolean inTag() {
    return at >= tagStart && at < tagEnd;
  }

  private int hex(int index) {
    char c = path.charAt(index);
    return c < 128 ? Character.digit(c, 16) : -1;
  }
}
