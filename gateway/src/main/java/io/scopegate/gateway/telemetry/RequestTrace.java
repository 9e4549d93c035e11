package io.scopegate.gateway.telemetry;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
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

  /** What the client sent; null when it sent none. */
  final @Nullable TraceParent parent;

  /** The gateway's own span; null when the request gets none. */
  final @Nullable TraceParent span;

  /** The {@code tracestate} that belongs to the parent; empty when there is none. */
  final String state;

  /** The host that the request names; empty when it names none, or gets no span. */
  final CharSequence authority;

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

  /** Whether it gets a span whatever becomes of it. */
  public boolean isRecorded() {
    return span != null;
  }

  /**
   * Makes the gateway's span the parent of what the upstream records. Without a span the head stays
   * as it came.
   */
  public void writeTo(Http2Headers head) {
    TraceParent own = span;
    if (own == null) {
      return;
    }
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
