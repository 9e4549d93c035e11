package io.scopegate.gateway.warmup;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.route.Protocol;
import io.scopegate.gateway.warmup.Call.Over;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What the warm-up sends: every way through the gateway that its listeners have, what is common
 * more often. Requests of collectors are mostly gRPC; reads come by HTTP and are streamed by gRPC.
 */
final class Calls {
  /** May do everything with {@link #TENANT} and {@link #MEASURED}. */
  static final String USER = "warm-up";

  /** Has no limits. */
  static final String TENANT = "warm-up";

  /** Has limits that are never reached, so its bodies are measured. */
  static final String MEASURED = "measured";

  /** Is over its limit. */
  static final String LIMITED = "limited";

  /** Nobody may anything here. */
  static final String FORBIDDEN = "forbidden";

  /** Where a request says whose it is. */
  static final String TENANT_HEADER = "x-scope-orgid";

  private static final Set<Protocol> WRITES_CALLS =
      EnumSet.of(
          Protocol.OTLP_GRPC,
          Protocol.JAEGER_GRPC,
          Protocol.OPENCENSUS,
          Protocol.GENERIC_WRITE,
          Protocol.PROXY);
  private static final Set<Protocol> WRITES_HTTP =
      EnumSet.of(
          Protocol.OTLP_HTTP,
          Protocol.ZIPKIN,
          Protocol.JAEGER_THRIFT_HTTP,
          Protocol.GENERIC_WRITE,
          Protocol.PROXY);
  private static final Set<Protocol> READS =
      EnumSet.of(
          Protocol.TEMPO_QUERY, Protocol.TEMPO_OVERRIDES, Protocol.GENERIC_READ, Protocol.PROXY);

  private static final String EXPORT =
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  private static final String SEARCH = "/api/search?q=%7B%7D&start=1700000000&end=1700003600";
  private static final String STREAMED_SEARCH = "/tempopb.StreamingQuerier/Search";
  private static final String PROTOBUF = "application/x-protobuf";
  private static final byte[] NOTHING = {};
  private static final int RESOURCE_EXHAUSTED = 8;

  private final String token;
  private final boolean tls;
  private final boolean clear;
  private final List<Call> all = new ArrayList<>();

  private Calls(String token, boolean clear, boolean tls) {
    this.token = token;
    this.tls = tls;
    this.clear = clear;
  }

  /**
   * All calls, some of them more than once.
   *
   * @param served what the listeners serve
   * @param clear whether any of them takes clear text
   * @param tls whether any of them has TLS
   */
  static List<Call> of(Set<Protocol> served, String token, boolean clear, boolean tls) {
    Calls calls = new Calls(token, clear, tls);
    if (served.stream().anyMatch(WRITES_CALLS::contains)) {
      calls.exportsByGrpc();
    }
    if (served.stream().anyMatch(WRITES_HTTP::contains)) {
      calls.exportsByHttp();
    }
    if (served.stream().anyMatch(READS::contains)) {
      calls.reads();
    }
    return List.copyOf(calls.all);
  }

  /** Those that any client of HTTP/2 may send, and that are let in. */
  static List<Call> ofVisitors(List<Call> all) {
    return all.stream()
        .filter(call -> call.over() == Over.HTTP2 || call.over() == Over.HTTP2_TLS)
        .toList();
  }

  private void exportsByGrpc() {
    byte[] plain = Spans.message(Spans.protobuf(), false);
    byte[] zipped = Spans.message(Spans.gzip(Spans.protobuf()), true);
    for (Over over : ways(Over.HTTP2, Over.HTTP2_TLS)) {
      for (int i = 0; i < 3; i++) {
        call(over, EXPORT, TENANT, plain, 0);
      }
      call(over, EXPORT, MEASURED, plain, 0);
      call(over, EXPORT, MEASURED, zipped, 0).set("grpc-encoding", "gzip");
    }
    call(Over.HTTP2_REFUSED, EXPORT, LIMITED, plain, RESOURCE_EXHAUSTED);
  }

  private void exportsByHttp() {
    for (Over over : ways(Over.HTTP1, Over.HTTP1_TLS)) {
      post(over, TENANT, PROTOBUF, Spans.protobuf());
      post(over, MEASURED, "application/json", Spans.json());
      post(over, MEASURED, PROTOBUF, Spans.gzip(Spans.protobuf())).set("content-encoding", "gzip");
    }
  }

  private void reads() {
    for (Over over : ways(Over.HTTP1, Over.HTTP1_TLS)) {
      request(over, "GET", SEARCH, TENANT, NOTHING, 200);
    }
    for (Over over : ways(Over.HTTP2, Over.HTTP2_TLS)) {
      request(over, "GET", SEARCH, MEASURED, NOTHING, 200);
      call(over, STREAMED_SEARCH, TENANT, Spans.message(NOTHING, false), 0);
    }
    request(Over.HTTP2_REFUSED, "GET", SEARCH, FORBIDDEN, NOTHING, 403);
  }

  /** The second of the two where there is TLS, the first where there is clear text, or both. */
  private List<Over> ways(Over inClear, Over byTls) {
    List<Over> ways = new ArrayList<>();
    if (clear) {
      ways.add(inClear);
    }
    if (tls) {
      ways.add(byTls);
    }
    return ways;
  }

  private Http2Headers call(Over over, String method, String tenant, byte[] message, int status) {
    Http2Headers head = head("POST", method, tenant);
    head.set(HttpHeaderNames.CONTENT_TYPE, "application/grpc").set("te", "trailers");
    all.add(new Call(over, true, head, message, status));
    return head;
  }

  private Http2Headers post(Over over, String tenant, String type, byte[] body) {
    Http2Headers head = request(over, "POST", "/v1/traces", tenant, body, 200);
    return head.set(HttpHeaderNames.CONTENT_TYPE, type)
        .set(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length));
  }

  private Http2Headers request(
      Over over, String method, String path, String tenant, byte[] body, int status) {
    Http2Headers head = head(method, path, tenant);
    all.add(new Call(over, false, head, body, status));
    return head;
  }

  private Http2Headers head(String method, String path, String tenant) {
    return new DefaultHttp2Headers(false)
        .method(method)
        .scheme("http")
        .authority("127.0.0.1")
        .path(path)
        .set(HttpHeaderNames.USER_AGENT, "scopegate-warm-up")
        .set(HttpHeaderNames.AUTHORIZATION, "Bearer " + token)
        .set(TENANT_HEADER, tenant);
  }
}
