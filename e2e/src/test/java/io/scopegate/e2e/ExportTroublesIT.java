package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.otlp.OtlpReceiver;
import io.scopegate.testkit.tempo.TempoStandIn;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A receiver of spans and log records that fails in each way costs them, and no request. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExportTroublesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PROMPT = Duration.ofSeconds(5);
  private static final String TRACED = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  private static final int SOME = 20;

  /** More than there is room for; each has a record of about a kilobyte. */
  private static final int MANY = 6_000;

  private Cluster cluster;
  private Http http;
  private String token;
  @AutoClose private TempoStandIn tempo;
  @AutoClose private OtlpReceiver receiver;
  @AutoClose private GatewayRun gateway;

  @BeforeAll
  void start() throws IOException {
    cluster = Cluster.shared();
    http = Http.one(cluster.ca());
    token = "Bearer " + cluster.token("showcase", "query");
    tempo = TempoStandIn.start();
    receiver = OtlpReceiver.open();
    String otlp = "otlp: {endpoint: \"" + receiver.url() + "\", timeout: 300ms}";
    gateway =
        GatewayRun.of(
                cluster,
                new GatewayRun.Upstreams(
                    tempo.otlpGrpcPort(), tempo.otlpHttpPort(), tempo.queryPort()))
            .add("tracing: {refusalsPerSecond: 10000, " + otlp + "}")
            .add("log: {access: false, refusedPerSecond: null, " + otlp + "}")
            .add("forwarding: {drain: 1s}")
            .start("export-troubles");
  }

  private void refused() {
    long began = System.nanoTime();
    Http.Reply reply =
        http.get(
            gateway.query("/api/search"),
            "authorization",
            token,
            "x-scope-orgid",
            "payments",
            "traceparent",
            TRACED);
    assertThat(reply.status()).isEqualTo(403);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PROMPT);
  }

  private long records(String signal, String result) {
    return Metrics.of(http.get(gateway.admin("/metrics")).text())
        .sum(
            "scopegate_otlp_records_total",
            "result=\"%s\",signal=\"%s\"".formatted(result, signal));
  }

  private static OtlpReceiver.Behaviour behaviour(String how) {
    return switch (how) {
      case "refuses for good" -> OtlpReceiver.status(400);
      case "is overloaded" -> OtlpReceiver.status(503);
      case "hangs up" ->
          exchange -> {
            throw new IOException("hangs up");
          };
      case "answers garbage without end" ->
          exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] block = new byte[64 << 10];
            for (int i = 0; i < 100; i++) {
              exchange.getResponseBody().write(block);
            }
          };
      default -> throw new IllegalArgumentException(how);
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"refuses for good", "is overloaded", "hangs up", "answers garbage without end"})
  void eachRecordIsExportedOrCounted(String how) throws InterruptedException {
    boolean isForGood = how.equals("refuses for good");
    String result = isForGood ? "rejected" : "exported";
    long logs = records("logs", result);
    long traces = records("traces", result);
    receiver.behave(behaviour(how));
    for (int i = 0; i < SOME; i++) {
      refused();
    }
    receiver.next();
    receiver.next();
    if (!isForGood) {
      receiver.behave(OtlpReceiver.status(200)); // it is well again
    }
    Until.holds(
        "all are " + result,
        PATIENCE,
        () -> records("logs", result) == logs + SOME && records("traces", result) == traces + SOME);
    receiver.behave(OtlpReceiver.status(200));
  }

  @Test
  void oneThatNeverAnswersCostsRecordsAndNeitherRequestsNorTheEnd() {
    CountDownLatch end = new CountDownLatch(1);
    receiver.behave(exchange -> {
      try {
        end.await(2, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    });
    try {
      int asked = 0;
      while (asked < MANY
          && Math.min(records("logs", "dropped"), records("traces", "dropped")) == 0) {
        for (int i = 0; i < 100; i++) {
          refused();
        }
        asked += 100;
      }
      assertThat(records("logs", "dropped")).as("log records after %s", asked).isPositive();
      assertThat(records("traces", "dropped")).as("spans after %s", asked).isPositive();
    } finally {
      end.countDown();
    }
  }
}
