package io.scopegate.e2e;

import java.util.List;

/** How a {@link LimitedCollector} writes, each way for a tenant of its own. */
enum Way {
  GRPC_GZIP("grpc-gzip", "otlp_grpc/gzip"),
  GRPC_ZSTD("grpc-zstd", "otlp_grpc/zstd"),
  GRPC_SNAPPY("grpc-snappy", "otlp_grpc/snappy"),
  GRPC_PLAIN("grpc-plain", "otlp_grpc/plain"),
  HTTP_GZIP("http-gzip", "otlp_http/gzip"),
  HTTP_ZSTD("http-zstd", "otlp_http/zstd"),
  HTTP_SNAPPY("http-snappy", "otlp_http/snappy"),
  HTTP_PLAIN("http-plain", "otlp_http/plain");

  /** Enough where a coding is like another. */
  static final List<Way> WITH_GZIP_AND_WITHOUT =
      List.of(GRPC_GZIP, GRPC_PLAIN, HTTP_GZIP, HTTP_PLAIN);

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

  /** What its requests and messages come in. */
  String coding() {
    String coding = label.substring(label.indexOf('-') + 1);
    return coding.equals("plain") ? "identity" : coding;
  }

  boolean isCompressed() {
    return !coding().equals("identity");
  }
}
