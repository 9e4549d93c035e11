package io.scopegate.gateway.telemetry;

import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.otlp.AttributeKey;
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

  private static final AttributeKey CLIENT_ADDRESS = AttributeKey.of("client.address");
  private static final AttributeKey CLIENT_PORT = AttributeKey.of("client.port");
  private static final AttributeKey ERROR_TYPE = AttributeKey.of("error.type");
  private static final AttributeKey HTTP_REQUEST_BODY_SIZE =
      AttributeKey.of("http.request.body.size");
  private static final AttributeKey HTTP_REQUEST_METHOD = AttributeKey.of("http.request.method");
  private static final AttributeKey HTTP_RESPONSE_BODY_SIZE =
      AttributeKey.of("http.response.body.size");
  private static final AttributeKey HTTP_RESPONSE_STATUS_CODE =
      AttributeKey.of("http.response.status_code");
  private static final AttributeKey HTTP_ROUTE = AttributeKey.of("http.route");
  private static final AttributeKey NETWORK_PROTOCOL_NAME =
      AttributeKey.of("network.protocol.name");
  private static final AttributeKey NETWORK_PROTOCOL_VERSION =
      AttributeKey.of("network.protocol.version");
  private static final AttributeKey RPC_GRPC_STATUS_CODE = AttributeKey.of("rpc.grpc.status_code");
  private static final AttributeKey RPC_METHOD = AttributeKey.of("rpc.method");
  private static final AttributeKey RPC_SERVICE = AttributeKey.of("rpc.service");
  private static final AttributeKey RPC_SYSTEM = AttributeKey.of("rpc.system");
  private static final AttributeKey SCOPEGATE_DETAIL = AttributeKey.of("scopegate.detail");
  private static final AttributeKey SCOPEGATE_LISTENER = AttributeKey.of("scopegate.listener");
  private static final AttributeKey SCOPEGATE_OPERATION = AttributeKey.of("scopegate.operation");
  private static final AttributeKey SCOPEGATE_OUTCOME = AttributeKey.of("scopegate.outcome");
  private static final AttributeKey SCOPEGATE_REFUSAL = AttributeKey.of("scopegate.refusal");
  private static final AttributeKey SCOPEGATE_REQUEST_ID = AttributeKey.of("scopegate.request_id");
  private static final AttributeKey SCOPEGATE_STALE = AttributeKey.of("scopegate.stale");
  private static final AttributeKey SCOPEGATE_STEP = AttributeKey.of("scopegate.step");
  private static final AttributeKey SCOPEGATE_TENANT = AttributeKey.of("scopegate.tenant");
  private static final AttributeKey SCOPEGATE_UPSTREAM = AttributeKey.of("scopegate.upstream");
  private static final AttributeKey SCOPEGATE_UPSTREAM_RETRIES =
      AttributeKey.of("scopegate.upstream.retries");
  private static final AttributeKey SCOPEGATE_UPSTREAM_SERVER =
      AttributeKey.of("scopegate.upstream.server");
  private static final AttributeKey SCOPEGATE_WOULD_LIMIT =
      AttributeKey.of("scopegate.would_limit");
  private static final AttributeKey SCOPEGATE_WOULD_REFUSE =
      AttributeKey.of("scopegate.would_refuse");
  private static final AttributeKey SERVER_ADDRESS = AttributeKey.of("server.address");
  private static final AttributeKey SERVER_PORT = AttributeKey.of("server.port");
  private static final AttributeKey URL_PATH = AttributeKey.of("url.path");
  private static final AttributeKey URL_SCHEME = AttributeKey.of("url.scheme");
  private static final AttributeKey USER_NAME = AttributeKey.of("user.name");

  private final boolean withUser;
  private @Nullable SocketAddress lastServer;
  private String lastServerName = "";

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
      to.text(HTTP_REQUEST_METHOD, method(t));
    }
    to.text(URL_PATH, t.path()).text(URL_SCHEME, t.tls ? "https" : "http");
    Endpoint endpoint = t.endpoint;
    if (endpoint != null && !endpoint.grpc()) {
      to.text(HTTP_ROUTE, endpoint.name());
    }
    if (t.status > 0) {
      to.number(HTTP_RESPONSE_STATUS_CODE, t.status);
    }
    to.number(HTTP_REQUEST_BODY_SIZE, t.bytesIn).number(HTTP_RESPONSE_BODY_SIZE, t.bytesOut);
  }

  private static void rpc(RequestRecord t, Attributes to) {
    Endpoint endpoint = t.endpoint;
    if (endpoint == null || !endpoint.grpc()) {
      return;
    }
    to.text(RPC_SYSTEM, "grpc");
    CharSequence call = t.path();
    int slash = lastIndexOf('/', call);
    if (slash > 1) {
      to.text(RPC_SERVICE, call, 1, slash).text(RPC_METHOD, call, slash + 1, call.length());
    }
    if (t.grpcStatus >= 0) {
      to.number(RPC_GRPC_STATUS_CODE, t.grpcStatus);
    }
  }

  private static void network(RequestRecord t, RequestTrace trace, Attributes to) {
    to.text(NETWORK_PROTOCOL_NAME, "http")
        .text(NETWORK_PROTOCOL_VERSION, t.protocol.equals("HTTP/2") ? "2" : "1.1");
    address(t.client, CLIENT_ADDRESS, CLIENT_PORT, to);
    address(trace.authority, SERVER_ADDRESS, SERVER_PORT, to);
  }

  /** {@code host:port}, {@code [v6]:port} or {@code host}. */
  private static void address(
      CharSequence text, AttributeKey addressKey, AttributeKey portKey, Attributes to) {
    int length = text.length();
    int colon = lastIndexOf(':', text);
    boolean hasPort = colon > lastIndexOf(']', text) && colon + 1 < length;
    int end = hasPort ? colon : length;
    boolean isBracketed = end > 2 && text.charAt(0) == '[' && text.charAt(end - 1) == ']';
    to.text(addressKey, text, isBracketed ? 1 : 0, isBracketed ? end - 1 : end);
    if (hasPort && length - colon <= 6) {
      to.number(portKey, Integer.parseInt(text, colon + 1, length, 10));
    }
  }

  private static int lastIndexOf(char c, CharSequence text) {
    int at = text.length() - 1;
    while (at >= 0 && text.charAt(at) != c) {
      at--;
    }
    return at;
  }

  private void decision(RequestRecord t, Outcome outcome, Attributes to) {
    to.text(SCOPEGATE_REQUEST_ID, t.requestId())
        .text(SCOPEGATE_LISTENER, t.listener)
        .text(SCOPEGATE_TENANT, t.tenant)
        .text(SCOPEGATE_OUTCOME, outcome.label())
        .flag(SCOPEGATE_STALE, t.stale);
    Endpoint endpoint = t.endpoint;
    if (endpoint != null) {
      to.text(SCOPEGATE_OPERATION, endpoint.operation().label());
    }
    if (withUser) {
      to.text(USER_NAME, t.user);
    }
    reason(t.refusal, SCOPEGATE_REFUSAL, to);
    reason(t.waived, SCOPEGATE_WOULD_REFUSE, to);
    reason(t.overLimit, SCOPEGATE_WOULD_LIMIT, to);
    detail(t.refusal != null ? t.refusal : t.waived != null ? t.waived : t.overLimit, to);
  }

  private static void reason(@Nullable Refusal refusal, AttributeKey key, Attributes to) {
    if (refusal != null) {
      to.text(key, refusal.reason().label());
    }
  }

  /** The detail begins with the step that refused, and names the rule or limit. */
  private static void detail(@Nullable Refusal told, Attributes to) {
    if (told != null) {
      String detail = told.detail();
      to.text(SCOPEGATE_DETAIL, detail);
      to.text(SCOPEGATE_STEP, detail.substring(0, Math.max(0, detail.indexOf(": "))));
    }
  }

  private void upstream(RequestRecord t, Attributes to) {
    to.text(SCOPEGATE_UPSTREAM, t.upstream);
    SocketAddress server = t.server;
    if (server != null) {
      to.text(SCOPEGATE_UPSTREAM_SERVER, named(server));
    }
    if (t.retries > 0) {
      to.number(SCOPEGATE_UPSTREAM_RETRIES, t.retries);
    }
  }

  /** Connections stay, and so does what they are called. */
  private String named(SocketAddress server) {
    if (server != lastServer) {
      lastServer = server;
      lastServerName =
          server instanceof InetSocketAddress inet
              ? inet.getHostString() + ":" + inet.getPort()
              : server.toString();
    }
    return lastServerName;
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
    new Attributes(out, ATTRIBUTES).text(ERROR_TYPE, type);
    int status = out.begin(STATUS);
    out.text(2, refusal == null ? "" : refusal.detail(), Attributes.MOST_CHARS).number(3, ERROR);
    out.end(status);
  }
}
