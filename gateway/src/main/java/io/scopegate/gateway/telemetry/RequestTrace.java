package io.scopegate.gateway.telemetry;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The trace of a request: that of its client, or one that begins here. Only while tracing is on,
 * and only of requests that have one.
 */
public final class RequestTrace {
  static final AsciiString TRACEPARENT = AsciiString.cached("traceparent");
  static final AsciiString TRACESTATE = AsciiString.cached("tracestate");

  /** An export of a gateway: it gets no span, whatever becomes of it. */
  static final RequestTrace OF_AN_EXPORT = new RequestTrace(null, null, "", "");

  /** It was to begin a trace, and there are too many: it gets no span, if it is not refused. */
  static final RequestTrace MISSED = new RequestTrace(null, null, "", "");

  /** What the client sent; null when it sent none. */
  final @Nullable TraceParent parent;

  /** The gateway's own span, written once the request is forwarded; null when it gets none. */
  final @Nullable TraceParent span;

  /** The {@code tracestate} that belongs to the parent; empty when there is none. */
  final String state;

  /** The host that the request names; empty when it names none, or gets no span. */
  final CharSequence authority;

  private boolean forwarded;

  RequestTrace(
      @Nullable TraceParent parent,
      @Nullable TraceParent span,
      String state,
      CharSequence authority) {
    this.parent = parent;
    this.span = span;
    this.state = state;
    this.authority = authority;
  }

  /** Whether it would get a span if there were any number of them. */
  boolean isWanted() {
    return span != null || this == MISSED || parent != null && parent.isSampled();
  }

  /** Whether it was forwarded with its span. */
  boolean isForwarded() {
    return forwarded;
  }

  /** The same, of a request that gets no span; null when nothing is left. */
  @Nullable RequestTrace withoutSpan() {
    if (span == null && parent != null) {
      return this;
    }
    return parent == null ? null : new RequestTrace(parent, null, "", "");
  }

  /** It is forwarded: makes the gateway's span the parent of what the upstream records. */
  void forwardedBy(Http2Headers head) {
    TraceParent own = Objects.requireNonNull(span, "span");
    forwarded = true;
    head.set(TRACEPARENT, own.text());
    if (parent == null) { // its state would be that of another trace
      head.remove(TRACESTATE);
    }
  }

  /** The client's span, or else the gateway's; null for none. */
  @Nullable TraceParent known() {
    return parent != null ? parent : span;
  }

  /** The id of the client's trace, or else of the one that begins here, in 32 digits; or empty. */
  String traceId() {
    TraceParent known = known();
    return known == null ? "" : TraceParent.traceId(known.high(), known.low());
  }
}
