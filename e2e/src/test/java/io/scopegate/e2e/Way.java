package io.scopegate.e2e;

/** How a {@link LimitedCollector} writes, each way for a tenant of its own. */
enum Way {
  GRPC_GZIP("grpc-gzip", "otlp_grpc/gzip"),
  GRPC_PLAIN("grpc-plain", "otlp_grpc/plain"),
  HTTP_GZIP("http-gzip", "otlp_http/gzip"),
  HTTP_PLAIN("http-plain", "otlp_http/plain");

  private final String label;
  private final String exporter;

  Way(String label, String exporter) {
    this.label = label;
    this.exporter = exporter;
  }

  /** The tenant it writes for. */
  String tenant() {
    return "limited-" + label;
  }

  /** The exporter's name in the collector's configuration and metrics. */
  String exporter() {
    return exporter;
  }

  boolean isCompressed() {
    return label.endsWith("-gzip");
  }
}
