package io.scopegate.testkit.tempo;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import java.io.IOException;

/** The distributor's OTLP/HTTP receiver. */
final class OtlpHttp {
  private static final String PROTOBUF = "application/x-protobuf";
  private static final String JSON = "application/json";

  private final SpanStore store;
  private final Tenants tenants;

  OtlpHttp(SpanStore store, Tenants tenants) {
    this.store = store;
    this.tenants = tenants;
  }

  void handle(HttpServerRequest request, Received received) {
    request.exceptionHandler(gone -> received.cancelledNow());
    if (!received.path().equals("/v1/traces")) {
      answer(request, received, 404, "text/plain", Buffer.buffer("404 page not found"));
    } else if (request.method() != HttpMethod.POST) {
      answer(request, received, 405, "text/plain", Buffer.buffer("method not allowed"));
    } else {
      request
          .body()
          .onSuccess(body -> {
            received.bodyBytes(body.length());
            received.end();
            export(request, received, body);
          });
    }
  }

  private void export(HttpServerRequest request, Received received, Buffer body) {
    String type = contentType(request);
    if (!type.equals(PROTOBUF) && !type.equals(JSON)) {
      Buffer text = Buffer.buffer("unsupported media type");
      answer(request, received, 415, "text/plain", text);
      return;
    }
    String tenant;
    try {
      tenant = Tenants.one(tenants.ofHttp(received.header(Tenants.HEADER)));
    } catch (IllegalArgumentException e) {
      // Retryable, as Tempo has it: which is why a gateway must never forward such a request.
      answer(request, received, 503, "text/plain", Buffer.buffer(e.getMessage()));
      return;
    }
    received.tenant(tenant);
    try {
      store.add(tenant, decode(request, type, body).getResourceSpansList());
    } catch (IOException | DecodeException | IllegalArgumentException e) {
      answer(request, received, 400, "text/plain", Buffer.buffer(String.valueOf(e.getMessage())));
      return;
    }
    answer(request, received, 200, type, accepted(type));
  }

  private static ExportTraceServiceRequest decode(
      HttpServerRequest request, String type, Buffer body) throws IOException {
    byte[] bytes = body.getBytes();
    if ("gzip".equals(request.getHeader("content-encoding"))) {
      bytes = Otlp.gunzip(bytes);
    }
    try {
      return type.equals(JSON) ? Otlp.json(bytes) : Otlp.protobuf(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("not an ExportTraceServiceRequest", e);
    }
  }

  private static Buffer accepted(String type) {
    return type.equals(JSON)
        ? Buffer.buffer("{\"partialSuccess\":{}}")
        : Buffer.buffer(ExportTraceServiceResponse.getDefaultInstance().toByteArray());
  }

  private static String contentType(HttpServerRequest request) {
    String header = request.getHeader("content-type");
    if (header == null) {
      return "";
    }
    int parameters = header.indexOf(';');
    return (parameters < 0 ? header : header.substring(0, parameters)).strip();
  }

  private static void answer(
      HttpServerRequest request, Received received, int status, String type, Buffer body) {
    HttpServerResponse response = request.response();
    response
        .setStatusCode(status)
        .putHeader("content-type", type)
        .end(body)
        .onSuccess(sent -> received.answeredNow())
        .onFailure(gone -> received.cancelledNow());
  }
}
