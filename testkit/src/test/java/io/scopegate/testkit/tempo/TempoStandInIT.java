package io.scopegate.testkit.tempo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import io.scopegate.testkit.Await;
import io.scopegate.testkit.Fault;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.scopegate.testkit.tempo.proto.SearchResponse;
import io.scopegate.testkit.tempo.proto.SearchTagsRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TempoStandInIT {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String OTHER = "1af7651916cd43dd8448eb211c80319c";

  private final TempoStandIn tempo = TempoStandIn.start();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Vertx vertx = Vertx.vertx();
  private final GrpcClient grpc = GrpcClient.client(vertx);

  @AfterEach
  void stop() {
    Await.result(vertx.close());
    tempo.close();
  }

  @Test
  void keepsWhatIsWrittenByHttpApartByTenant() throws Exception {
    byte[] spans = Traces.batch(TRACE, "shop", "GET /", 3).toByteArray();

    HttpResponse<byte[]> answer = export("a", "application/x-protobuf", spans, false);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).contains("application/x-protobuf");
    assertThat(tempo.store().spanCount("a")).isEqualTo(3);
    assertThat(get("a", "/api/traces/" + TRACE).statusCode()).isEqualTo(200);
    assertThat(get("b", "/api/traces/" + TRACE).statusCode()).isEqualTo(404);
    assertThat(get("b|a", "/api/traces/" + TRACE).statusCode()).isEqualTo(200);
  }

  @Test
  void readsGzipAndJson() throws Exception {
    byte[] spans = Traces.batch(TRACE, "shop", "GET /", 1).toByteArray();
    String json =
        """
        {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name",
          "value":{"stringValue":"cart"}}]},
          "scopeSpans":[{"spans":[{"traceId":"%s","spanId":"b7ad6b7169203331","name":"add",
          "startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000001000000000"}]}]}]}
        """
            .formatted(OTHER);

    assertThat(export("a", "application/x-protobuf", spans, true).statusCode()).isEqualTo(200);
    assertThat(export("a", "application/json", json.getBytes(), false).statusCode()).isEqualTo(200);

    assertThat(tempo.store().trace("a", TRACE)).hasSize(1);
    assertThat(tempo.store().trace("a", OTHER))
        .singleElement()
        .extracting(StoredSpan::serviceName)
        .isEqualTo("cart");
  }

  @Test
  void refusesWithoutTenantAsTempoDoes() throws Exception {
    byte[] spans = Traces.batch(TRACE, "shop", "GET /", 1).toByteArray();

    assertThat(export("", "application/x-protobuf", spans, false).statusCode()).isEqualTo(503);
    assertThat(export("a|b", "application/x-protobuf", spans, false).statusCode()).isEqualTo(503);
    assertThat(get("", "/api/search").statusCode()).isEqualTo(401);
    assertThat(get("", "/api/echo").body()).isEqualTo("echo");
    assertThat(stream("", SearchRequest.getDefaultInstance()).status())
        .isEqualTo(GrpcStatus.UNAUTHENTICATED);
    assertThat(tempo.store().tenants()).isEmpty();
  }

  @Test
  void answersQueriesFromWhatIsStored() throws Exception {
    tempo.store().add("a", Traces.batch(TRACE, "shop", "GET /", 2).getResourceSpansList());
    tempo.store().add("a", Traces.batch(OTHER, "cart", "add", 1).getResourceSpansList());

    assertThat(traces("/api/search?q=%7B%7D")).containsExactlyInAnyOrder(TRACE, OTHER);
    assertThat(traces("/api/search?tags=service.name%3Dshop")).containsExactly(TRACE);
    assertThat(traces("/api/search?q=%7Bresource.service.name%3D%22cart%22%7D"))
        .containsExactly(OTHER);
    assertThat(traces("/api/search?limit=1")).hasSize(1);
    assertThat(traces("/api/search?start=1&end=2")).isEmpty();
    assertThat(get("a", "/api/search?q=nonsense").statusCode()).isEqualTo(400);
    assertThat(get("a", "/api/search/tags").body()).contains("service.name");
    assertThat(get("a", "/api/v2/search/tags").body()).contains("\"resource\"");
    assertThat(get("a", "/api/search/tag/service.name/values").body()).contains("cart", "shop");
    assertThat(get("a", "/api/v2/search/tag/resource.service.name/values").body())
        .contains("\"type\":\"string\"", "shop");
    assertThat(get("a", "/api/v2/traces/" + TRACE).body()).contains("resourceSpans");
  }

  @Test
  void countsMetrics() throws Exception {
    tempo.store().add("a", Traces.batch(TRACE, "shop", "GET /", 4).getResourceSpansList());
    String query = "q=%7B%7D%7Ccount_over_time()&start=1700000000&end=1700000060&step=60s";

    JsonObject range = new JsonObject(get("a", "/api/metrics/query_range?" + query).body());
    JsonObject instant = new JsonObject(get("a", "/api/metrics/query?" + query).body());

    assertThat(range.getJsonArray("series").getJsonObject(0).getJsonArray("samples"))
        .hasSize(1)
        .first()
        .extracting(sample -> ((JsonObject) sample).getInteger("value"))
        .isEqualTo(4);
    assertThat(instant.getJsonArray("series").getJsonObject(0).getInteger("value")).isEqualTo(4);
  }

  @Test
  void takesOtlpByGrpc() {
    Streamed<?> answer =
        call(
            Grpc.EXPORT,
            tempo.otlpGrpcPort(),
            "a",
            Traces.batch(TRACE, "shop", "GET /", 5),
            message -> {});

    assertThat(answer.status()).isEqualTo(GrpcStatus.OK);
    assertThat(tempo.store().spanCount("a")).isEqualTo(5);
    assertThat(tempo.received().last().protocol()).isEqualTo("h2");
  }

  @Test
  void streamsSearchByMessageAsTheGateAllows() {
    tempo.store().add("a", Traces.batch(TRACE, "shop", "GET /", 1).getResourceSpansList());
    tempo.store().add("a", Traces.batch(OTHER, "cart", "add", 1).getResourceSpansList());
    tempo.streaming().close();
    List<Integer> sentWhenReceived = Collections.synchronizedList(new ArrayList<>());
    tempo.streaming().release(1);

    Streamed<SearchResponse> answer =
        call(
            Grpc.SEARCH,
            tempo.queryPort(),
            "a",
            SearchRequest.getDefaultInstance(),
            message -> {
              sentWhenReceived.add(sentWhenReceived.size() + 1);
              tempo.streaming().release(1);
            });

    assertThat(answer.status()).isEqualTo(GrpcStatus.OK);
    assertThat(answer.messages()).hasSize(3);
    assertThat(answer.messages().get(0).getTraces(0).getTraceID()).isIn(TRACE, OTHER);
    assertThat(answer.messages().get(2).getMetrics().getCompletedJobs()).isEqualTo(3);
    assertThat(sentWhenReceived).containsExactly(1, 2, 3);
    assertThat(tempo.received().await(Received::answered).messagesSent()).isEqualTo(3);
  }

  @Test
  void noticesThatAStreamIsCancelled() {
    tempo.store().add("a", Traces.batch(TRACE, "shop", "GET /", 1).getResourceSpansList());
    tempo.streaming().close();
    GrpcClientRequest<SearchRequest, SearchResponse> request =
        Await.result(
            grpc.request(
                SocketAddress.inetSocketAddress(tempo.queryPort(), "127.0.0.1"),
                Grpc.SEARCH.client()));
    request.headers().set("X-Scope-OrgID", "a");
    Await.result(request.end(SearchRequest.getDefaultInstance()));
    tempo.received().await(Received::requestEnded);

    request.cancel();

    assertThat(tempo.received().await(Received::cancelled).answered()).isFalse();
  }

  @Test
  void servesAllSevenStreamingMethods() {
    tempo.store().add("a", Traces.batch(TRACE, "shop", "GET /", 1).getResourceSpansList());
    SearchTagsRequest tags = SearchTagsRequest.getDefaultInstance();

    assertThat(
            call(Grpc.SEARCH_TAGS, tempo.queryPort(), "a", tags, m -> {})
                .messages()
                .get(0)
                .getTagNamesList())
        .contains("service.name");
    assertThat(call(Grpc.SEARCH_TAGS_V2, tempo.queryPort(), "a", tags, m -> {}).messages())
        .hasSize(1);
    for (Grpc.Method<?, ?> method :
        List.of(
            Grpc.SEARCH,
            Grpc.SEARCH_TAG_VALUES,
            Grpc.SEARCH_TAG_VALUES_V2,
            Grpc.METRICS_QUERY_RANGE,
            Grpc.METRICS_QUERY_INSTANT)) {
      assertThat(statusOfEmpty(method)).isIn(GrpcStatus.OK, GrpcStatus.INVALID_ARGUMENT);
    }
  }

  @Test
  void countsWhatMustNeverBeReached() throws Exception {
    assertThat(get("a", "/status/config").statusCode()).isEqualTo(200);
    assertThat(get("a", "/flush").statusCode()).isEqualTo(200);

    assertThat(tempo.received().forbidden())
        .extracting(Received::path)
        .containsExactly("/status/config", "/flush");
  }

  @Test
  void streamsMcpEvents() throws Exception {
    HttpResponse<String> events = get("a", "/api/mcp");

    assertThat(events.headers().firstValue("content-type")).contains("text/event-stream");
    assertThat(events.body().split("\n\n")).hasSize(3);
  }

  @Test
  void failsAsOrdered() throws Exception {
    tempo.faults().once(Surface.QUERY_HTTP, Fault.status(502));
    assertThat(get("a", "/api/search").statusCode()).isEqualTo(502);

    // Always: the client tries again by itself.
    tempo.faults().always(Surface.QUERY_HTTP, Fault.reset());
    assertThatThrownBy(() -> get("a", "/api/search")).isInstanceOf(IOException.class);

    tempo.faults().always(Surface.QUERY_HTTP, Fault.resetAfter(5));
    assertThatThrownBy(() -> get("a", "/api/search")).isInstanceOf(IOException.class);
    tempo.faults().clear();

    tempo.faults().once(Surface.QUERY_GRPC, Fault.grpcStatus(14, "told to fail"));
    assertThat(stream("a", SearchRequest.getDefaultInstance()).status())
        .isEqualTo(GrpcStatus.UNAVAILABLE);

    tempo.faults().always(Surface.QUERY_HTTP, Fault.stopReading());
    CompletableFuture<HttpResponse<String>> stuck =
        http.sendAsync(request("a", "/api/search"), BodyHandlers.ofString());
    tempo.received().await(r -> r.path().equals("/api/search") && !r.answered());
    assertThat(stuck).isNotDone();
    tempo.faults().clear();
    assertThat(stuck.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
  }

  @Test
  void forgetsTheOldestTracesWhenFull() {
    SpanStore store = new SpanStore(4);

    store.add("a", Traces.batch(TRACE, "shop", "GET /", 3).getResourceSpansList());
    store.add("a", Traces.batch(OTHER, "shop", "GET /", 3).getResourceSpansList());

    assertThat(store.trace("a", TRACE)).isEmpty();
    assertThat(store.spanCount("a")).isEqualTo(3);
  }

  private List<String> traces(String path) throws Exception {
    JsonObject answer = new JsonObject(get("a", path).body());
    return answer.getJsonArray("traces", new JsonArray()).stream()
        .map(trace -> ((JsonObject) trace).getString("traceID"))
        .toList();
  }

  private HttpResponse<String> get(String tenant, String path) throws Exception {
    return http.send(request(tenant, path), BodyHandlers.ofString());
  }

  private HttpRequest request(String tenant, String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + tempo.queryPort() + path))
            .version(HttpClient.Version.HTTP_1_1);
    return tenant.isEmpty() ? request.build() : request.header("X-Scope-OrgID", tenant).build();
  }

  private HttpResponse<byte[]> export(String tenant, String type, byte[] body, boolean gzip)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + tempo.otlpHttpPort() + "/v1/traces"))
            .header("content-type", type)
            .POST(BodyPublishers.ofByteArray(gzip ? gzipped(body) : body));
    if (gzip) {
      request.header("content-encoding", "gzip");
    }
    if (!tenant.isEmpty()) {
      request.header("X-Scope-OrgID", tenant);
    }
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }

  private static byte[] gzipped(byte[] body) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(body);
    }
    return out.toByteArray();
  }

  private Streamed<SearchResponse> stream(String tenant, SearchRequest request) {
    return call(Grpc.SEARCH, tempo.queryPort(), tenant, request, message -> {});
  }

  private <I extends Message, O extends Message> GrpcStatus statusOfEmpty(
      Grpc.Method<I, O> method) {
    return call(method, tempo.queryPort(), "a", method.request(), message -> {}).status();
  }

  private <I extends Message, O extends Message> Streamed<O> call(
      Grpc.Method<I, O> method, int port, String tenant, I message, Consumer<O> each) {
    List<O> messages = new ArrayList<>();
    Future<GrpcStatus> status =
        grpc.request(SocketAddress.inetSocketAddress(port, "127.0.0.1"), method.client())
            .compose(request -> {
              if (!tenant.isEmpty()) {
                request.headers().set("X-Scope-OrgID", tenant);
              }
              return request.send(message).compose(response -> collect(response, messages, each));
            });
    return new Streamed<>(Await.result(status), messages);
  }

  private static <I, O> Future<GrpcStatus> collect(
      GrpcClientResponse<I, O> response, List<O> messages, Consumer<O> each) {
    Promise<GrpcStatus> done = Promise.promise();
    response.handler(message -> {
      messages.add(message);
      each.accept(message);
    });
    response.exceptionHandler(done::tryFail);
    response.endHandler(end -> done.tryComplete(response.status()));
    return done.future();
  }

  private record Streamed<O>(GrpcStatus status, List<O> messages) {}
}
