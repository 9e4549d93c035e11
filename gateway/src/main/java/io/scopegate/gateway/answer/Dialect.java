package io.scopegate.gateway.answer;

/** How a client expects a refusal to be encoded. */
public enum Dialect {
  /** Trailers-only with HTTP 200, {@code grpc-status} and {@code grpc-status-details-bin}. */
  GRPC,
  /** HTTP 200 with the same as the last frame of the body, for browsers, which see no trailers. */
  GRPC_WEB,
  /** {@code google.rpc.Status} as protobuf. */
  OTLP_PROTOBUF,
  /** {@code google.rpc.Status} as JSON. */
  OTLP_JSON,
  /**
   * {@code application/problem+json}, <a href="https://datatracker.ietf.org/doc/html/rfc9457">RFC
   * 9457</a>.
   */
  PROBLEM;

  /** Whether calls are made in it, whose end is a gRPC status. */
  public boolean isGrpc() {
    return this == GRPC || this == GRPC_WEB;
  }
}
