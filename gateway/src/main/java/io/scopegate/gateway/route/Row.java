package io.scopegate.gateway.route;

import java.util.List;

/**
 * One row of the endpoint table as it is written down.
 *
 * @param protocol what brings the row
 * @param methods the HTTP methods that the row takes
 * @param pattern the path; {@code {traceID}} stands for one segment, {@code {tag}} for anything but
 *     nothing
 * @param endpoint what is called
 * @param content what requests may hold, and how their spans are counted
 */
record Row(
    Protocol protocol, List<String> methods, String pattern, Endpoint endpoint, Content content) {

  /** How a row's path is recognised. */
  enum Shape {
    /** A gRPC method, as it is written. */
    GRPC,
    /** A path as it is written. */
    EXACT,
    /** A path that ends with one free segment. */
    TRACE_ID,
    /** A path with a tag's name in the middle. */
    TAG
  }

  Row {
    methods = List.copyOf(methods);
  }

  /** How the path is recognised. */
  Shape shape() {
    if (endpoint.grpc()) {
      return Shape.GRPC;
    }
    if (pattern.endsWith("/{traceID}")) {
      return Shape.TRACE_ID;
    }
    return pattern.contains("/{tag}/") ? Shape.TAG : Shape.EXACT;
  }

  /** The pattern up to its variable part. */
  String prefix() {
    int brace = pattern.indexOf('{');
    return brace < 0 ? pattern : pattern.substring(0, brace);
  }

  /** The pattern behind its variable part; empty when it has none or ends with it. */
  String suffix() {
    return pattern.substring(
        pattern.indexOf('}') < 0 ? pattern.length() : pattern.indexOf('}') + 1);
  }
}
