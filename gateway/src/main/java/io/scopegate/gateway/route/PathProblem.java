package io.scopegate.gateway.route;

/**
 * What can be wrong with a request target, as text for the client that never repeats the target.
 */
enum PathProblem {
  NO_SLASH("it does not start with '/'"),
  EMPTY_SEGMENT(
      "it has an empty segment, '//' (expected: one '/'; a client's URL that ends with '/' gives two)"),
  DOT_SEGMENT("it has a segment '.' or '..', plain or encoded"),
  ENCODED_DOT("it has an encoded '.' (%2e)"),
  ENCODED_SLASH("it has an encoded slash or backslash outside of a tag's name"),
  BAD_ESCAPE("it has a '%' without two hexadecimal digits"),
  CONTROL("it has a control character, plain or encoded"),
  CHARACTER("it has a character that must be encoded"),
  QUERY("its query has a control character, a space or '#'"),
  GRPC_QUERY("the path of a gRPC call has no query");

  private static final PathProblem[] VALUES = values();

  private final String detail;

  PathProblem(String words) {
    this.detail = "path: not canonical, " + words;
  }

  /** The refusal's text. */
  String detail() {
    return detail;
  }

  /** A negative number that stands for the problem. */
  @SuppressWarnings("EnumOrdinal") // never leaves the process
  long code() {
    return -1L - ordinal();
  }

  /** The problem that a negative number stands for. */
  static PathProblem of(long code) {
    return VALUES[(int) (-1L - code)];
  }
}
