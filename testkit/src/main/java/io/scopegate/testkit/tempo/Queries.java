package io.scopegate.testkit.tempo;

import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.scopegate.testkit.tempo.proto.MetadataMetrics;
import io.scopegate.testkit.tempo.proto.SearchMetrics;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.scopegate.testkit.tempo.proto.SearchResponse;
import io.scopegate.testkit.tempo.proto.SearchTagValuesRequest;
import io.scopegate.testkit.tempo.proto.SearchTagValuesResponse;
import io.scopegate.testkit.tempo.proto.SearchTagValuesV2Response;
import io.scopegate.testkit.tempo.proto.SearchTagsRequest;
import io.scopegate.testkit.tempo.proto.SearchTagsResponse;
import io.scopegate.testkit.tempo.proto.SearchTagsV2Response;
import io.scopegate.testkit.tempo.proto.SearchTagsV2Scope;
import io.scopegate.testkit.tempo.proto.ServiceStats;
import io.scopegate.testkit.tempo.proto.Span;
import io.scopegate.testkit.tempo.proto.SpanSet;
import io.scopegate.testkit.tempo.proto.TagValue;
import io.scopegate.testkit.tempo.proto.TraceSearchMetadata;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Search and tags, computed from what is stored. */
final class Queries {
  private static final int DEFAULT_LIMIT = 20;
  private static final int DEFAULT_SPANS = 3;
  private static final long NANOS = 1_000_000_000L;
  private static final Set<String> INTRINSICS = Set.of("kind", "name", "status");

  private final SpanStore store;

  Queries(SpanStore store) {
    this.store = store;
  }

  Stream<StoredSpan> spans(Collection<String> tenants) {
    return traces(tenants).flatMap(Collection::stream);
  }

  /** The spans of one trace, whichever of these tenants has it. */
  List<StoredSpan> trace(Collection<String> tenants, String traceId) {
    return tenants.stream().flatMap(tenant -> store.trace(tenant, traceId).stream()).toList();
  }

  /**
   * The traces that fit, newest first. Only those that are told are described, so that a search
   * among many costs little.
   */
  List<TraceSearchMetadata> search(Collection<String> tenants, SearchRequest request) {
    Predicate<StoredSpan> filter =
        TraceQl.parse(request.getQuery())
            .filter()
            .and(tags(request.getTagsMap()))
            .and(between(request.getStart(), request.getEnd()));
    int perSet = request.getSpansPerSpanSet() == 0 ? DEFAULT_SPANS : request.getSpansPerSpanSet();
    return traces(tenants)
        .map(trace -> new Begun(start(trace), trace))
        .sorted(Comparator.comparingLong(Begun::startNanos).reversed())
        .filter(begun -> begun.trace().stream().anyMatch(filter))
        .limit(request.getLimit() == 0 ? DEFAULT_LIMIT : request.getLimit())
        .map(begun -> describe(begun, filter, perSet))
        .toList();
  }

  private record Begun(long startNanos, List<StoredSpan> trace) {}

  private static long start(List<StoredSpan> trace) {
    return trace.stream().mapToLong(s -> s.span().getStartTimeUnixNano()).min().orElse(0);
  }

  /** The answer in one piece. */
  SearchResponse searchAll(Collection<String> tenants, SearchRequest request) {
    List<TraceSearchMetadata> found = search(tenants, request);
    return SearchResponse.newBuilder().addAllTraces(found).setMetrics(progress(1, 1)).build();
  }

  /** The answer in pieces, as it is streamed; the last one says that all jobs are done. */
  List<SearchResponse> searchStream(
      Collection<String> tenants, SearchRequest request, int perMessage) {
    List<TraceSearchMetadata> found = search(tenants, request);
    int total = (found.size() + perMessage - 1) / perMessage + 1;
    List<SearchResponse> messages = new ArrayList<>();
    for (int from = 0; from < found.size(); from += perMessage) {
      messages.add(
          SearchResponse.newBuilder()
              .addAllTraces(found.subList(from, Math.min(found.size(), from + perMessage)))
              .setMetrics(progress(messages.size() + 1, total))
              .build());
    }
    messages.add(SearchResponse.newBuilder().setMetrics(progress(total, total)).build());
    return messages;
  }

  /** Tag names without their scopes. */
  SearchTagsResponse tagNames(Collection<String> tenants, SearchTagsRequest request) {
    Set<String> names = new TreeSet<>();
    tagScopes(tenants, request).getScopesList().stream()
        .filter(scope -> !scope.getName().equals("intrinsic"))
        .forEach(scope -> names.addAll(scope.getTagsList()));
    return SearchTagsResponse.newBuilder().addAllTagNames(names).setMetrics(metadata()).build();
  }

  /** Tag names by scope. */
  SearchTagsV2Response tagScopes(Collection<String> tenants, SearchTagsRequest request) {
    Set<String> resource = new TreeSet<>();
    Set<String> span = new TreeSet<>();
    matching(tenants, request.getQuery())
        .forEach(stored -> {
          stored.resource().getAttributesList().forEach(a -> resource.add(a.getKey()));
          stored.span().getAttributesList().forEach(a -> span.add(a.getKey()));
        });
    SearchTagsV2Response.Builder answer = SearchTagsV2Response.newBuilder().setMetrics(metadata());
    Map.of("resource", resource, "span", span, "intrinsic", new TreeSet<>(INTRINSICS))
        .entrySet()
        .stream()
        .filter(scope -> request.getScope().isEmpty() || request.getScope().equals(scope.getKey()))
        .sorted(Map.Entry.comparingByKey())
        .forEach(scope ->
            answer.addScopes(
                SearchTagsV2Scope.newBuilder()
                    .setName(scope.getKey())
                    .addAllTags(scope.getValue())));
    return answer.build();
  }

