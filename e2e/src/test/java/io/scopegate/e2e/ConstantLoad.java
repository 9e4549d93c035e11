package io.scopegate.e2e;

import com.google.protobuf.Message;
import io.scopegate.testkit.tempo.Traces;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.vertx.grpc.common.GrpcStatus;
import java.io.IOException;
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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant's clients do all the time, moderately: a real collector that writes by both OTLPs,
 * readers that search, one after the other on a connection of their own, and streams of a client
 * that keeps its connection.
 */
final class ConstantLoad implements AutoCloseable {
  private static final String SEARCH = "tempopb.StreamingQuerier/Search";
  private static final int READERS = 2;
  private static final int SPANS = 5;
  private static final Duration READ_EVERY = Duration.ofMillis(20);
  private static final Duration STREAM_EVERY = Duration.ofMillis(100);
  private static final Duration WRITE_EVERY = Duration.ofMillis(200);
  private static final Duration ARRIVES = Duration.ofSeconds(90);
  private static final Duration ENDS = Duration.ofSeconds(60);

  /** What a client of gRPC tries again by itself or by its service configuration. */
  private static final Set<GrpcStatus> RETRIED =
      EnumSet.of(
          GrpcStatus.UNAVAILABLE, GrpcStatus.RESOURCE_EXHAUSTED, GrpcStatus.DEADLINE_EXCEEDED);

  private final String tenant;
  private final Spans spans;
  private final GatewayRun.Ports ports;
  private final Rpc rpc;
  private final String token;
  private final Collector collector;
  private final ReadLog reads = new ReadLog();
  private final ReadLog streams = new ReadLog();
  private final Map<String, AtomicLong> lostStreams = new ConcurrentHashMap<>();
  private final Queue<String> written = new ConcurrentLinkedQueue<>();
  private final Paced load = new Paced();

  /** Who can tell what has arrived. */
  interface Spans {
    /** How many spans of a trace there are. */
    long of(String tenant, String trace);
  }

  /**
   * Starts it.
   *
   * @param ports where the gateway is, or what leads there
   */
  ConstantLoad(Cluster cluster, GatewayRun.Ports ports, String tenant, Spans spans) {
    this.tenant = tenant;
    this.spans = spans;
    this.ports = ports;
    rpc = new Rpc(cluster.ca());
    token = cluster.token(tenant, "query");
    collector = Collector.start(cluster, ports, tenant, cluster.token(tenant, "ingest"));
    for (int i = 0; i < READERS; i++) {
      Reader reader = new Reader();
      load.each(READ_EVERY, reader::read);
    }
    load.each(STREAM_EVERY, this::stream);
    load.each(WRITE_EVERY, this::write);
  }

  private final class Reader {
    private final byte[] search =
        KeptAlive.get(
            "/api/search?limit=1",
            "Authorization: Bearer " + token + "\r\nX-Scope-OrgID: " + tenant + "\r\n");
    private @Nullable KeptAlive connection;

    boolean read() {
      ReadLog.Ending ending = reads.begin();
      try {
        ending.with(Integer.toString(status()));
      } catch (IOException e) {
        ending.with(e.toString());
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
      KeptAlive fresh = KeptAlive.connect(ports.query());
      connection = fresh;
      return fresh.status(search);
    }
  }

  private boolean stream() {
    Message query = SearchRequest.newBuilder().setQuery("{}").build();
    ReadLog.Ending ending = streams.begin();
    rpc.start(
            ports.query(),
            SEARCH,
            query,
            "authorization",
            "Bearer " + token,
            "x-scope-orgid",
            tenant)
        .onComplete(done -> {
          // without a status the connection was lost, which is UNAVAILABLE to clients
          boolean isGood = done.succeeded() && done.result().status() == GrpcStatus.OK;
          if (done.succeeded() && !isGood && !RETRIED.contains(done.result().status())) {
            lostStreams
                .computeIfAbsent(done.result().toString(), key -> new AtomicLong())
                .incrementAndGet();
          }
          ending.with(isGood ? ReadLog.GOOD : done.toString());
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

  /** Reads and streams that have ended so far. */
  long asked() {
    return reads.count() + streams.count();
  }

  /** Reads that have ended so far. */
  long reads() {
    return reads.count();
  }

  /** Reads that began since then, and have ended well. */
  long goodReadsSince(long nanos) {
    return reads.goodSince(nanos);
  }

  /** The reads that began since then, after all of them have ended. */
  ReadLog.Reads readsSince(long nanos) {
    long now = System.nanoTime();
    reads.settle(now, ENDS);
    return reads.between(nanos, now);
  }

  /**
   * Waits until all streams that have begun have ended.
   *
   * @return those that ended with a status that no client tries again, so far
   */
  Map<String, Long> lostStreams() {
    streams.settle(System.nanoTime(), ENDS);
    return lostStreams.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, one -> one.getValue().get()));
  }

  /** Waits until every span has arrived that the collector took until now; how many have not. */
  long lostSpans() {
    List<String> ids = new ArrayList<>();
    for (String id; (id = written.poll()) != null; ) {
      ids.add(id);
    }
    try {
      Until.holds(
          "every span has arrived",
          ARRIVES,
          () -> {
            ids.removeIf(id -> spans.of(tenant, id) >= SPANS);
            return ids.isEmpty();
          });
    } catch (AssertionError late) {
      return ids.stream().mapToLong(id -> SPANS - spans.of(tenant, id)).sum();
    }
    return 0;
  }

  /** Whether the collector has given up on spans, by its own account. */
  boolean hasDroppedSpans() {
    return collector.hasDroppedSpans();
  }

  /** Ends it; fails if a client could not go on. */
  @Override
  public void close() {
    try {
      load.close();
    } finally {
      collector.close();
      rpc.close();
    }
  }
}
