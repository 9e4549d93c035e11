package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.scopegate.testkit.tempo.Traces;
import io.vertx.grpc.common.GrpcStatus;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** An application that hands a collector spans of a kilobyte, numbered from one without a gap. */
final class SpanFeed {
  private static final int SPANS = 20;
  private static final int TEXTS = 100;
  private static final String[] WORDS = {
    "select ",
    "from ",
    "where ",
    "orders ",
    "customer_id ",
    "= ",
    "and ",
    "status ",
    "in ",
    "limit "
  };

  private final Rpc rpc;
  private final int port;
  private final Random random = new Random(1);
  private final List<String> texts = Stream.generate(this::text).limit(TEXTS).toList();
  private final AtomicLong spans = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  /** To this port of a collector. */
  SpanFeed(Rpc rpc, int port) {
    this.rpc = rpc;
    this.port = port;
  }

  /** How many spans it has handed over. */
  long spans() {
    return spans.get();
  }

  /** How many bytes of protobuf that were. */
  long bytes() {
    return bytes.get();
  }

  /**
   * Hands over batches, each of which the collector has to take, until these were so many bytes.
   */
  void sendUpTo(long total) {
    while (bytes.get() < total) {
      send(SPANS);
    }
  }

  /** Hands over a batch of so many kilobytes. */
  void send(int kilobytes) {
    ExportTraceServiceRequest batch = batch(kilobytes);
    Rpc.Called called = rpc.callInClearText(port, Collector.EXPORT, batch);
    assertThat(called.status()).isEqualTo(GrpcStatus.OK);
    spans.addAndGet(kilobytes);
    bytes.addAndGet(batch.getSerializedSize());
  }

  private ExportTraceServiceRequest batch(int size) {
    ScopeSpans.Builder scope = ScopeSpans.newBuilder();
    ByteString trace = ByteString.copyFrom(ByteBuffer.allocate(16).putLong(8, 1).array());
    for (long number = spans.get() + 1; number <= spans.get() + size; number++) {
      scope.addSpans(
          Span.newBuilder()
              .setTraceId(trace)
              .setSpanId(
                  ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(number).array()))
              .setName("query")
              .addAttributes(
                  Traces.text("db.query.text", texts.get(random.nextInt(texts.size())))));
    }
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(ResourceSpans.newBuilder().addScopeSpans(scope))
        .build();
  }

  /** Compresses about as well as what applications say of themselves. */
  private String text() {
    StringBuilder text = new StringBuilder();
    while (text.length() < 930) {
      text.append(WORDS[random.nextInt(WORDS.length)]);
    }
    return text.toString();
  }
}
