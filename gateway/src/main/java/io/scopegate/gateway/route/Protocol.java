package io.scopegate.gateway.route;

import java.util.Locale;

/**
 * A protocol that a route of a listener serves, as named by {@code serves}; each brings its own
 * rows of the endpoint table.
 */
public enum Protocol {
  /** OTLP over gRPC: {@code TraceService/Export}. */
  OTLP_GRPC(ByTenantPath.NO),
  /** OTLP over HTTP: {@code POST /v1/traces}. */
  OTLP_HTTP(ByTenantPath.YES),
  /** Zipkin's span endpoints. */
  ZIPKIN(ByTenantPath.NO),
  /** Jaeger's thrift over HTTP. */
  JAEGER_THRIFT_HTTP(ByTenantPath.NO),
  /** Jaeger's gRPC collector. */
  JAEGER_GRPC(ByTenantPath.NO),
  /** OpenCensus' agent. */
  OPENCENSUS(ByTenantPath.NO),
  /** Tempo's query API, HTTP and gRPC. */
  TEMPO_QUERY(ByTenantPath.YES),
  /** Tempo's per-tenant configuration API. */
  TEMPO_OVERRIDES(ByTenantPath.YES),
  /** Any path and any gRPC method, as a read. */
  GENERIC_READ(ByTenantPath.NO),
  /** Any path and any gRPC method, as a write. */
  GENERIC_WRITE(ByTenantPath.NO),
  /** Any path and any gRPC method, with the verb of its HTTP method, as kube-rbac-proxy has it. */
  PROXY(ByTenantPath.NO),
  /** The gateway's own {@code /healthz}; nothing is forwarded. */
  HEALTH(ByTenantPath.NO);

  /** Whether the tempo-operator's gateway has paths with the tenant in them for it. */
  private enum ByTenantPath {
    YES,
    NO
  }

  private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');
  private final ByTenantPath byTenantPath;

  Protocol(ByTenantPath byTenantPath) {
    this.byTenantPath = byTenantPath;
  }

  /** The word for it in the configuration's {@code serves}, for example {@code otlp-grpc}. */
  public String label() {
    return label;
  }

  /** Whether its rows by HTTP are also served under paths that name the tenant. */
  public boolean reachableByTenantPath() {
    return byTenantPath == ByTenantPath.YES;
  }

  /** Whether any request is served, by the operation that this is named after. */
  boolean isGeneric() {
    return this == GENERIC_READ || this == GENERIC_WRITE;
  }
}
