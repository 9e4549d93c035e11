package io.scopegate.gateway.meter;

import org.jspecify.annotations.Nullable;

/**
 * Whether an answer says what the query cost, and in which message of Tempo's. Each answer that has
 * it has it as {@code metrics}, field 2.
 *
 * @see <a href="https://github.com/grafana/tempo/blob/main/pkg/tempopb/tempo.proto">tempo.proto</a>
 */
public enum CostPlace {
  /** It says nothing of it. */
  NOWHERE(),
  /** {@code SearchMetrics}: of searches and queries for metrics. */
  SEARCH(
      QueryFigure.INSPECTED_TRACES,
      QueryFigure.INSPECTED_BYTES,
      QueryFigure.BLOCKS,
      QueryFigure.JOBS,
      null,
      QueryFigure.BLOCK_BYTES,
      QueryFigure.INSPECTED_SPANS,
      QueryFigure.BACKEND_READS,
      QueryFigure.BACKEND_BYTES),
  /** {@code MetadataMetrics}: of tags and their values. */
  METADATA(
      QueryFigure.INSPECTED_BYTES,
      null,
      QueryFigure.JOBS,
      QueryFigure.BLOCKS,
      QueryFigure.BLOCK_BYTES,
      QueryFigure.BACKEND_READS,
      QueryFigure.BACKEND_BYTES),
  /** {@code TraceByIDMetrics}: of one trace. */
  TRACE(QueryFigure.INSPECTED_BYTES, QueryFigure.BACKEND_READS, QueryFigure.BACKEND_BYTES);

  /** The field of {@code metrics} in every answer. */
  static final int FIELD = 2;

  /** By field number, from 1. */
  private final @Nullable QueryFigure[] figures;

  CostPlace(@Nullable QueryFigure... figures) {
    this.figures = figures;
  }

  /** What a field of the message is; null for what is not read. */
  @Nullable QueryFigure figure(int number) {
    return number <= figures.length ? figures[number - 1] : null;
  }
}
