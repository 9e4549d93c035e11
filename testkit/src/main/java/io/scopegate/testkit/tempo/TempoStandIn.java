package io.scopegate.testkit.tempo;

import io.scopegate.testkit.Await;
import io.scopegate.testkit.Fault;
import io.scopegate.testkit.Faults;
import io.scopegate.testkit.FaultyServer;
import io.scopegate.testkit.Gate;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A Tempo on loopback: OTLP/gRPC, OTLP/HTTP, Zipkin, Jaeger and OpenCensus, and one query port that
 * serves the HTTP API over HTTP/1.1 and prior-knowledge HTTP/2, and streaming gRPC. Every method
 * may be called from any thread.
 */
public final class TempoStandIn implements AutoCloseable {
  private static final int MAX_HEADER_BYTES = 64 * 1024;
  private static final int MAX_RESETS_PER_MINUTE = 1_000_000;

  private final Vertx vertx;
  private final TempoOptions options;
  private final SpanStore store;
  private final Recorder recorder = new Recorder();
  private final Faults<Surface> faults = new Faults<>(Surface.class);
  private final Gate gate = Gate.opened();
  private final Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
  private final Set<HttpConnection> multiplexed = ConcurrentHashMap.newKeySet();
  private final FaultyServer faulty;
  private final HttpServer otlpGrpc;
  private final HttpServer otlpHttp;
  private final HttpServer zipkin;
  private final HttpServer jaegerThrift;
  private final HttpServer jaegerGrpc;
  private final HttpServer openCensus;
  private final HttpServer query;