  /** Values of a tag that is named without a scope. */
  SearchTagValuesResponse tagValues(Collection<String> tenants, SearchTagValuesRequest request) {
    String name = request.getTagName();
    Set<String> values = new TreeSet<>();
    matching(tenants, request.getQuery())
        .forEach(span ->
            (INTRINSICS.contains(name) ? span.attribute(name) : span.anywhere(name))
                .ifPresent(values::add));
    return SearchTagValuesResponse.newBuilder()
        .addAllTagValues(values)
        .setMetrics(metadata())
        .build();
  }

  /** Values of a tag that is named as TraceQL names it. */
  SearchTagValuesV2Response tagValuesTyped(
      Collection<String> tenants, SearchTagValuesRequest request) {
    Set<String> values = new TreeSet<>();
    matching(tenants, request.getQuery())
        .forEach(span -> span.attribute(request.getTagName()).ifPresent(values::add));
    String type =
        INTRINSICS.contains(request.getTagName()) && !request.getTagName().equals("name")
            ? "keyword"
            : "string";
    SearchTagValuesV2Response.Builder answer =
        SearchTagValuesV2Response.newBuilder().setMetrics(metadata());
    values.forEach(
        value -> answer.addTagValues(TagValue.newBuilder().setType(type).setValue(value)));
    return answer.build();
  }

  private Stream<List<StoredSpan>> traces(Collection<String> tenants) {
    return tenants.stream().flatMap(tenant -> store.traces(tenant).stream());
  }

  private Stream<StoredSpan> matching(Collection<String> tenants, String query) {
    return spans(tenants).filter(TraceQl.parse(query).filter());
  }

  private static Predicate<StoredSpan> tags(Map<String, String> tags) {
    return span ->
        tags.entrySet().stream()
            .allMatch(tag ->
                (INTRINSICS.contains(tag.getKey())
                        ? span.attribute(tag.getKey())
                        : span.anywhere(tag.getKey()))
                    .filter(value -> contains(value, tag.getValue()))
                    .isPresent());
  }

  private static boolean contains(String value, String part) {
    return value.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
  }

  private static Predicate<StoredSpan> between(int startSeconds, int endSeconds) {
    if (startSeconds == 0 && endSeconds == 0) {
      return span -> true;
    }
    long start = Integer.toUnsignedLong(startSeconds) * NANOS;
    long end = Integer.toUnsignedLong(endSeconds) * NANOS;
    return span ->
        span.span().getEndTimeUnixNano() >= start && span.span().getStartTimeUnixNano() <= end;
  }

  private static TraceSearchMetadata describe(
      Begun begun, Predicate<StoredSpan> filter, int perSet) {
    List<StoredSpan> trace = begun.trace();
    StoredSpan root = root(trace);
    long start = begun.startNanos();
    long end = trace.stream().mapToLong(s -> s.span().getEndTimeUnixNano()).max().orElse(0);
    TraceSearchMetadata.Builder answer =
        TraceSearchMetadata.newBuilder()
            .setTraceID(root.traceId())
            .setRootServiceName(root.serviceName())
            .setRootTraceName(root.span().getName())
            .setStartTimeUnixNano(start)
            .setDurationMs((int) ((end - start) / 1_000_000));
    trace.forEach(span -> count(answer, span));
    List<StoredSpan> matched = trace.stream().filter(filter).toList();
    SpanSet.Builder set = SpanSet.newBuilder().setMatched(matched.size());
    matched.stream().limit(perSet).forEach(span -> set.addSpans(describe(span)));
    return answer.addSpanSets(set).build();
  }

  private static void count(TraceSearchMetadata.Builder answer, StoredSpan span) {
    ServiceStats before =
        answer.getServiceStatsOrDefault(span.serviceName(), ServiceStats.getDefaultInstance());
    answer.putServiceStats(
        span.serviceName(),
        ServiceStats.newBuilder()
            .setSpanCount(before.getSpanCount() + 1)
            .setErrorCount(before.getErrorCount() + (span.hasError() ? 1 : 0))
            .build());
  }

  private static Span describe(StoredSpan stored) {
    return Span.newBuilder()
        .setSpanID(stored.spanId())
        .setName(stored.span().getName())
        .setStartTimeUnixNano(stored.span().getStartTimeUnixNano())
        .setDurationNanos(stored.span().getEndTimeUnixNano() - stored.span().getStartTimeUnixNano())
        .addAllAttributes(stored.span().getAttributesList())
        .build();
  }

  private static StoredSpan root(List<StoredSpan> trace) {
    return trace.stream()
        .filter(stored -> stored.span().getParentSpanId().isEmpty())
        .min(Comparator.comparing(stored -> stored.span().getKind() == SpanKind.SPAN_KIND_CLIENT))
        .orElse(trace.get(0));
  }

  /** Running totals, as Tempo's: each job has looked at one trace and a thousand bytes. */
  private static SearchMetrics progress(int done, int total) {
    return SearchMetrics.newBuilder()
        .setCompletedJobs(done)
        .setTotalJobs(total)
        .setInspectedTraces(done)
        .setInspectedBytes(done * 1_000L)
        .build();
  }

  private static MetadataMetrics metadata() {
    return MetadataMetrics.newBuilder().setCompletedJobs(1).setTotalJobs(1).build();
  }
}
