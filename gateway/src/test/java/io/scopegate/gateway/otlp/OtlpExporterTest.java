package io.scopegate.gateway.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.config.ConfigLoader;
import io.scopegate.config.Secret;
import io.scopegate.gateway.otlp.OtlpCounts.Result;
import io.scopegate.testkit.otlp.OtlpReceiver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Receivers that are slow, away or hostile cost records, and nothing else. */
final class OtlpExporterTest {
  private final OtlpCounts counts = new OtlpCounts();
  private OtlpReceiver receiver;

  @BeforeEach
  void open() throws IOException {
    receiver = OtlpReceiver.open();
  }

  @AfterEach
  void close() {
    receiver.close();
  }

  private static OtlpConfig config(String url, Duration timeout) {
    return new OtlpConfig(
        url,
        "ops",
        Map.of("authorization", Secret.parse("Bearer t")),
        Map.of("deployment.environment", "test"),
        timeout,
        ConfigLoader.defaults(OtlpTlsConfig.class));
  }

  private OtlpExporter start(String url) throws IOException {
    OtlpTls to = new OtlpTls(config(url, Duration.ofMillis(300)));
    return OtlpExporter.start("tracing.otlp", to, OtlpSignal.TRACES, "1.2.3", counts);
  }

  private static byte[] span(int nameLength) {
    return new ProtoBytes(100).text(5, "n".repeat(nameLength), nameLength).toByteArray();
  }

  private static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + 30_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("30 s have passed").isNegative();
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void sendsWhatItIsGivenWithWhoItIsFrom() throws Exception {
    try (OtlpExporter exporter = start(receiver.url() + "/")) {
      exporter.offer(span(3));
      exporter.offer(span(4));
      OtlpReceiver.Request request = receiver.next();
      assertThat(request.path()).isEqualTo("/v1/traces");
      assertThat(request.header("Content-Type")).isEqualTo("application/x-protobuf");
      assertThat(request.header("X-Scope-OrgID")).isEqualTo("ops");
      assertThat(request.header("Authorization")).isEqualTo("Bearer t");
      assertThat(request.header("User-Agent")).isEqualTo("scopegate-otlp/1.2.3");
      assertThat(
              OtlpReceiver.attributes(
                  request.traces().getResourceSpans(0).getResource().getAttributesList()))
          .containsEntry("service.name", "scopegate")
          .containsEntry("service.version", "1.2.3")
          .containsEntry("deployment.environment", "test")
          .containsKey("service.instance.id");
      assertThat(request.traces().getResourceSpans(0).getScopeSpans(0).getScope().getName())
          .isEqualTo("io.scopegate");
    }
    assertThat(receiver.spans()).hasSize(2);
    assertThat(counts.of(Result.EXPORTED)).isEqualTo(2);
  }

  @Test
  void aPathIsTakenAsItIs() throws Exception {
    try (OtlpExporter exporter = start(receiver.url() + "/otlp/in")) {
      exporter.offer(span(3));
      assertThat(receiver.next().path()).isEqualTo("/otlp/in");
    }
  }

  @Test
  void theEndSendsWhatWaits() throws Exception {
    OtlpExporter exporter = start(receiver.url());
    for (int i = 0; i < 2_000; i++) {
      exporter.offer(span(10));
    }
    exporter.close();
    assertThat(receiver.spans()).hasSize(2_000);
    assertThat(counts.of(Result.EXPORTED)).isEqualTo(2_000);
    exporter.offer(span(1));
    assertThat(counts.of(Result.DROPPED)).as("after the end").isEqualTo(1);
  }

  @Test
  void whatIsRefusedForAPassingReasonIsSentAgainWhenItWasAsked() throws Exception {
    receiver.behave(exchange -> {
      receiver.behave(OtlpReceiver.status(200));
      OtlpReceiver.status(503, "Retry-After", "1").answer(exchange);
    });
    try (OtlpExporter exporter = start(receiver.url())) {
      exporter.offer(span(3));
      receiver.next();
      receiver.next();
    }
    assertThat(counts.of(Result.EXPORTED)).isEqualTo(1);
    assertThat(receiver.spans()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "1,'',1000",
    "2,'',2000",
    "5,'',16000",
    "9,'',30000",
    "1,7,7000",
    "1,100000,30000",
    "1,-3,1000",
    "1,soon,1000",
    "2,1,2000"
  })
  void waitsAsLongAsItIsAskedToAndLongerEachTime(int tries, String retryAfter, long millis) {
    assertThat(OtlpExporter.pauseMillis(tries, retryAfter)).isEqualTo(millis);
  }

  @Test
  void whatIsRefusedForGoodIsNotSentAgain() throws Exception {
    receiver.behave(OtlpReceiver.status(400));
    try (OtlpExporter exporter = start(receiver.url())) {
      exporter.offer(span(3));
      until(() -> counts.of(Result.REJECTED) == 1);
      receiver.behave(OtlpReceiver.status(200));
      exporter.offer(span(3));
      until(() -> counts.of(Result.EXPORTED) == 1);
    }
  }

  @Test
  void aPartOfARequestMayBeRefused() throws Exception {
    byte[] partial = new ProtoBytes(16).bytes(1, new byte[] {1 << 3, 2}).toByteArray();
    receiver.behave(exchange -> {
      exchange.sendResponseHeaders(200, partial.length);
      exchange.getResponseBody().write(partial);
    });
    try (OtlpExporter exporter = start(receiver.url())) {
      exporter.offer(span(3));
      exporter.offer(span(3));
      exporter.offer(span(3));
      until(() -> counts.of(Result.EXPORTED) + counts.of(Result.REJECTED) == 3);
    }
    assertThat(counts.of(Result.REJECTED)).isEqualTo(2);
  }

  @Test
  void aReceiverThatNeverAnswersCostsBoundedMemoryAndTheEndDoesNotWaitForIt() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    receiver.behave(exchange -> {
      try {
        end.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    });
    OtlpExporter exporter = start(receiver.url());
    int offered = 4_000;
    for (int i = 0; i < offered; i++) {
      exporter.offer(span(1_000));
    }
    assertThat(counts.of(Result.DROPPED))
        .as("no room for them")
        .isGreaterThan(offered - 512 - OtlpExporter.MOST_WAITING_BYTES / 1_000 - 600);
    long began = System.nanoTime();
    exporter.close();
    assertThat(System.nanoTime() - began).as("ns to end").isLessThan(7_000_000_000L);
    assertThat(counts.of(Result.DROPPED)).isEqualTo(offered);
    end.countDown();
  }

  @Test
  void aReceiverThatAnswersGarbageOrWithoutEndIsAReceiverThatIsAway() throws Exception {
    receiver.behave(exchange -> {
      exchange.sendResponseHeaders(200, 0);
      byte[] block = new byte[64 << 10];
      for (int i = 0; i < 1_000; i++) {
        exchange.getResponseBody().write(block);
      }
    });
    OtlpExporter exporter = start(receiver.url());
    exporter.offer(span(3));
    receiver.next();
    exporter.close();
    assertThat(counts.of(Result.EXPORTED)).isZero();
    assertThat(counts.of(Result.DROPPED)).isEqualTo(1);
  }

  @Test
  void aReceiverThatIsNotThereIsTriedAgain() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    OtlpExporter exporter = start("http://127.0.0.1:" + port);
    exporter.offer(span(3));
    exporter.close();
    assertThat(counts.of(Result.DROPPED)).isEqualTo(1);
  }
}
