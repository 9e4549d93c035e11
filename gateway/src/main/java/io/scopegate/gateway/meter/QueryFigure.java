package io.scopegate.gateway.meter;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What Tempo says a query cost it, by its name in the {@code metrics} of an answer. What came from
 * Tempo's caches is not in the figures of reading.
 *
 * @see <a href="https://grafana.com/docs/tempo/latest/api_docs/#search">Tempo's HTTP API</a>
 */
public enum QueryFigure {
  /** Bytes that were read, decompressed. */
  INSPECTED_BYTES("inspectedBytes", "inspected_bytes"),
  /** Traces that were looked at. */
  INSPECTED_TRACES("inspectedTraces", "inspected_traces"),
  /** Spans that were looked at; of queries for metrics. */
  INSPECTED_SPANS("inspectedSpans", "inspected_spans"),
  /** Jobs that the query was divided into and that were done. */
  JOBS("completedJobs", "jobs"),
  /** Blocks that were considered. */
  BLOCKS("totalBlocks", "blocks"),
  /** Their size in bytes, whatever of it was read. */
  BLOCK_BYTES("totalBlockBytes", "block_bytes"),
  /** Reads of the object storage. */
  BACKEND_READS("backendReads", "backend_reads"),
  /** Bytes that were read from the object storage. */
  BACKEND_BYTES("backendBytes", "backend_bytes");

  private static final QueryFigure[] ALL = values();

  private final byte[] name;
  private final String label;

  QueryFigure(String name, String label) {
    this.name = name.getBytes(StandardCharsets.US_ASCII);
    this.label = label;
  }

  /** The word for it in usage records and metrics. */
  public String label() {
    return label;
  }

  /** The figure of this name in JSON; null for another name. */
  static @Nullable QueryFigure named(byte[] text, int from, int to) {
    for (QueryFigure figure : ALL) {
      if (Arrays.equals(text, from, to, figure.name, 0, figure.name.length)) {
        return figure;
      }
    }
    return null;
  }
}
