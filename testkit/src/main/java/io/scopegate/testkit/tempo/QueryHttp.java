package io.scopegate.testkit.tempo;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.scopegate.testkit.tempo.proto.QueryInstantRequest;
import io.scopegate.testkit.tempo.proto.QueryRangeRequest;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.scopegate.testkit.tempo.proto.SearchTagValuesRequest;
import io.scopegate.testkit.tempo.proto.SearchTagsRequest;
import io.scopegate.testkit.tempo.proto.Trace;
import io.scopegate.testkit.tempo.proto.TraceByIDResponse;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The query frontend's HTTP API: which path asks what. Answers are computed, nothing is sent. */
final class QueryHttp {
  private static final Pattern TRACE = Pattern.compile("/api/(v2/)?traces/([0-9A-Fa-f]{1,32})");
  private static final Pattern VALUES = Pattern.compile("/api/(v2/)?search/tag/(.+)/values");
  private static final String PROTOBUF = "application/protobuf";
  private static final String LLM = "application/vnd.grafana.llm";
  private static final long SECOND = 1_000_000_000L;

  private final Queries queries;
  private final Series series;

  QueryHttp(Queries queries) {
    this.queries = queries;
    this.series = new Series(queries);
  }

  /** Whether this path needs a tenant. */
  static boolean isOpen(String path) {
    return path.equals("/api/echo") || path.equals("/api/status/buildinfo");
  }

  /** Whether this path belongs to the API that tenants use. */
  static boolean isKnown(String path) {
    return path.startsWith("/api/");
  }

  /**
   * Answers.
   *
   * @throws IllegalArgumentException when the question makes no sense
   */
  Answer answer(String path, HttpServerRequest request, List<String> tenants, Buffer body) {
    Matcher values = VALUES.matcher(path);
    if (values.matches()) {
      return tagValues(request, tenants, values);
    }
    if (path.equals("/api/v2/traces/diff")) {
      return diff(tenants, new JsonObject(body));
    }
    Matcher trace = TRACE.matcher(path);
    if (trace.matches()) {
      return trace(request, tenants, trace);
    }
    return switch (path) {
      case "/api/echo" -> Answer.text(200, "echo");
      case "/api/status/buildinfo" -> buildInfo();
      case "/api/search" -> proto(request, queries.searchAll(tenants, search(request)));
      case "/api/search/tags" -> proto(request, queries.tagNames(tenants, tags(request)));
      case "/api/v2/search/tags" -> proto(request, queries.tagScopes(tenants, tags(request)));
      case "/api/metrics/query" -> proto(request, series.instant(tenants, instant(request)));
      case "/api/metrics/query_range" -> proto(request, series.range(tenants, range(request)));
      default -> Answer.text(404, "404 page not found");
    };
  }

  private Answer trace(HttpServerRequest request, List<String> tenants, Matcher path) {
    String id = "0".repeat(32 - path.group(2).length()) + path.group(2).toLowerCase(Locale.ROOT);
    List<StoredSpan> spans = queries.trace(tenants, id);
    if (spans.isEmpty()) {
      return Answer.text(404, "trace not found");
    }
    Trace trace = SpanStore.assemble(spans);
    if (path.group(1) != null) {
      return proto(request, TraceByIDResponse.newBuilder().setTrace(trace).build());
    }
    return accepts(request, PROTOBUF)
        ? new Answer(200, PROTOBUF, Buffer.buffer(trace.toByteArray()))
        : new Answer(200, "application/json", batches(trace));
  }

  /** The first version of the API says {@code batches} where the second says resourceSpans. */
  private static Buffer batches(Trace trace) {
    JsonObject json = new JsonObject(json(trace));
    return new JsonObject().put("batches", json.getValue("resourceSpans")).toBuffer();
  }

  private Answer diff(List<String> tenants, JsonObject request) {
    JsonObject answer = new JsonObject();
    for (String side : List.of("base", "compare")) {
      JsonObject wanted = request.getJsonObject(side, new JsonObject());
      List<StoredSpan> spans = queries.trace(tenants, wanted.getString("traceId", ""));
      if (spans.isEmpty()) {
        return Answer.text(404, "trace not found");
      }
      answer.put(side, new JsonObject().put("spanCount", spans.size()));
    }
    return new Answer(200, "application/json", answer.toBuffer());
  }

