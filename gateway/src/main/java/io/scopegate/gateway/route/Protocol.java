package io.scopegate.gateway.route;

import java.util.Locale;

/** What a route of a listener serves; each brings its own rows of the endpoint table. */
public enum Protocol {
  /** OTLP over gRPC: {@code TraceService/Export}. */
  OTLP_GRPC,
  /** OTLP over HTTP: {@code POST /v1/traces}. */
  OTLP_HTTP,
  /** Zipkin's span endpoints. */
  ZIPKIN,
  /** Jaeger's thrift over HTTP. */
  JAEGER_THRIFT_HTTP,
  /** Jaeger's gRPC collector. */
  JAEGER_GRPC,
  /** OpenCensus' agent. */
  OPENCENSUS,
  /** Tempo's query API, HTTP and gRPC. */
  TEMPO_QUERY,
  /** Tempo's per-tenant configuration API. */
  TEMPO_OVERRIDES,
  /** Any path and any gRPC method, as a read. */
  GENERIC_READ,
  /** Any path and any gRPC method, as a write. */
  GENERIC_WRITE,
  /** Any path and any gRPC method, with the verb of its HTTP method. */
  PROXY,
  /** The gateway's own health. */
  HEALTH;

  private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The word for it in the configuration's {@code serves}, for example {@code otlp-grpc}. */
  public String label() {
    return label;
  }

  /** Whether any request is served, by the operation that this is named after. */
  boolean isGeneric() {
    return this == GENERIC_READ || this == GENERIC_WRITE;
  }
}
