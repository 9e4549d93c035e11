package io.scopegate.gateway.route;

import java.util.Locale;

/**
 * A protocol that a route of a listener serves, as named by {@code serves}; each brings its own
 * rows of the endpoint table.
 */
public enum Protocol {
  /** OTLP over gRPC: {@code TraceService/Export}. */
  OTLP_GRPC(Calls.ALL, ByTenantPath.NO),
  /** OTLP over HTTP: {@code POST /v1/traces}. */
  OTLP_HTTP(Calls.NONE, ByTenantPath.YES),
  /** Zipkin's span endpoints. */
  ZIPKIN(Calls.NONE, ByTenantPath.NO),
  /** Jaeger's thrift over HTTP. */
  JAEGER_THRIFT_HTTP(Calls.NONE, ByTenantPath.NO),
  /** Jaeger's gRPC collector. */
  JAEGER_GRPC(Calls.ALL, ByTenantPath.NO),
  /** OpenCensus' agent. */
  OPENCENSUS(Calls.ALL, ByTenantPath.NO),
  /** Tempo's query API, HTTP and gRPC. */
  TEMPO_QUERY(Calls.SOME, ByTenantPath.YES),
  /** Tempo's per-tenant configuration API. */
  TEMPO_OVERRIDES(Calls.NONE, ByTenantPath.YES),
  /** Any path and any gRPC method, as a read. */
  GENERIC_READ(Calls.SOME, ByTenantPath.NO),
  /** Any path and any gRPC method, as a write. */
  GENERIC_WRITE(Calls.SOME, ByTenantPath.NO),
  /** Any path and any gRPC method, with the verb of its HTTP method, as kube-rbac-proxy has it. */
  PROXY(Calls.SOME, ByTenantPath.NO),
  /** The gateway's own {@code /healthz}; nothing is forwarded. */
  HEALTH(Calls.NONE, ByTenantPath.NO);

  /** Which of its requests are gRPC calls. */
  private enum Calls {
    ALL,
    SOME,
    NONE
  }

  /** Whether the tempo-operator's gateway has paths with the tenant in them for it. */
  private enum ByTenantPath {
    YES,
    NO
  }

  private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');
  private final Calls calls;
  private final ByTenantPath byTenantPath;

  Protocol(Calls calls, ByTenantPath byTenantPath) {
    this.calls = calls;
    this.byTenantPath = byTenantPath;
  }

  /** The word for it in the configuration's {@code serves}, for example {@code otlp-grpc}. */
  public String label() {
    return label;
  }

  /** Whether some of its requests are gRPC calls. */
  public boolean hasCalls() {
    return calls != Calls.NONE;
  }

  /** Whether all of its requests are gRPC calls. */
  public boolean hasOnlyCalls() {
    return calls == Calls.ALL;
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
