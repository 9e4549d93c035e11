package io.scopegate.gateway.meter;

/**
 * What Tempo said in one answer that the query cost. The messages of a stream carry running totals,
 * and a message that Tempo splits carries them in each part, so of every figure the largest counts.
 * For one thread.
 */
@SuppressWarnings("EnumOrdinal") // an array by figure, for speed
public final class QueryCost {
  private final long[] figures = new long[QueryFigure.values().length];
  private boolean known;

  /** What was said of this; 0 when nothing was. */
  public long of(QueryFigure figure) {
    return figures[figure.ordinal()];
  }

  /** Whether anything was found: the answer may be an error, or in an encoding that is not read. */
  public boolean isKnown() {
    return known;
  }

  /** The place of the figures was found. */
  void found() {
    known = true;
  }

  /** Another message says this. */
  void add(QueryCost other) {
    known |= other.known;
    for (int i = 0; i < figures.length; i++) {
      figures[i] = Math.max(figures[i], other.figures[i]);
    }
  }

  /** A message says this; nonsense is not taken. */
  void atLeast(QueryFigure figure, long value) {
    int i = figure.ordinal();
    figures[i] = Math.max(figures[i], value);
  }
}
