package io.scopegate.gateway.route;

import org.jspecify.annotations.Nullable;

/** The content types that decide where a request goes or how it is answered. */
enum MediaType {
  /** {@code application/grpc}, alone or with {@code +proto} and the like; not gRPC-Web. */
  GRPC,
  /** {@code application/grpc-web}, alone or with {@code +proto}; not its form in text. */
  GRPC_WEB,
  /** {@code application/x-protobuf}. */
  PROTOBUF,
  /** {@code application/json}. */
  JSON,
  /** {@code application/x-thrift} or {@code application/vnd.apache.thrift.binary}. */
  THRIFT,
  /** Anything else, or none. */
  OTHER;

  private static final String APPLICATION = "application/";

  /**
   * Which of them a {@code content-type} names. Types are compared without regard to case and
   * parameters, as <a href="https://datatracker.ietf.org/doc/html/rfc9110#section-8.3.1">RFC
   * 9110</a> wants.
   */
  static MediaType of(@Nullable CharSequence contentType) {
    if (contentType == null || !startsWith(contentType, 0, APPLICATION)) {
      return OTHER;
    }
    int from = APPLICATION.length();
    if (subtype(contentType, from, "grpc", true)) {
      return GRPC;
    }
    if (subtype(contentType, from, "grpc-web", true)) {
      return GRPC_WEB;
    }
    if (subtype(contentType, from, "x-protobuf", false)) {
      return PROTOBUF;
    }
    if (subtype(contentType, from, "json", false)) {
      return JSON;
    }
    return isThrift(contentType, from) ? THRIFT : OTHER;
  }

  private static boolean isThrift(CharSequence contentType, int from) {
    return subtype(contentType, from, "x-thrift", false)
        || subtype(contentType, from, "vnd.apache.thrift.binary", false);
  }

  private static boolean subtype(CharSequence value, int from, String subtype, boolean suffixes) {
    if (!startsWith(value, from, subtype)) {
      return false;
    }
    int end = from + subtype.length();
    if (end == value.length()) {
      return true;
    }
    char next = value.charAt(end);
    return next == ';' || next == ' ' || next == '\t' || (suffixes && next == '+');
  }

  private static boolean startsWith(CharSequence value, int from, String lowerCase) {
    int length = lowerCase.length();
    if (value.length() - from < length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = value.charAt(from + i);
      char expected = lowerCase.charAt(i);
      if (c != expected && !(c >= 'A' && c <= 'Z' && c + ('a' - 'A') == expected)) {
        return false;
      }
    }
    return true;
  }
}
