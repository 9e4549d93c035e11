package io.scopegate.demo;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.scopegate.demo.Clients.Called;
import io.scopegate.demo.Clients.Reply;
import io.scopegate.testkit.tempo.Grpc;
import io.scopegate.testkit.tempo.Received;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.Traces;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.scopegate.testkit.tempo.proto.SearchResponse;
import io.scopegate.testkit.tempo.proto.TraceSearchMetadata;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The tour: the requests, the expected results, and what is printed. */
final class Walk {
  private static final String TENANT = "X-Scope-OrgID";
  private static final String SEARCH = "/api/search?q=%7B%7D";
  private static final SearchRequest EVERYTHING =
      SearchRequest.newBuilder().setQuery("{}").setLimit(10).build();

  private final Stage stage;
  private final Transcript transcript;
  private final TempoStandIn tempo;
  private final Clients clients;
  private final String collector;
  private final String grafana;
  private final String otherGrafana;
  private final String byHttp = Traces.newId();
  private final String byGrpc = Traces.newId();

  Walk(Stage stage, Transcript transcript) {
    this.stage = stage;
    this.transcript = transcript;
    this.tempo = stage.tempo();
    this.clients = stage.clients();
    this.collector = stage.token("showcase", "collector");
    this.grafana = stage.token("showcase", "grafana");
    this.otherGrafana = stage.token("payments", "grafana");
  }

  void run() {
    write();
    collectorMayNotRead();
    stream();
    othersMayNotRead();
    spoof();
    internals();
  }

  private void write() {
    transcript.step("The collector of tenant showcase writes, with the token of its own account");
    Map<String, Object> headers = new TreeMap<>(as(collector, "showcase"));
    headers.put("content-type", "application/x-protobuf");
    Reply reply =
        clients.tls(
            HttpMethod.POST,
            stage.addresses().otlpHttp(),
            "/v1/traces",
            headers,
            Buffer.buffer(trace(byHttp, "checkout", "POST /cart", 2).toByteArray()));
    transcript.claim(
        reply.status() == 200 && tempo.store().trace("showcase", byHttp).size() == 3,
        "OTLP/HTTP over TLS: %d, and Tempo has the trace under showcase".formatted(reply.status()));
    Called called =
        clients.call(
            Grpc.EXPORT,
            stage.addresses().otlpGrpc(),
            as(collector, "showcase"),
            trace(byGrpc, "warehouse", "reserve", 1),
            accepted -> {});
    transcript.claim(
        called.status() == GrpcStatus.OK && tempo.store().trace("showcase", byGrpc).size() == 3,
        "OTLP/gRPC over TLS: %s, and Tempo has the trace under showcase"
            .formatted(called.status().name()));
  }

  private void collectorMayNotRead() {
    transcript.step("The same token may not read, and the answer gives the reason");
    long before = queries();
    Reply reply = clients.get(SEARCH, as(collector, "showcase"));
    transcript.claim(reply.status() == 403, "search by HTTP: " + reply.status());
    transcript.note(detail(reply));
    Called called = search(collector, "showcase", message -> {});
    transcript.claim(
        called.status() == GrpcStatus.PERMISSION_DENIED,
        "streaming search by gRPC: %s".formatted(called.status().name()));
    transcript.claim(called.message().equals(detail(reply)), "with the same reason");
    transcript.claim(queries() == before, "no query reached Tempo");
  }

  private void stream() {
    transcript.step("Grafana's token streams the search, message by message");
    tempo.streaming().close();
    tempo.streaming().release(1);
    List<String> found = new ArrayList<>();
    Called called =
        search(
            grafana,
            "showcase",
            message -> {
              transcript.note("message: " + describe(message));
              message.getTracesList().forEach(trace -> found.add(trace.getTraceID()));
              // Tempo sends the next one only now that this one has come all the way.
              tempo.streaming().release(1);
            });
    tempo.streaming().open();
    transcript.claim(
        called.status() == GrpcStatus.OK && Set.copyOf(found).equals(Set.of(byHttp, byGrpc)),
        "gRPC over TLS: %s; each message came before Tempo sent the next"
            .formatted(called.status().name()));
    Reply reply = clients.getInClearText(SEARCH, as(grafana, "showcase"));
    transcript.claim(
        reply.status() == 200 && reply.body().contains(byHttp) && reply.body().contains(byGrpc),
        "HTTP, in clear text on the same port: %d, both traces".formatted(reply.status()));
    Reply trace = clients.get("/api/v2/traces/" + byHttp, as(grafana, "showcase"));
    transcript.claim(trace.status() == 200, "the trace by its id: " + trace.status());
  }

