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
 * Spans of the gateway's own: which requests get one is decided before they are forwarded, since
 * the upstream is told it, and at the end of those that were refused. Nothing is taken from what
 * tenants share before it is known whose a request is. For any thread; what it counts and draws is
 * each event loop's own.
 */
public final class Tracing implements OtlpSource {
  private static final int USUAL_BYTES = 1024;
  private static final int MOST_STATE_CHARS = 512;
  private static final int MOST_AUTHORITY_CHARS = 256;
  private static final String AGENT = OtlpClient.AGENT;
  private static final String FEDERATED = "|";
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
    final FairSeconds spans = new FairSeconds(config.spansPerSecond());
    final FairSeconds refusals = new FairSeconds(config.refusalsPerSecond());
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
   * @return what is known of its trace, with the span that it may get; null when it has none
   */
  public @Nullable RequestTrace begin(Http2Headers head, long nowNanos) {
    if (isExport(head)) {
      return RequestTrace.OF_AN_EXPORT;
    }
    TraceParent parent = parent(head);
    return parent == null ? root(head, nowNanos) : child(head, parent, nowNanos);
  }

  /**
   * A request is forwarded: it gets its span, unless its tenant has had its share; on its event
   * loop.
   *
   * @param t with the trace that began, and its tenant
   * @param head what is sent upstream
   */
  public void forwarded(RequestRecord t, Http2Headers head) {
    RequestTrace trace = t.trace;
    if (trace == null || !trace.isWanted()) {
      return;
    }
    FairSeconds spans = lanes.get().spans;
    if (trace.span == null) {
      spans.misses(owner(t.tenant), t.startNanos);
    } else if (spans.takes(owner(t.tenant), t.startNanos)) {
      trace.forwardedBy(head);
      return;
    }
    leftOut.increment();
    t.trace = trace.withoutSpan();
  }

  /** With a few rights there are many combinations of tenants: they are one. */
  private static String owner(String tenant) {
    return tenant.indexOf('|') >= 0 ? FEDERATED : tenant;
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
    if ((low & RATIO_BITS) >= threshold) {
      return null;
    }
    return lane.spans.isSpent(nowNanos)
        ? RequestTrace.MISSED
        : new RequestTrace(null, fresh(lane, low), "", authority(head));
  }

  private RequestTrace child(Http2Headers head, TraceParent parent, long nowNanos) {
    Lane lane = lanes.get();
    return parent.isSampled() && !lane.spans.isSpent(nowNanos)
        ? new RequestTrace(parent, parent.child(lane.nonZero()), state(head), authority(head))
        : new RequestTrace(parent, null, "", "");
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
    if (trace != null && trace.isForwarded()) {
      write(t, trace, trace.parent, outcome);
    } else {
      ended(t, trace, outcome);
    }
  }

  /** Without having been forwarded: only a refusal is recorded. */
  private void ended(RequestRecord t, @Nullable RequestTrace trace, Outcome outcome) {
    t.trace = trace == null ? null : trace.withoutSpan();
    if (t.refusal == null) {
      return;
    }
    Lane lane = lanes.get();
    if (!lane.refusals.takes(t.user, t.endNanos)) {
      leftOut.increment();
      return;
    }
    RequestTrace joined = t.user.isEmpty() ? null : joined(trace, lane);
    RequestTrace own = joined == null ? begun(trace, lane) : joined;
    t.trace = own;
    write(t, own, joined == null ? null : joined.parent, outcome);
  }

  /** A part of the client's trace; null when there is none, or it is not recorded. */
  private static @Nullable RequestTrace joined(@Nullable RequestTrace trace, Lane lane) {
    TraceParent parent = trace == null ? null : trace.parent;
    if (trace == null || parent == null || !parent.isSampled()) {
      return null;
    }
    return trace.span != null
        ? trace
        : new RequestTrace(parent, parent.child(lane.nonZero()), "", "");
  }

  /**
   * A trace of its own, which names that of the client: that one is not recorded, or the client is
   * not known. Nobody writes into a trace whose id is all that he has.
   */
  private static RequestTrace begun(@Nullable RequestTrace trace, Lane lane) {
    if (trace != null && trace.parent == null && trace.span != null) {
      return trace;
    }
    TraceParent linked = trace == null ? null : trace.parent;
    return new RequestTrace(linked, fresh(lane, lane.nonZero()), "", "");
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
