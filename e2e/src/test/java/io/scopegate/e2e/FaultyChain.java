package io.scopegate.e2e;

import com.google.protobuf.Message;
import io.scopegate.testkit.tempo.Traces;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.vertx.grpc.common.GrpcStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A real collector, readers and readers of streams in front of a gateway with several Tempos behind
 * it, under a constant and moderate load. Clients reach the gateway by links, as by a Service, so
 * that another gateway can take its place.
 */
final class FaultyChain implements AutoCloseable {
  static final int TEMPOS = 5;

  /** So many the gateway knows at first. */
  static final int USED = 3;

  private static final String TENANT = "showcase";
  private static final String SEARCH = "tempopb.StreamingQuerier/Search";
  private static final int READERS = 2;
  private static final int SPANS = 5;
  private static final Duration READ_EVERY = Duration.ofMillis(20);
  private static final Duration STREAM_EVERY = Duration.ofMillis(200);
  private static final Duration WRITE_EVERY = Duration.ofMillis(200);
  private static final Duration ARRIVES = Duration.ofSeconds(90);
  private static final Duration ENDS = Duration.ofSeconds(60);

  /** What a client of gRPC tries again by itself or by its service configuration. */
  private static final Set<GrpcStatus> RETRIED =
      EnumSet.of(
          GrpcStatus.UNAVAILABLE, GrpcStatus.RESOURCE_EXHAUSTED, GrpcStatus.DEADLINE_EXCEEDED);

  private final Cluster cluster = Cluster.shared();
  private final Rpc rpc = new Rpc(cluster.ca());
  private final List<FaultyTempo> tempos =
      IntStream.range(0, TEMPOS).mapToObj(i -> new FaultyTempo()).toList();
  private GatewayRun gateway = start("faults", USED);
  private int used = USED;
  private final FaultyLink toOtlpGrpc = new FaultyLink(gateway.ports().otlpGrpc());
  private final FaultyLink toOtlpHttp = new FaultyLink(gateway.ports().otlpHttp());
  private final FaultyLink toQuery = new FaultyLink(gateway.ports().query());
  private final Collector collector =
      Collector.start(
          cluster,
          new GatewayRun.Ports(
              toOtlpGrpc.port(), toOtlpHttp.port(), toQuery.port(), gateway.ports().admin()),
          TENANT,
          cluster.token(TENANT, "ingest"));
  private final String token = cluster.token(TENANT, "query");
  private final Queue<String> written = new ConcurrentLinkedQueue<>();
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong streams = new AtomicLong();
  private final Map<String, AtomicLong> failedReads = new ConcurrentHashMap<>();
  private final Map<String, AtomicLong> lostStreams = new ConcurrentHashMap<>();
  private final Paced load = new Paced();
  private volatile Latencies times = new Latencies();

  /** Starts all of it, and the load. */
  FaultyChain() {
    for (int i = 0; i < READERS; i++) {
      Reader reader = new Reader();
      load.each(READ_EVERY, reader::read);
    }
    load.each(STREAM_EVERY, this::stream);
    load.each(WRITE_EVERY, this::write);
  }

  // ---- parts

  List<FaultyTempo> tempos() {
    return tempos;
  }

  /** Those that the gateway knows now. */
  List<FaultyTempo> used() {
    return tempos.subList(0, used);
  }

  Cluster cluster() {
    return cluster;
  }

  GatewayRun gateway() {
    return gateway;
  }

  private GatewayRun start(String name, int known) {
    GatewayRun.Upstreams first = tempos.get(0).ports();
    GatewayRun.Setup setup =
        GatewayRun.of(cluster, first).jvm("-Dio.netty.leakDetection.level=simple");
    for (ToIntFunction<GatewayRun.Upstreams> kind : kinds()) {
      setup.replace(
          "\"http://127.0.0.1:" + kind.applyAsInt(first) + "\"",
          "\"http://tempo:3200\", " + endpoints(kind, known));
    }
    return setup.start(name);
  }

  private static List<ToIntFunction<GatewayRun.Upstreams>> kinds() {
    return List.of(
        GatewayRun.Upstreams::otlpGrpc,
        GatewayRun.Upstreams::otlpHttp,
        GatewayRun.Upstreams::query);
  }

  private String endpoints(ToIntFunction<GatewayRun.Upstreams> kind, int known) {
    return tempos.stream()
        .limit(known)
        .map(tempo -> "\"127.0.0.1:" + kind.applyAsInt(tempo.ports()) + "\"")
        .collect(Collectors.joining(", ", "endpoints: [", "]"));
  }

  /** Whether no server that is queried is left out by any event loop, after what was before. */
  boolean isWell() {
    return metric("scopegate_upstream_endpoint_usable") == used;
  }

  /** Has the gateway use so many of them, by a changed configuration. */
  void scale(int count) {
    Path file = gateway.directory().resolve("scopegate.yaml");
    String text = Scratch.read(file);
    for (ToIntFunction<GatewayRun.Upstreams> kind : kinds()) {
      text = text.replace(endpoints(kind, used), endpoints(kind, count));
    }
    Scratch.write(file, text);
    used = count;
  }

