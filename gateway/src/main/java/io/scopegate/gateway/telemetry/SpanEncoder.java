package io.scopegate.gateway.telemetry;

import io.netty.util.AsciiString;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.otlp.Attributes;
import io.scopegate.gateway.otlp.ProtoBytes;
import io.scopegate.gateway.route.Endpoint;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the span of a request, with what was decided about it; for one thread. Names are those of
 * OpenTelemetry's conventions where there are some, and begin with {@code scopegate.} otherwise;
 * {@code docs/reference/tracing.md} lists them, and a test compares that page with this class.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/http/http-spans/">HTTP spans</a>
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/rpc/grpc/">gRPC spans</a>
 * @see <a
 *     href="https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto">Span</a>
 */
final class SpanEncoder {
  private static final int TRACE_ID = 1;
  private static final int SPAN_ID = 2;
  private static final int STATE = 3;
  private static final int PARENT_ID = 4;
  private static final int NAME = 5;
  private static final int KIND = 6;
  private static final int START = 7;
  private static final int END = 8;
  private static final int ATTRIBUTES = 9;
  private static final int LINKS = 13;
  private static final int STATUS = 15;
  private static final int FLAGS = 16;

  private static final int SERVER = 2;
  private static final int ERROR = 2;

  /** Whether the parent came over the wire is known, and it did. */
  private static final int REMOTE_PARENT = 0x300;

  /** Whether the parent came over the wire is known, and there is none that did. */
  private static final int NO_REMOTE_PARENT = 0x100;

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");
  private static final String OTHER = "_OTHER";

  /** UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE and DATA_LOSS. */
  private static final Set<Integer> GRPC_ERRORS = Set.of(2, 4, 12, 13, 14, 15);

  private final boolean withUser;

  /**
   * Writes spans.
   *
   * @param withUser whether they name the caller
   */
  SpanEncoder(boolean withUser) {
    this.withUser = withUser;
  }

  /**
   * A request that has ended.
   *
   * @param trace with the span that is written
   * @param parent the span that is its parent; null when it has none, and then that of the trace is
   *     only named
   * @param endNanos when it ended, in nanoseconds since the epoch
   */
  record Ended(
      RequestRecord record,
      RequestTrace trace,
      @Nullable TraceParent parent,
      Outcome outcome,
      long endNanos) {
    long startNanos() {
      return endNanos - Math.max(0, record.endNanos - record.startNanos);
    }
  }

  void encode(Ended ended, ProtoBytes out) {
    TraceParent span = ended.trace.span;
    if (span == null) {
      throw new IllegalArgumentException("span: null (expected: a trace that is recorded)");
    }
    RequestRecord t = ended.record;
    out.id(TRACE_ID, span.high(), span.low()).id(SPAN_ID, span.span());
    if (ended.parent != null) {
      if (!ended.trace.state.isEmpty()) {
        out.text(STATE, ended.trace.state, Attributes.MOST_CHARS);
      }
      out.id(PARENT_ID, ended.parent.span());
    }
    out.text(NAME, name(t), Attributes.MOST_CHARS)
        .number(KIND, SERVER)
        .fixed64(START, ended.startNanos())
        .fixed64(END, ended.endNanos);
    Attributes attributes = new Attributes(out, ATTRIBUTES);
    http(t, attributes);
    rpc(t, attributes);
    network(t, ended.trace, attributes);
    decision(t, ended.outcome, attributes);
    upstream(t, attributes);
    link(ended, out);
    status(t, out);
    int remote = ended.parent == null ? NO_REMOTE_PARENT : REMOTE_PARENT;
    out.fixed32(FLAGS, span.flags() | remote);
  }

  /** Of few different values: what the client sent is not in it. */
  private static String name(RequestRecord t) {
    Endpoint endpoint = t.endpoint;
    String method = method(t);
    if (endpoint == null) {
      return method.equals(OTHER) ? "HTTP" : method;
    }
    return endpoint.grpc() ? endpoint.name() : method + " " + endpoint.name();
  }

  private static String method(RequestRecord t) {
    String method = t.method().toString();
    return METHODS.contains(method) ? method : OTHER;
  }

  private static void http(RequestRecord t, Attributes to) {
    if (t.method().length() > 0) {
      to.text("http.request.method", method(t));
    }
    to.text("url.path", t.path()).text("url.scheme", t.tls ? "https" : "http");
    Endpoint endpoint = t.endpoint;
    if (endpoint != null && !endpoint.grpc()) {
      to.text("http.route", endpoint.name());
    }
    if (t.status > 0) {
      to.number("http.response.status_code", t.status);
    }
    to.number("http.request.body.size", t.bytesIn).number("http.response.body.size", t.bytesOut);
  }