  private TempoStandIn(TempoOptions options) {
    this.vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(3));
    this.options = options;
    this.store = new SpanStore(options.maxSpansPerTenant());
    this.faulty = new FaultyServer(vertx);
    Tenants tenants = new Tenants(options.multitenant());
    this.otlpGrpc = listen(options.otlpGrpcPort(), otlpGrpc(tenants));
    this.otlpHttp = listen(options.otlpHttpPort(), otlpHttp(tenants));
    this.zipkin = listen(0, spans(Surface.ZIPKIN, SpansHttp.zipkin(store, tenants)));
    this.jaegerThrift = listen(0, spans(Surface.JAEGER_THRIFT, SpansHttp.jaeger(store, tenants)));
    this.jaegerGrpc =
        listen(0, calls(Surface.JAEGER_GRPC, GrpcServing.jaeger(vertx, tenants, recorder, store)));
    this.openCensus =
        listen(
            0, calls(Surface.OPENCENSUS, GrpcServing.openCensus(vertx, tenants, recorder, store)));
    this.query = listen(options.queryPort(), options.streamOverHttp(), query(tenants));
  }

  /** Starts on free ports. */
  public static TempoStandIn start() {
    return start(TempoOptions.defaults());
  }

  /** Starts with these options; every port accepts connections when this returns. */
  public static TempoStandIn start(TempoOptions options) {
    return new TempoStandIn(options);
  }

  /** Where OTLP/gRPC is accepted. */
  public int otlpGrpcPort() {
    return otlpGrpc.actualPort();
  }

  /** Where OTLP/HTTP is accepted. */
  public int otlpHttpPort() {
    return otlpHttp.actualPort();
  }

  /** Where Zipkin's spans are accepted: any free port, as those of Jaeger and OpenCensus. */
  public int zipkinPort() {
    return zipkin.actualPort();
  }

  /** Where Jaeger's Thrift is accepted over HTTP. */
  public int jaegerThriftPort() {
    return jaegerThrift.actualPort();
  }

  /** Where Jaeger's gRPC is accepted. */
  public int jaegerGrpcPort() {
    return jaegerGrpc.actualPort();
  }

  /** Where OpenCensus is accepted. */
  public int openCensusPort() {
    return openCensus.actualPort();
  }

  /** Where queries are answered, by HTTP and by gRPC. */
  public int queryPort() {
    return query.actualPort();
  }

  /** What has been written. */
  public SpanStore store() {
    return store;
  }

  /** What has been asked. */
  public Recorder received() {
    return recorder;
  }

  /** What goes wrong. */
  public Faults<Surface> faults() {
    return faults;
  }

  /**
   * When the next message of a stream (gRPC search, MCP events) goes out. Open at the start; close
   * it to step by {@link Gate#release}.
   */
  public Gate streaming() {
    return gate;
  }

  /** Closes all connections at once, as a crash does; the ports stay open. */
  public void dropConnections() {
    connections.forEach(HttpConnection::close);
  }

  /** Says GOAWAY on all HTTP/2 connections; streams in flight are still served. */
  public void goAway() {
    multiplexed.forEach(connection -> connection.goAway(0));
  }

  /** How many connections are open. */
  public int connections() {
    return connections.size();
  }

  @Override
  public void close() {
    faults.clear();
    gate.open();
    Await.result(vertx.close());
  }

  private Handler<HttpServerRequest> otlpGrpc(Tenants tenants) {
    return calls(Surface.OTLP_GRPC, GrpcServing.otlp(vertx, tenants, recorder, store));
  }

  private Handler<HttpServerRequest> otlpHttp(Tenants tenants) {
    OtlpHttp serving = new OtlpHttp(store, tenants);
    return request ->
        serve(
            Surface.OTLP_HTTP,
            request,
            (asked, received, fault) -> serving.handle(asked, received));
  }

  private Handler<HttpServerRequest> calls(Surface surface, GrpcServing serving) {
    return request -> serve(surface, request, serving::handle);
  }

  private Handler<HttpServerRequest> spans(Surface surface, SpansHttp serving) {
    return request ->
        serve(surface, request, (asked, received, fault) -> serving.handle(asked, received));
  }

  private Handler<HttpServerRequest> query(Tenants tenants) {
    Queries queries = new Queries(store);
    QueryServer http = new QueryServer(new QueryHttp(queries), tenants, recorder, gate);
    GrpcServing grpc =
        GrpcServing.query(vertx, tenants, recorder, queries, gate, options.tracesPerMessage());
    return request -> {
      if (request.version() == HttpVersion.HTTP_2 && GrpcServing.isGrpc(request)) {
        serve(Surface.QUERY_GRPC, request, grpc::handle);
      } else {
        serve(Surface.QUERY_HTTP, request, http::handle);
      }
    };
  }

  private void serve(Surface surface, HttpServerRequest request, Serving serving) {
    if (request.version() == HttpVersion.HTTP_2) {
      multiplexed.add(request.connection());
    }
    Received received = recorder.add(surface, request);
    request.response().exceptionHandler(gone -> received.cancelledNow());
    Fault fault = faults.next(surface);
    faulty.serve(fault, faults, request, () -> serving.serve(request, received, fault));
  }

  private void forget(HttpConnection connection) {
    connections.remove(connection);
    multiplexed.remove(connection);
  }

  private HttpServer listen(int port, Handler<HttpServerRequest> handler) {
    return listen(port, true, handler);
  }

  private HttpServer listen(int port, boolean http2, Handler<HttpServerRequest> handler) {
    HttpServerOptions server =
        new HttpServerOptions()
            .setHost(options.host())
            .setPort(port)
            .setHttp2ClearTextEnabled(http2)
            .setMaxHeaderSize(MAX_HEADER_BYTES)
            .setHttp2RstFloodMaxRstFramePerWindow(MAX_RESETS_PER_MINUTE);
    server.getInitialSettings().setMaxConcurrentStreams(options.maxConcurrentStreams());
    var certificate = options.certificate();
    if (certificate != null) {
      server.setSsl(true).setUseAlpn(true).setKeyCertOptions(certificate.keyCertOptions());
    }
    return Await.result(
        vertx
            .createHttpServer(server)
            .connectionHandler(connection -> {
              connections.add(connection);
              connection.closeHandler(closed -> forget(connection));
            })
            .requestHandler(handler)
            .listen());
  }

  /** What a healthy server does with a request. */
  private interface Serving {
    void serve(HttpServerRequest request, Received received, Fault fault);
  }
}