  private Answer tagValues(HttpServerRequest request, List<String> tenants, Matcher path) {
    SearchTagValuesRequest question =
        SearchTagValuesRequest.newBuilder()
            .setTagName(URLDecoder.decode(path.group(2), StandardCharsets.UTF_8))
            .setQuery(parameter(request, "q"))
            .build();
    return proto(
        request,
        path.group(1) == null
            ? queries.tagValues(tenants, question)
            : queries.tagValuesTyped(tenants, question));
  }

  private static SearchRequest search(HttpServerRequest request) {
    SearchRequest.Builder search =
        SearchRequest.newBuilder()
            .setQuery(parameter(request, "q"))
            .setStart(number(request, "start"))
            .setEnd(number(request, "end"))
            .setLimit(number(request, "limit"))
            .setSpansPerSpanSet(number(request, "spss"));
    for (String tag : parameter(request, "tags").strip().split("\\s+")) {
      int equals = tag.indexOf('=');
      if (equals > 0) {
        search.putTags(tag.substring(0, equals), unquoted(tag.substring(equals + 1)));
      }
    }
    return search.build();
  }

  private static SearchTagsRequest tags(HttpServerRequest request) {
    return SearchTagsRequest.newBuilder()
        .setScope(parameter(request, "scope"))
        .setQuery(parameter(request, "q"))
        .build();
  }

  private static QueryRangeRequest range(HttpServerRequest request) {
    long end = time(request, "end", Instant.now().getEpochSecond());
    return QueryRangeRequest.newBuilder()
        .setQuery(metricsQuery(request))
        .setEnd(end)
        .setStart(time(request, "start", end / SECOND - 3600))
        .setStep(step(parameter(request, "step")))
        .build();
  }

  private static QueryInstantRequest instant(HttpServerRequest request) {
    long end = time(request, "end", Instant.now().getEpochSecond());
    return QueryInstantRequest.newBuilder()
        .setQuery(metricsQuery(request))
        .setEnd(end)
        .setStart(time(request, "start", end / SECOND - 3600))
        .build();
  }

  private static String metricsQuery(HttpServerRequest request) {
    String query = parameter(request, "q");
    return query.isEmpty() ? parameter(request, "query") : query;
  }

  /** Seconds or nanoseconds since the epoch, told apart by their size. */
  private static long time(HttpServerRequest request, String name, long defaultSeconds) {
    String text = parameter(request, name);
    long value = text.isEmpty() ? defaultSeconds : Long.parseLong(text);
    return value < SECOND * 1_000 ? value * SECOND : value;
  }

  private static long step(String text) {
    if (text.isEmpty()) {
      return 0;
    }
    if (text.endsWith("m")) {
      return 60 * step(text.substring(0, text.length() - 1));
    }
    String seconds = text.endsWith("s") ? text.substring(0, text.length() - 1) : text;
    return (long) (Double.parseDouble(seconds) * SECOND);
  }

  private static Answer buildInfo() {
    JsonObject info =
        new JsonObject()
            .put("status", "success")
            .put("data", new JsonObject().put("version", "v3.1.0-testkit").put("goVersion", ""));
    return new Answer(200, "application/json", info.toBuffer());
  }

  private static Answer proto(HttpServerRequest request, Message message) {
    if (accepts(request, PROTOBUF)) {
      return new Answer(200, PROTOBUF, Buffer.buffer(message.toByteArray()));
    }
    String type = accepts(request, LLM) ? LLM : "application/json";
    return new Answer(200, type, Buffer.buffer(json(message)));
  }

  private static String json(Message message) {
    try {
      return JsonFormat.printer().omittingInsignificantWhitespace().print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a message without Any is always printable", e);
    }
  }

  private static boolean accepts(HttpServerRequest request, String type) {
    String accept = request.getHeader("accept");
    return accept != null && accept.contains(type);
  }

  private static String parameter(HttpServerRequest request, String name) {
    String value = request.getParam(name);
    return value == null ? "" : value;
  }

  private static int number(HttpServerRequest request, String name) {
    String value = parameter(request, name);
    return value.isEmpty() ? 0 : Integer.parseUnsignedInt(value);
  }

  private static String unquoted(String value) {
    return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
        ? value.substring(1, value.length() - 1)
        : value;
  }

  /**
   * What goes back.
   *
   * @param status the HTTP status
   * @param type the media type
   * @param body the whole body
   */
  record Answer(int status, String type, Buffer body) {
    static Answer text(int status, String text) {
      return new Answer(status, "text/plain; charset=utf-8", Buffer.buffer(text));
    }
  }
}
