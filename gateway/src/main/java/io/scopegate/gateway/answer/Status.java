package io.scopegate.gateway.answer;

/**
 * The statuses of one refusal.
 *
 * @param http the HTTP status
 * @param grpc the <a href="https://grpc.github.io/grpc/core/md_doc_statuscodes.html">gRPC
 *     status</a>
 * @param delayed whether the answer tells how long to wait: {@code Retry-After}, {@code RetryInfo}
 */
record Status(int http, int grpc, boolean delayed) {
  static final int INVALID_ARGUMENT = 3;
  static final int DEADLINE_EXCEEDED = 4;
  static final int PERMISSION_DENIED = 7;
  static final int RESOURCE_EXHAUSTED = 8;
  static final int UNIMPLEMENTED = 12;
  static final int INTERNAL = 13;
  static final int UNAVAILABLE = 14;
  static final int UNAUTHENTICATED = 16;

  private static final Status PASSING = new Status(503, UNAVAILABLE, true);

  /**
   * The statuses of a reason. On most of them a collector drops a batch permanently, so on ingest
   * every refusal that is not the client's fault gets a status on which collectors retry.
   */
  static Status of(Refusal.Reason reason, boolean ingest) {
    return switch (reason) {
      case UNAUTHENTICATED -> new Status(401, UNAUTHENTICATED, false);
      case UNDECIDED, UNAVAILABLE -> PASSING;
      case FORBIDDEN -> new Status(403, PERMISSION_DENIED, false);
      case TENANT_INVALID, MALFORMED, RANGE_TOO_LONG, QUERY_TOO_LARGE ->
          new Status(400, INVALID_ARGUMENT, false);
      case LIMITED -> new Status(429, RESOURCE_EXHAUSTED, true);
      case TOO_LARGE -> new Status(413, INVALID_ARGUMENT, false);
      case TOO_SLOW -> new Status(504, DEADLINE_EXCEEDED, false);
      case NOT_FOUND -> new Status(404, UNIMPLEMENTED, false);
      case METHOD_NOT_ALLOWED -> new Status(405, UNIMPLEMENTED, false);
      case HEADERS_TOO_LARGE -> new Status(431, RESOURCE_EXHAUSTED, false);
      case UNSUPPORTED_MEDIA_TYPE -> new Status(415, INVALID_ARGUMENT, false);
      case UNSUPPORTED_CODING -> new Status(415, UNIMPLEMENTED, false);
      case BODY_TOO_SLOW -> ingest ? PASSING : new Status(408, DEADLINE_EXCEEDED, false);
      case DEFECT -> ingest ? PASSING : new Status(500, INTERNAL, false);
    };
  }
}