  /** Starts another gateway, has new connections lead there, and ends the old one by SIGTERM. */
  void replaceGateway() {
    GatewayRun old = gateway;
    GatewayRun next = start("faults-next", used);
    toOtlpGrpc.lead(next.ports().otlpGrpc());
    toOtlpHttp.lead(next.ports().otlpHttp());
    toQuery.lead(next.ports().query());
    gateway = next;
    old.process().terminate();
    if (old.process().awaitEnd(ENDS) != 0) {
      throw new AssertionError(old.process().output());
    }
    old.close();
  }

  // ---- load

  private final class Reader {
    private final byte[] search =
        KeptAlive.get(
            "/api/search?limit=1",
            "Authorization: Bearer " + token + "\r\nX-Scope-OrgID: " + TENANT + "\r\n");
    private @Nullable KeptAlive connection;

    boolean read() {
      long start = System.nanoTime();
      String result;
      try {
        result = Integer.toString(status());
      } catch (IOException e) {
        result = e.toString();
      }
      times.add(System.nanoTime() - start);
      reads.incrementAndGet();
      if (!result.equals("200")) {
        failedReads.computeIfAbsent(result, key -> new AtomicLong()).incrementAndGet();
      }
      return true;
    }

    /** As every client does, once more over a new connection when a kept one is closed. */
    private int status() throws IOException {
      KeptAlive kept = connection;
      if (kept != null) {
        try {
          return kept.status(search);
        } catch (IOException closed) {
          kept.close();
        }
      }
      KeptAlive fresh = KeptAlive.connect(toQuery.port());
      connection = fresh;
      return fresh.status(search);
    }
  }

  private boolean stream() {
    Message query = SearchRequest.newBuilder().setQuery("{}").build();
    rpc.start(
            toQuery.port(),
            SEARCH,
            query,
            "authorization",
            "Bearer " + token,
            "x-scope-orgid",
            TENANT)
        .onComplete(done -> {
          streams.incrementAndGet();
          // without a status the connection was lost, which is UNAVAILABLE to clients
          if (done.succeeded()
              && done.result().status() != GrpcStatus.OK
              && !RETRIED.contains(done.result().status())) {
            lostStreams
                .computeIfAbsent(done.result().toString(), key -> new AtomicLong())
                .incrementAndGet();
          }
        });
    return true;
  }

  private boolean write() {
    for (int port : List.of(collector.toGrpc(), collector.toHttp())) {
      String id = Traces.newId();
      long start = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis() - 5_000);
      Rpc.Called called =
          rpc.callInClearText(
              port, Collector.EXPORT, Traces.batch(id, "checkout", "GET /", SPANS, start));
      if (called.status() != GrpcStatus.OK) {
        throw new AssertionError("the collector refused: " + called);
      }
      written.add(id);
    }
    return true;
  }

  // ---- what came of it

  /** How long reads took that ended while some time passed. */
  Latencies timesOf(Duration passing) {
    Latencies of = new Latencies();
    times = of;
    Until.passed(passing);
    times = new Latencies();
    return of;
  }

  /** The sum of a metric of the query frontend's upstream now. */
  double metric(String name) {
    String metrics = Http.one(cluster.ca()).get(gateway.admin("/metrics")).text();
    return Metrics.of(metrics).sum(name, "upstream=\"query-frontend\"");
  }

  /** Reads so far. */
  long reads() {
    return reads.get();
  }

  /** Reads and streams so far. */
  long asked() {
    return reads.get() + streams.get();
  }

  /** Reads that failed so far, by what they got. */
  Map<String, Long> failedReads() {
    return counts(failedReads);
  }

  /** Streams that ended with a status that no client tries again, so far. */
  Map<String, Long> lostStreams() {
    return counts(lostStreams);
  }

  private static Map<String, Long> counts(Map<String, AtomicLong> all) {
    return all.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, one -> one.getValue().get()));
  }

  /** Waits until every span that the collector took until now is in one of the Tempos. */
  void awaitSpans() {
    List<String> ids = new ArrayList<>();
    for (String id; (id = written.poll()) != null; ) {
      ids.add(id);
    }
    Until.holds(
        "every span has arrived, see " + gateway.directory(),
        ARRIVES,
        () -> {
          ids.removeIf(
              id -> tempos.stream().mapToLong(tempo -> tempo.spans(TENANT, id)).sum() >= SPANS);
          return ids.isEmpty();
        });
    if (collector.hasDroppedSpans()) {
      throw new AssertionError("the collector has dropped spans");
    }
  }

  /** One answer to a reader now. */
  Http.Reply read() {
    return Http.one(cluster.ca())
        .get(
            "http://localhost:" + toQuery.port() + "/api/search?limit=1",
            "authorization",
            "Bearer " + token,
            "x-scope-orgid",
            TENANT);
  }

  @Override
  public void close() {
    load.close();
    collector.close();
    gateway.close();
    List.of(toOtlpGrpc, toOtlpHttp, toQuery).forEach(FaultyLink::close);
    tempos.forEach(FaultyTempo::close);
    rpc.close();
  }
}