  private static void rpc(RequestRecord t, Attributes to) {
    Endpoint endpoint = t.endpoint;
    if (endpoint == null || !endpoint.grpc()) {
      return;
    }
    to.text("rpc.system", "grpc");
    String call = t.path().toString();
    int slash = call.lastIndexOf('/');
    if (slash > 1) {
      to.text("rpc.service", call.substring(1, slash))
          .text("rpc.method", call.substring(slash + 1));
    }
    if (t.grpcStatus >= 0) {
      to.number("rpc.grpc.status_code", t.grpcStatus);
    }
  }

  private static void network(RequestRecord t, RequestTrace trace, Attributes to) {
    to.text("network.protocol.name", "http")
        .text("network.protocol.version", t.protocol.equals("HTTP/2") ? "2" : "1.1");
    address(t.client, "client.address", "client.port", to);
    address(trace.authority, "server.address", "server.port", to);
  }

  /** {@code host:port}, {@code [v6]:port} or {@code host}. */
  private static void address(String text, String addressKey, String portKey, Attributes to) {
    int colon = text.lastIndexOf(':');
    boolean hasPort = colon > text.lastIndexOf(']') && colon + 1 < text.length();
    String host = hasPort ? text.substring(0, colon) : text;
    boolean isBracketed = host.startsWith("[") && host.endsWith("]") && host.length() > 2;
    to.text(addressKey, isBracketed ? host.substring(1, host.length() - 1) : host);
    if (hasPort && text.length() - colon <= 6) {
      int port = AsciiString.of(text).parseInt(colon + 1, text.length());
      to.number(portKey, port);
    }
  }

  private void decision(RequestRecord t, Outcome outcome, Attributes to) {
    to.text("scopegate.request_id", t.requestId())
        .text("scopegate.listener", t.listener)
        .text("scopegate.tenant", t.tenant)
        .text("scopegate.outcome", outcome.label())
        .flag("scopegate.stale", t.stale);
    Endpoint endpoint = t.endpoint;
    if (endpoint != null) {
      to.text("scopegate.operation", endpoint.operation().label());
    }
    if (withUser) {
      to.text("user.name", t.user);
    }
    reason(t.refusal, "scopegate.refusal", to);
    reason(t.waived, "scopegate.would_refuse", to);
    reason(t.overLimit, "scopegate.would_limit", to);
    detail(t.refusal != null ? t.refusal : t.waived != null ? t.waived : t.overLimit, to);
  }

  private static void reason(@Nullable Refusal refusal, String key, Attributes to) {
    if (refusal != null) {
      to.text(key, refusal.reason().label());
    }
  }

  /** The detail begins with the step that refused, and names the rule or limit. */
  private static void detail(@Nullable Refusal told, Attributes to) {
    if (told != null) {
      String detail = told.detail();
      to.text("scopegate.detail", detail);
      to.text("scopegate.step", detail.substring(0, Math.max(0, detail.indexOf(": "))));
    }
  }

  private static void upstream(RequestRecord t, Attributes to) {
    to.text("scopegate.upstream", t.upstream);
    SocketAddress server = t.server;
    if (server instanceof InetSocketAddress inet) {
      to.text("scopegate.upstream.server", inet.getHostString() + ":" + inet.getPort());
    } else if (server != null) {
      to.text("scopegate.upstream.server", server.toString());
    }
    if (t.retries > 0) {
      to.number("scopegate.upstream.retries", t.retries);
    }
  }

  private static void link(Ended ended, ProtoBytes out) {
    TraceParent client = ended.trace.parent;
    if (client != null && ended.parent == null) {
      int link = out.begin(LINKS);
      out.id(1, client.high(), client.low()).id(2, client.span());
      out.fixed32(6, client.flags() & 0xff | REMOTE_PARENT);
      out.end(link);
    }
  }

  /** Of a server's span what the client did wrong is no error. */
  private static void status(RequestRecord t, ProtoBytes out) {
    boolean isError =
        t.aborted || (t.grpcStatus > 0 ? GRPC_ERRORS.contains(t.grpcStatus) : t.status >= 500);
    if (!isError) {
      return;
    }
    Refusal refusal = t.refusal;
    String type =
        refusal != null
            ? refusal.reason().label()
            : t.aborted ? "aborted" : Integer.toString(t.grpcStatus > 0 ? t.grpcStatus : t.status);
    new Attributes(out, ATTRIBUTES).text("error.type", type);
    int status = out.begin(STATUS);
    out.text(2, refusal == null ? "" : refusal.detail(), Attributes.MOST_CHARS).number(3, ERROR);
    out.end(status);
  }
}
