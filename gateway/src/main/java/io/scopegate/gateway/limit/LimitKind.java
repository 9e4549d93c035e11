package io.scopegate.gateway.limit;

/** What can be limited, by the key that limits it. */
enum LimitKind {
  /** Bytes stored a second. */
  INGEST_BYTES("ingestBytesPerSecond", 1),
  /** Requests a second that store. */
  INGEST_REQUESTS("ingestRequestsPerSecond", 1_000),
  /** Spans stored a second. */
  SPANS("spansPerSecond", 1_000),
  /** Size of one request. */
  REQUEST_BYTES("maxRequestBytes", 1),
  /** Requests a second that read. */
  QUERIES("queriesPerSecond", 1_000),
  /** Reads at a time. */
  CONCURRENT_QUERIES("concurrentQueries", 1),
  /** Streamed reads at a time. */
  CONCURRENT_STREAMS("concurrentStreams", 1),
  /** From start to end of one query. */
  QUERY_RANGE("maxQueryRange", 1),
  /** Memory and requests in flight, shared among all tenants. */
  SHARE("share", 1),
  /** Requests a second of a listener. */
  LISTENER_REQUESTS("requestsPerSecond", 1_000),
  /** Bytes a second of a listener. */
  LISTENER_BYTES("bytesPerSecond", 1);

  private final String label;
  private final long scale;

  LimitKind(String label, long scale) {
    this.label = label;
    this.scale = scale;
  }

  /** The key, which is also the word for it in answers and metrics. */
  String label() {
    return label;
  }

  /** How many units a bucket counts for one: buckets count whole units, and rates are not whole. */
  long scale() {
    return scale;
  }
}
