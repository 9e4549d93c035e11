package io.scopegate.gateway.telemetry;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
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
  private static final String AGENT = OtlpClient.AGENT;
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
    return parent == null ? root(head, nowNanos) : child(head, parent, nowNanos);
  }

  private static boolean isExport(Http2Headers head) {
    CharSequence agent = head.get(HttpHeaderNames.USER_AGENT);
    return agent != null
        && agent.length() >= AGENT.length()
        && agent.charAt(0) == AGENT.charAt(0) // nearly all that are as long differ here
        && AsciiString.regionMatches(agent, false, 0, AGENT, 0, AGENT.length());
  }

  /** Two are none, as for any header that must be single. */
  private static @Nullable TraceParent parent(Http2Headers head) {
    CharSequence first = head.get(RequestTrace.TRACEPARENT);
    if (first == null) {
      return null;
    }
    Iterator<CharSequence> given = head.valueIterator(RequestTrace.TRACEPARENT);
    given.next();
    return given.hasNext() ? null : TraceParent.parse(first);
  }

  /** While there are too many, nothing is made for those that get none. */
  private @Nullable RequestTrace root(Http2Headers head, long nowNanos) {
    if (threshold == 0) {
      return null;
    }
    Lane lane = lanes.get();
    long low = lane.nonZero();
    boolean chosen = (low & RATIO_BITS) < threshold && takes(lane, nowNanos);
    return chosen ? new RequestTrace(null, fresh(lane, low), "", authority(head)) : null;
  }

  private RequestTrace child(Http2Headers head, TraceParent parent, long nowNanos) {
    Lane lane = lanes.get();
    return parent.isSampled() && takes(lane, nowNanos)
        ? new RequestTrace(parent, parent.child(lane.nonZero()), state(head), authority(head))
        : new RequestTrace(parent, null, "", "");
  }

  private boolean takes(Lane lane, long nowNanos) {
    boolean one = lane.spans.takes(nowNanos);
    if (!one) {
      leftOut.increment();
    }
    return one;
  }

  private static TraceParent fresh(Lane lane, long low) {
    return new TraceParent(
        lane.random.nextLong(), low, lane.nonZero(), TraceParent.SAMPLED | TraceParent.RANDOM);
  }

  private static String state(Http2Headers head) {
    CharSequence state = head.get(RequestTrace.TRACESTATE);
    return state == null || state.length() > MOST_STATE_CHARS ? "" : state.toString();
  }

  private static CharSequence authority(Http2Headers head) {
    CharSequence authority = head.authority();
    return authority == null || authority.length() > MOST_AUTHORITY_CHARS ? "" : authority;
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
