package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.Traces;
import io.vertx.grpc.common.GrpcStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * A bound of concurrency ({@code upstreams.NAME.concurrency}) in front of a real Tempo, set while a
 * tenant's many readers give it more than it can do: Tempo gets no more at a time than the bound,
 * by its own count, it does about as much as before, and a reader of another tenant waits less.
 * With the defaults it is found out how much is enough.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BoundedTempoIT {
  private static final String MANY = "showcase";
  private static final String ONE = "payments";
  private static final int READERS = 48;
  private static final int BOUND = 8;
  private static final int TRACES = 20;

  /** How often it is measured until the reader waits less: on a busy machine anybody may wait. */
  private static final int ATTEMPTS = 3;

  private static final Duration EVERY = Duration.ofMillis(20);
  private static final Duration MEASURED = Duration.ofSeconds(4);
  private static final Duration SOON = Duration.ofSeconds(30);

  /** Looks at all spans and finds none. */
  private static final String NOTHING = "/api/search?q=%7B.none%3D%22x%22%7D";

  private static final String LIMIT = "scopegate_upstream_concurrency_limit";
  private static final String WAITING = "scopegate_upstream_concurrency_queued";
  private static final String DROPPED = "scopegate_upstream_concurrency_dropped_total";
  private static final String QUERIES = "upstream=\"query-frontend\"";

  /** Probes come every ten seconds. */
  private static final Duration ADAPTS = Duration.ofSeconds(60);

  private static final String AT_TEMPO = "tempo_inflight_requests";

  private Cluster cluster;
  private Tempo tempo;
  private GatewayRun gateway;
  private volatile Latencies many = new Latencies();
  private volatile Latencies one = new Latencies();

  @BeforeAll
  void start() {
    Parts.need("tempo");
    cluster = Cluster.shared();
    tempo = Tempo.start();
    gateway = GatewayRun.of(cluster, tempo.ports()).start("bounded");
    store(MANY);
    store(ONE);
  }

  @AfterAll
  void stop() {
    if (gateway != null) { // else the part is missing
      gateway.close();
      tempo.close();
    }
  }

  private void store(String tenant) {
    String token = cluster.token(tenant, "ingest");
    try (Rpc rpc = new Rpc(cluster.ca())) {
      for (int i = 0; i < TRACES; i++) {
        Rpc.Called called =
            rpc.call(
                gateway.ports().otlpGrpc(),
                Collector.EXPORT,
                Collector.thousandSpans(Traces.newId()),
                "authorization",
                "Bearer " + token,
                "x-scope-orgid",
                tenant);
        assertThat(called.status()).isEqualTo(GrpcStatus.OK);
      }
    }
  }

  @Test
  void aTempoGetsNoMoreThanItsBoundAndAnotherTenantItsTurn() throws Exception {
    try (Paced load = new Paced()) {
      for (int i = 0; i < READERS; i++) {
        load.each(Duration.ZERO, reader(MANY)::read);
      }
      load.each(EVERY, reader(ONE)::read);
      Until.holds("Tempo gets more than it is to get", SOON, () -> atTempo() > 2 * BOUND);
      Measured free = measure();

      bound("{initial: " + BOUND + ", max: " + BOUND + ", maxWait: 0s}");
      Until.holds("others wait", SOON, () -> metric(WAITING) > READERS / 2 && atTempo() <= BOUND);
      Measured bounded = measure();
      for (int i = 1; i < ATTEMPTS && bounded.one().compareTo(free.one()) >= 0; i++) {
        bounded = measure();
      }
      String both = "without a bound: " + free + ", with: " + bounded;
      assertThat(bounded.mostAtTempo()).as(both).isLessThanOrEqualTo(BOUND);
      assertThat(bounded.reads()).as(both).isGreaterThan(free.reads() / 2);
      assertThat(bounded.one()).as(both).isLessThan(free.one());

      bound("{maxWait: 0s}");
      Until.holds("the bound is another one", SOON, () -> metric(LIMIT) > 2 * BOUND);
      Until.holds("what is enough is found out", ADAPTS, () -> metric(LIMIT) < READERS / 2);
      assertThat(metric(DROPPED)).isZero();
    }
  }

  private void bound(String concurrency) {
    Path file = gateway.directory().resolve("scopegate.yaml");
    String query = "\"http://127.0.0.1:" + tempo.ports().query() + "\"";
    String text = Scratch.read(file).replaceFirst(", concurrency: \\{[^}]*}", "");
    Scratch.write(file, text.replace(query, query + ", concurrency: " + concurrency));
  }

  /**
   * What was measured for a while.
   *
   * @param reads of the many
   * @param many how long they took
   * @param one how long those of the other tenant took
   * @param mostAtTempo requests at a time, by Tempo's own count
   */
  private record Measured(int reads, Duration many, Duration one, long mostAtTempo) {}

  private Measured measure() {
    many = new Latencies();
    one = new Latencies();
    AtomicLong most = new AtomicLong();
    long end = System.nanoTime() + MEASURED.toNanos();
    while (System.nanoTime() - end < 0) {
      most.accumulateAndGet(atTempo(), Math::max);
      Until.passed(EVERY);
    }
    return new Measured(many.count(), many.p99(), one.p99(), most.get());
  }

  private Reader reader(String tenant) throws IOException {
    return new Reader(tenant);
  }

  /** Asks on a connection of its own; each answer has to be a good one. */
  private final class Reader {
    private final boolean isOne;
    private final KeptAlive connection;
    private final byte[] search;

    Reader(String tenant) throws IOException {
      isOne = tenant.equals(ONE);
      search =
          KeptAlive.get(
              NOTHING,
              "Authorization: Bearer "
                  + cluster.token(tenant, "query")
                  + "\r\nX-Scope-OrgID: "
                  + tenant
                  + "\r\n");
      connection = KeptAlive.connect(gateway.ports().query());
    }

    boolean read() throws IOException {
      long began = System.nanoTime();
      assertThat(connection.status(search)).isEqualTo(200);
      (isOne ? one : many).add(System.nanoTime() - began);
      return true;
    }
  }

  private long metric(String name) {
    String metrics = Http.one(cluster.ca()).get(gateway.admin("/metrics")).text();
    return Metrics.of(metrics).sum(name, QUERIES);
  }

  /** Searches that Tempo has under way. */
  private long atTempo() {
    String metrics =
        Http.one(cluster.ca()).get("http://127.0.0.1:" + tempo.ports().query() + "/metrics").text();
    return Metrics.of(metrics).sum(AT_TEMPO, "route=\"api_search\"");
  }
}
