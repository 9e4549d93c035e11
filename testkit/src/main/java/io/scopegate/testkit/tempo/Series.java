package io.scopegate.testkit.tempo;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.scopegate.testkit.tempo.proto.InstantSeries;
import io.scopegate.testkit.tempo.proto.QueryInstantRequest;
import io.scopegate.testkit.tempo.proto.QueryInstantResponse;
import io.scopegate.testkit.tempo.proto.QueryRangeRequest;
import io.scopegate.testkit.tempo.proto.QueryRangeResponse;
import io.scopegate.testkit.tempo.proto.Sample;
import io.scopegate.testkit.tempo.proto.SearchMetrics;
import io.scopegate.testkit.tempo.proto.TimeSeries;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** TraceQL metrics, counted from what is stored. All times are nanoseconds since the epoch. */
final class Series {
  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;
  private static final int MAX_STEPS = 11_000;

  private final Queries queries;

  Series(Queries queries) {
    this.queries = queries;
  }

  /** One series per group, one sample per step. */
  QueryRangeResponse range(Collection<String> tenants, QueryRangeRequest request) {
    TraceQl query = metric(request.getQuery());
    long step = request.getStep() == 0 ? 60 * SECOND : request.getStep();
    long length = request.getEnd() - request.getStart();
    if (length <= 0 || length / step > MAX_STEPS) {
      throw new IllegalArgumentException("invalid start, end or step");
    }
    QueryRangeResponse.Builder answer = QueryRangeResponse.newBuilder().setMetrics(done());
    counts(tenants, query, request.getStart(), request.getEnd(), step)
        .forEach((group, counts) -> {
          TimeSeries.Builder series = TimeSeries.newBuilder().addLabels(label(query, group));
          for (long at = request.getStart() + step; at < request.getEnd() + step; at += step) {
            long count = counts.getOrDefault((at - request.getStart()) / step - 1, 0L);
            series.addSamples(
                Sample.newBuilder().setTimestampMs(at / MILLI).setValue(value(query, count, step)));
          }
          answer.addSeries(series);
        });
    return answer.build();
  }

  /** One value per group. */
  QueryInstantResponse instant(Collection<String> tenants, QueryInstantRequest request) {
    TraceQl query = metric(request.getQuery());
    long length = request.getEnd() - request.getStart();
    if (length <= 0) {
      throw new IllegalArgumentException("invalid start or end");
    }
    QueryInstantResponse.Builder answer = QueryInstantResponse.newBuilder().setMetrics(done());
    counts(tenants, query, request.getStart(), request.getEnd(), length)
        .forEach((group, counts) ->
            answer.addSeries(
                InstantSeries.newBuilder()
                    .addLabels(label(query, group))
                    .setValue(value(query, counts.getOrDefault(0L, 0L), length))));
    return answer.build();
  }

  private Map<String, Map<Long, Long>> counts(
      Collection<String> tenants, TraceQl query, long start, long end, long step) {
    return queries
        .spans(tenants)
        .filter(query.filter())
        .filter(span -> span.span().getStartTimeUnixNano() >= start)
        .filter(span -> span.span().getStartTimeUnixNano() < end)
        .collect(
            Collectors.groupingBy(
                span -> query.by().isEmpty() ? "" : span.attribute(query.by()).orElse("nil"),
                TreeMap::new,
                Collectors.groupingBy(
                    span -> (span.span().getStartTimeUnixNano() - start) / step,
                    Collectors.counting())));
  }

  private static TraceQl metric(String text) {
    TraceQl query = TraceQl.parse(text);
    if (query.function().isEmpty()) {
      throw new IllegalArgumentException("not a metrics query: " + text);
    }
    return query;
  }

  private static double value(TraceQl query, long count, long nanos) {
    return query.function().equals("rate") ? count * (double) SECOND / nanos : count;
  }

  private static KeyValue label(TraceQl query, String group) {
    String key = query.by().isEmpty() ? "__name__" : query.by();
    String value = query.by().isEmpty() ? query.function() : group;
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static SearchMetrics done() {
    return SearchMetrics.newBuilder().setCompletedJobs(1).setTotalJobs(1).build();
  }
}
