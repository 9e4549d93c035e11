package io.scopegate.testkit.tempo;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** The distributor's receivers of Zipkin's and of Jaeger's spans over HTTP. */
final class SpansHttp {
  private final SpanStore store;
  private final Tenants tenants;
  private final Set<String> paths;
  private final Decoder decoder;

  private SpansHttp(SpanStore store, Tenants tenants, Set<String> paths, Decoder decoder) {
    this.store = store;
    this.tenants = tenants;
    this.paths = paths;
    this.decoder = decoder;
  }

  /** Zipkin's. */
  static SpansHttp zipkin(SpanStore store, Tenants tenants) {
    return new SpansHttp(
        store, tenants, Set.of("/api/v2/spans", "/api/v1/spans", "/spans"), Zipkin::read);
  }

  /** Jaeger's, which takes Thrift only. */
  static SpansHttp jaeger(SpanStore store, Tenants tenants) {
    return new SpansHttp(store, tenants, Set.of("/api/traces"), SpansHttp::jaeger);
  }

  private static List<PlainSpan> jaeger(String path, String contentType, byte[] body) {
    if (!Set.of("application/x-thrift", "application/vnd.apache.thrift.binary")
        .contains(contentType)) {
      throw new IllegalArgumentException("unsupported content type");
    }
    return Jaeger.thrift(body);
  }

  void handle(HttpServerRequest request, Received received) {
    request.exceptionHandler(gone -> received.cancelledNow());
    if (!paths.contains(received.path())) {
      answer(request, received, 404, "404 page not found");
    } else if (request.method() != HttpMethod.POST) {
      answer(request, received, 405, "method not allowed");
    } else {
      request
          .body()
          .onSuccess(body -> {
            received.bodyBytes(body.length());
            received.end();
            store(request, received, body);
          });
    }
  }

  private void store(HttpServerRequest request, Received received, Buffer body) {
    String tenant;
    try {
      tenant = Tenants.one(tenants.ofHttp(received.header(Tenants.HEADER)));
    } catch (IllegalArgumentException e) {
      answer(request, received, 500, String.valueOf(e.getMessage()));
      return;
    }
    received.tenant(tenant);
    try {
      byte[] bytes = body.getBytes();
      if ("gzip".equals(request.getHeader("content-encoding"))) {
        bytes = Otlp.gunzip(bytes);
      }
      String type = request.getHeader("content-type");
      List<PlainSpan> spans = decoder.read(received.path(), type == null ? "" : type, bytes);
      store.add(tenant, spans.stream().map(PlainSpan::toOtlp).toList());
    } catch (IOException | DecodeException | IllegalArgumentException | ClassCastException e) {
      answer(request, received, 400, String.valueOf(e.getMessage()));
      return;
    }
    answer(request, received, 202, "");
  }

  private static void answer(
      HttpServerRequest request, Received received, int status, String text) {
    HttpServerResponse response = request.response();
    response
        .setStatusCode(status)
        .putHeader("content-type", "text/plain")
        .end(text)
        .onSuccess(sent -> received.answeredNow())
        .onFailure(gone -> received.cancelledNow());
  }

  /** Makes spans of a body. */
  private interface Decoder {
    List<PlainSpan> read(String path, String contentType, byte[] body);
  }
}
