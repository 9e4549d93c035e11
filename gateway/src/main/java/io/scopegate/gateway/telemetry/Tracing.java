package io.scopegate.gateway.telemetry;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.concurrent.FastThreadLocal;
import io.scopegate.gateway.otlp.OtlpClient;
import io.scopegate.gateway.otlp.OtlpCounts;
import io.scopegate.gateway.otlp.OtlpExporter;
import io.scopegate.gateway.otlp.OtlpSignal;
import io.scopegate.gateway.otlp.OtlpSource;
import io.scopegate.gateway.otlp.OtlpTls;
import io.scopegate.gateway.otlp.ProtoBytes;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Spans of the gateway's own: which requests get one is decided at their head, since the upstream
 * is told it, and once more at the end of those that were refused. For any thread; what it counts
 * and draws is each event loop's own.
 */
public final class Tracing implements OtlpSource {
  private static final int USUAL_BYTES = 1024;
  private static final int MOST_STATE_CHARS = 512;
  private static final int MOST_AUTHORITY_CHARS = 256;
  private static final SecureRandom SEEDS = new SecureRandom();

  /** Ratios go by 56 bits of the trace's id, as samplers of OpenTelemetry do. */
  private static final long RATIO_BITS = (1L << 56) - 1;

  private final TracingConfig config;
  private final OtlpExporter exporter;
  private final LongAdder leftOut;
  private final InstantSource clock;
  private final long threshold;
  private final FastThreadLocal<Lane> lanes =
      new FastThreadLocal<>() {
        @Override
        protected Lane initialValue() {
          return new Lane();
        }
      };

  /** What belongs to one event loop. */
  private final class Lane {
    final SplittableRandom random = new SplittableRandom(SEEDS.nextLong());
    final SecondsBudget spans = new SecondsBudget(config.spansPerSecond());
    final SecondsBudget refusals = new SecondsBudget(config.refusalsPerSecond());
    final SpanEncoder encoder = new SpanEncoder(config.user());
    final ProtoBytes out = new ProtoBytes(USUAL_BYTES);

    long nonZero() {
      long next = random.nextLong();
      return next == 0 ? 1 : next;
    }
  }

  Tracing(TracingConfig config, OtlpExporter exporter, LongAdder leftOut, InstantSource clock) {
    this.config = config;
    this.exporter = exporter;
    this.leftOut = leftOut;
    this.clock = clock;
    this.threshold = (long) (config.ratio() * (RATIO_BITS + 1));
  }

  /**
   * Starts the export.
   *
   * @param to the receiver
   * @param telemetry where spans are counted; {@link Telemetry#traceWith} puts it into force
   */
  public static Tracing start(TracingConfig config, OtlpTls to, Telemetry telemetry) {
    OtlpCounts counts = telemetry.otlp(OtlpSignal.TRACES);
    OtlpExporter exporter =
        OtlpExporter.start("tracing.otlp", to, OtlpSignal.TRACES, telemetry.version(), counts);
    return new Tracing(config, exporter, telemetry.spansLeftOut(), InstantSource.system());
  }

  /** What it goes by. */
  public TracingConfig config() {
    return config;
  }

  /**
   * A request's head arrived; on its event loop.
   *
   * @param head as the client sent it
   * @param nowNanos as {@link System#nanoTime()}
   * @return what is known of its trace; null when it has none
   */
  public @Nullable RequestTrace begin(Http2Headers head, long nowNanos) {
    if (isExport(head)) {
      return RequestTrace.OF_AN_EXPORT;
    }
    TraceParent parent = parent(head);
    if (parent == null && threshold == 0) {
      return null;
    }
    Lane lane = lanes.get();
    TraceParent span = parent == null ? root(lane) : child(lane, parent);
    if (span != null && !lane.spans.takes(nowNanos)) {
      leftOut.increment();
      span = null;
    }
    if (span == null) {
      return parent == null ? null : new RequestTrace(parent, null, "", "");
    }
    return new RequestTrace(
        parent, span, parent == null ? "" : state(head), authority(head.authority()));
  }

  private static boolean isExport(Http2Headers head) {
    CharSequence agent = head.get(HttpHeaderNames.USER_AGENT);
    int length = OtlpClient.AGENT.length();
    return agent != null
        && agent.length() >= length
        && OtlpClient.AGENT.contentEquals(agent.subSequence(0, length));
  }

  /** Two are none, as for any header that must be single. */
  private static @Nullable TraceParent parent(Http2Headers head) {
    Iterator<CharSequence> given = head.valueIterator(RequestTrace.TRACEPARENT);
    if (!given.hasNext()) {
      return null;
    }
    CharSequence first = given.next();
    return given.hasNext() ? null : TraceParent.parse(first);
  }

  private @Nullable TraceParent root(Lane lane) {
    long low = lane.nonZero();
    return (low & RATIO_BITS) < threshold ? fresh(lane, low) : null;
  }

  private static TraceParent fresh(Lane lane, long low) {
    return new TraceParent(
        lane.random.nextLong(), low, lane.nonZero(), TraceParent.SAMPLED | TraceParent.RANDOM);
  }

  private static @Nullable TraceParent child(Lane lane, TraceParent parent) {
    return parent.isSampled()
        ? new TraceParent(
            parent.high(),
            parent.low(),
            lane.nonZero(),
            parent.flags() & (TraceParent.SAMPLED | TraceParent.RANDOM))
        : null;
  }

  private static String state(Http2Headers head) {
    CharSequence state = head.get(RequestTrace.TRACESTATE);
    return state == null || state.length() > MOST_STATE_CHARS ? "" : state.toString();
  }

  private static String authority(@Nullable CharSequence authority) {
    return authority == null || authority.length() > MOST_AUTHORITY_CHARS
        ? ""
        : authority.toString();
  }

  /** A request has ended; on the event loop that it ended on. */
  void finished(RequestRecord t, Outcome outcome) {
    RequestTrace trace = t.trace;
    if (trace == RequestTrace.OF_AN_EXPORT) {
      return;
    }
    if (trace != null && trace.span != null) {
      write(t, trace, trace.parent, outcome);
    } else if (t.refusal != null) {
      refused(t, trace, outcome);
    }
  }

  /** A trace of its own, which names that of the client: that one is not recorded. */
  private void refused(RequestRecord t, @Nullable RequestTrace trace, Outcome outcome) {
    Lane lane = lanes.get();
    if (!lane.refusals.takes(t.endNanos)) {
      leftOut.increment();
      return;
    }
    TraceParent linked = trace == null ? null : trace.parent;
    RequestTrace own = new RequestTrace(linked, fresh(lane, lane.nonZero()), "", "");
    t.trace = own;
    write(t, own, null, outcome);
  }

  private void write(
      RequestRecord t, RequestTrace trace, @Nullable TraceParent parent, Outcome outcome) {
    Lane lane = lanes.get();
    lane.out.clear();
    Instant now = clock.instant();
    long nanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
    lane.encoder.encode(new SpanEncoder.Ended(t, trace, parent, outcome, nanos), lane.out);
    exporter.offer(lane.out.toByteArray());
  }

  @Override
  public void close() {
    exporter.close();
  }
}