  private void othersMayNotRead() {
    transcript.step("The token of another tenant's Grafana is refused");
    Reply reply = clients.get(SEARCH, as(otherGrafana, "showcase"));
    transcript.claim(reply.status() == 403, "payments' token for showcase: " + reply.status());
    transcript.note(detail(reply));
    Reply own = clients.get(SEARCH, as(otherGrafana, "payments"));
    transcript.claim(
        own.status() == 200 && !own.body().contains(byHttp),
        "and for payments: %d, with none of showcase's traces".formatted(own.status()));
    Reply nobody = clients.get(SEARCH, Map.of(TENANT, "showcase"));
    transcript.claim(nobody.status() == 401, "no token at all: " + nobody.status());
  }

  private void spoof() {
    transcript.step("Identity and tenant headers are refused or replaced");
    Reply foreign = clients.get(SEARCH, as(grafana, "payments"));
    transcript.claim(
        foreign.status() == 403, "showcase's token says it is payments: " + foreign.status());
    Map<String, Object> two = new TreeMap<>(as(grafana, "showcase"));
    two.put(TENANT, List.of("showcase", "payments"));
    Reply twice = clients.get(SEARCH, two);
    transcript.claim(twice.status() == 400, "two tenant headers: " + twice.status());
    Map<String, Object> spoofed = new TreeMap<>(as(grafana, "showcase|showcase"));
    spoofed.put("X-Remote-User", "admin");
    spoofed.put("X-Remote-Group", "system:masters");
    Reply reply = clients.get(SEARCH, spoofed);
    transcript.claim(
        reply.status() == 200, "a query that also claims to be admin: " + reply.status());
    Received received = tempo.received().last();
    transcript.claim(
        received.header(TENANT).equals(List.of("showcase")),
        "sent %s: showcase|showcase, Tempo received %s: %s"
            .formatted(TENANT, TENANT, String.join(", ", received.header(TENANT))));
    transcript.claim(
        received.header("X-Remote-User").isEmpty() && received.header("X-Remote-Group").isEmpty(),
        "sent X-Remote-User and X-Remote-Group, Tempo received neither");
    transcript.claim(
        received.header("Authorization").isEmpty(), "sent a token, Tempo received none");
  }

  private void internals() {
    transcript.step("Tempo's internal endpoints cannot be reached");
    for (String path : List.of("/status/config", "/flush", "/querier/api/search")) {
      Reply reply = clients.get(path, as(grafana, "showcase"));
      transcript.claim(reply.status() == 404, "GET " + path + ": " + reply.status());
    }
    transcript.claim(tempo.received().forbidden().isEmpty(), "none of them reached Tempo");
  }

  private Called search(String token, String tenant, Consumer<SearchResponse> each) {
    return clients.call(
        Grpc.SEARCH, stage.addresses().query(), as(token, tenant), EVERYTHING, each);
  }

  private long queries() {
    return tempo.received().all().stream()
        .filter(request -> request.surface().name().startsWith("QUERY"))
        .count();
  }

  private static String describe(SearchResponse message) {
    String progress =
        "%d of %d jobs done"
            .formatted(
                message.getMetrics().getCompletedJobs(), message.getMetrics().getTotalJobs());
    return message.getTracesList().stream()
        .map(TraceSearchMetadata::getRootServiceName)
        .map(service -> "a trace of %s; %s".formatted(service, progress))
        .findFirst()
        .orElse(progress);
  }

  /** The detail of a refusal. */
  private static String detail(Reply reply) {
    try {
      return new JsonObject(reply.body()).getString("detail", reply.body());
    } catch (DecodeException e) {
      return reply.body();
    }
  }

  private static Map<String, String> as(String token, String tenant) {
    return Map.of("authorization", "Bearer " + token, TENANT, tenant);
  }

  private static ExportTraceServiceRequest trace(
      String id, String service, String name, int secondsAgo) {
    long start = Instant.now().minusSeconds(secondsAgo).toEpochMilli();
    return Traces.batch(id, service, name, 3, TimeUnit.MILLISECONDS.toNanos(start));
  }
}
