package io.scopegate.gateway.telemetry;

import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.meter.QueryCost;
import io.scopegate.gateway.meter.QueryFigure;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.Operation;

/**
 * What the requests of one tenant used that ended in one interval. Every line of the access log
 * with this tenant is in it, and nothing else. For any thread until it is closed; then it does not
 * change any more.
 */
@SuppressWarnings("EnumOrdinal") // arrays by figure and reason, for speed
final class UsageAccount {
  private static final QueryFigure[] FIGURES = QueryFigure.values();

  /** As the access log names it; empty for all tenants beyond the cap together. */
  final String tenant;

  private final long[] cost = new long[FIGURES.length];
  private final long[] refusals = new long[Refusal.Reason.values().length];
  private boolean closed;
  private long requests;
  private long queries;
  private long queryNanos;
  private long unread;
  private long writes;
  private long bytesIn;
  private long bytesOut;
  private long storedBytes;
  private long storedSpans;

  UsageAccount(String tenant) {
    this.tenant = tenant;
  }

  /** Adds a request that has ended; false when it is too late for this account. */
  synchronized boolean add(RequestRecord t, Outcome outcome) {
    if (closed) {
      return false;
    }
    requests++;
    bytesIn += t.bytesIn;
    bytesOut += t.bytesOut;
    Refusal refusal = t.refusal;
    Endpoint endpoint = t.endpoint;
    if (refusal != null) {
      refusals[refusal.reason().ordinal()]++;
    } else if (endpoint != null && endpoint.operation() == Operation.READ) {
      addQuery(t, outcome);
    } else if (endpoint != null && endpoint.operation() == Operation.WRITE) {
      addWrite(t, outcome);
    }
    return true;
  }

  private void addQuery(RequestRecord t, Outcome outcome) {
    queries++;
    queryNanos += t.endNanos - t.startNanos;
    QueryCost said = t.cost;
    if (said == null) {
      return;
    }
    for (QueryFigure figure : FIGURES) {
      cost[figure.ordinal()] += said.of(figure);
    }
    if (!said.isKnown() && outcome == Outcome.OK) {
      unread++;
    }
  }

  /** What Tempo did not take was not stored. */
  private void addWrite(RequestRecord t, Outcome outcome) {
    writes++;
    if (outcome == Outcome.OK) {
      storedBytes += t.decodedBytes;
      storedSpans += t.spans;
    }
  }

  /** Nothing is added any more. */
  synchronized void close() {
    closed = true;
  }

  /** Whether there is nothing to tell. */
  synchronized boolean isEmpty() {
    return requests == 0;
  }

  /** What is told of it, in the order of a record. */
  interface Reader {
    void field(String label, long value);

    /** Some were refused for this. */
    void refused(String reason, long count);
  }

  /** Tells all of it. */
  synchronized void read(Reader reader) {
    reader.field("requests", requests);
    reader.field("bytes_in", bytesIn);
    reader.field("bytes_out", bytesOut);
    reader.field("writes", writes);
    reader.field("stored_bytes", storedBytes);
    reader.field("stored_spans", storedSpans);
    reader.field("queries", queries);
    reader.field("query_ms", queryNanos / 1_000_000);
    reader.field("query_costs_unread", unread);
    for (QueryFigure figure : FIGURES) {
      reader.field(figure.label(), cost[figure.ordinal()]);
    }
    for (Refusal.Reason reason : Refusal.Reason.values()) {
      long count = refusals[reason.ordinal()];
      if (count > 0) {
        reader.refused(reason.label(), count);
      }
    }
  }
}
