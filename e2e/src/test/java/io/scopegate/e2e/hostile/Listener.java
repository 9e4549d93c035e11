package io.scopegate.e2e.hostile;

/** The ports of the gateway under attack. */
enum Listener {
  /** OTLP over gRPC, of the honest collector. */
  OTLP_GRPC,
  /** OTLP over HTTP, of the honest collector. */
  OTLP_HTTP,
  /** Queries, of the honest readers. */
  QUERY,
  /** Queries and OTLP over HTTP before an upstream that answers at once: what a tenant misuses. */
  QUICK,
  /** Queries before an upstream that never answers. */
  HELD,
  /** Queries, for 50 connections at a time. */
  SMALL,
  /** Metrics and health. */
  ADMIN,
  /** The console. */
  CONSOLE
}
