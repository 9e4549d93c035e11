package io.scopegate.e2e.hostile;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.scopegate.e2e.KeptAlive;
import io.scopegate.e2e.Rpc;
import io.scopegate.e2e.Until;
import io.vertx.grpc.common.GrpcStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A collector that sends numbered spans, and again what it is told to try again. It drops what is
 * refused for good, and what has not gone through in 20 s, as a queue does that is full.
 */
final class Collector implements AutoCloseable {
  private static final String EXPORT = "opentelemetry.proto.collector.trace.v1.TraceService/Export";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final int ANSWER_SECONDS = 30;
  private static final int SPANS = 5;

  private final Target target;
  private final Rpc rpc;
  private final String[] headers;
  private final AtomicLong numbers;
  private final Set<Long> sent = ConcurrentHashMap.newKeySet();
  private volatile boolean givesUp;
  private @Nullable KeptAlive http;

  Collector(Target target, Rpc rpc) {
    this.target = target;
    this.rpc = rpc;
    this.numbers = new AtomicLong(System.nanoTime());
    this.headers =
        new String[] {
          "authorization",
          "Bearer " + target.around().honestToken(),
          "x-scope-orgid",
          Surroundings.HONEST
        };
  }

  void exportByGrpc() throws Exception {
    List<Long> batch = batch();
    ExportTraceServiceRequest request = request(batch);
    untilTaken(batch, () -> answer(request));
  }

  void exportByHttp() throws Exception {
    List<Long> batch = batch();
    byte[] request = http(request(batch).toByteArray());
    untilTaken(batch, () -> answer(request));
  }

  private Verdict answer(ExportTraceServiceRequest request) throws Exception {
    GrpcStatus status =
        rpc.start(target.port(Listener.OTLP_GRPC), EXPORT, request, headers)
            .toCompletionStage()
            .toCompletableFuture()
            .get(ANSWER_SECONDS, TimeUnit.SECONDS)
            .status();
    return switch (status) {
      case OK -> Verdict.TAKEN;
      case UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, CANCELLED -> Verdict.AGAIN;
      default -> throw new IOException("dropped: " + status);
    };
  }

  private Verdict answer(byte[] request) throws IOException {
    try {
      KeptAlive connection = http;
      if (connection == null) {
        connection = KeptAlive.connect(target.port(Listener.OTLP_HTTP));
        http = connection;
      }
      int status = connection.status(request);
      return switch (status) {
        case 200 -> Verdict.TAKEN;
        case 429, 502, 503, 504 -> Verdict.AGAIN;
        default -> throw new IllegalStateException("dropped: " + status);
      };
    } catch (IOException e) {
      disconnect();
      throw e;
    }
  }

  private void untilTaken(List<Long> batch, Try attempt) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Verdict verdict = Verdict.AGAIN;
    Exception last = null;
    while (verdict != Verdict.TAKEN) {
      if (givesUp) {
        return;
      }
      if (System.nanoTime() - end > 0) {
        throw new IOException("dropped, not taken within " + PATIENCE, last);
      }
      try {
        verdict = attempt.run();
      } catch (IOException | ExecutionException e) {
        last = e; // the connection is gone: a collector makes another
      }
      if (verdict != Verdict.TAKEN) {
        Until.passed(PAUSE);
      }
    }
    sent.addAll(batch);
  }

  /** The spans that were taken and have not arrived. */
  List<Long> lost() {
    List<Long> missing = new ArrayList<>(sent);
    missing.removeAll(target.around().ledger().of(Surroundings.HONEST).spans());
    return missing;
  }

  /** Ends what it tries again and again. */
  void giveUp() {
    givesUp = true;
  }

  private List<Long> batch() {
    List<Long> batch = new ArrayList<>();
    for (int i = 0; i < SPANS; i++) {
      batch.add(numbers.incrementAndGet());
    }
    return batch;
  }

  private static ExportTraceServiceRequest request(List<Long> batch) {
    ScopeSpans.Builder scope = ScopeSpans.newBuilder();
    ByteString trace = ByteString.copyFrom(ByteBuffer.allocate(16).putLong(8, 1).array());
    for (long number : batch) {
      ByteString id = ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
      scope.addSpans(Span.newBuilder().setTraceId(trace).setSpanId(id).setName("charge"));
    }
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(ResourceSpans.newBuilder().addScopeSpans(scope))
        .build();
  }

  private byte[] http(byte[] body) {
    String head =
        "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nX-Scope-OrgID: %s\r\n"
                .formatted(headers[1], headers[3])
            + "Content-Type: application/x-protobuf\r\nContent-Length: %d\r\n\r\n"
                .formatted(body.length);
    return ByteBuffer.allocate(head.length() + body.length)
        .put(head.getBytes(StandardCharsets.ISO_8859_1))
        .put(body)
        .array();
  }

  private void disconnect() throws IOException {
    KeptAlive connection = http;
    if (connection != null) {
      connection.close();
      http = null;
    }
  }

  @Override
  public void close() {
    try {
      disconnect();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private enum Verdict {
    TAKEN,
    AGAIN
  }

  private interface Try {
    Verdict run() throws Exception;
  }
}
