package io.scopegate.testkit.tempo;

import com.google.protobuf.Message;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.scopegate.testkit.Fault;
import io.scopegate.testkit.Gate;
import io.scopegate.testkit.tempo.proto.PostSpansResponse;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Serves the gRPC methods of one port. All requests of a port run on one event loop, hence the
 * plain fields that tell a call which request it belongs to.
 */
final class GrpcServing {
  private static final long MAX_MESSAGE_BYTES = 512L * 1024 * 1024;

  private final GrpcServer server;
  private final Tenants tenants;
  private final Recorder recorder;
  private final Gate gate;
  private @Nullable Received current;
  private Fault fault = Fault.none();

  private GrpcServing(Vertx vertx, Tenants tenants, Recorder recorder, Gate gate) {
    this.server =
        GrpcServer.server(vertx, new GrpcServerOptions().setMaxMessageSize(MAX_MESSAGE_BYTES));
    this.tenants = tenants;
    this.recorder = recorder;
    this.gate = gate;
    server.callHandler(this::unknown);
  }

  /** The distributor's receiver. */
  static GrpcServing otlp(Vertx vertx, Tenants tenants, Recorder recorder, SpanStore store) {
    GrpcServing serving = new GrpcServing(vertx, tenants, recorder, Gate.opened());
    serving.unary(
        Grpc.EXPORT,
        (ids, request) -> {
          store.add(Tenants.one(ids), request.getResourceSpansList());
          return ExportTraceServiceResponse.getDefaultInstance();
        });
    return serving;
  }

  /** Jaeger's collector. */
  static GrpcServing jaeger(Vertx vertx, Tenants tenants, Recorder recorder, SpanStore store) {
    GrpcServing serving = new GrpcServing(vertx, tenants, recorder, Gate.opened());
    serving.unary(
        Grpc.POST_SPANS,
        (ids, request) -> {
          store.add(Tenants.one(ids), otlp(Jaeger.protobuf(request.getBatch())));
          return PostSpansResponse.getDefaultInstance();
        });
    return serving;
  }

  /** OpenCensus' agent: it says nothing until the client has ended. */
  static GrpcServing openCensus(Vertx vertx, Tenants tenants, Recorder recorder, SpanStore store) {
    GrpcServing serving = new GrpcServing(vertx, tenants, recorder, Gate.opened());
    serving.server.callHandler(
        Grpc.OPENCENSUS_EXPORT.server(),
        call -> {
          Received received = Objects.requireNonNull(serving.current);
          List<String> ids = serving.begin(call, received, GrpcStatus.UNAVAILABLE);
          if (ids.isEmpty()) {
            return;
          }
          call.handler(export -> {
            received.bodyBytes(received.bodyBytes() + export.getSerializedSize());
            store.add(Tenants.one(ids), otlp(OpenCensus.read(export)));
          });
          call.endHandler(end -> {
            received.end();
            call.response().end().onSuccess(sent -> received.answeredNow());
          });
        });
    return serving;
  }

  private static List<ResourceSpans> otlp(List<PlainSpan> spans) {
    return spans.stream().map(PlainSpan::toOtlp).toList();
  }

  /** The query frontend. */
  static GrpcServing query(
      Vertx vertx,
      Tenants tenants,
      Recorder recorder,
      Queries queries,
      Gate gate,
      int tracesPerMessage) {
    GrpcServing serving = new GrpcServing(vertx, tenants, recorder, gate);
    Series series = new Series(queries);
    serving.stream(Grpc.SEARCH, (ids, q) -> queries.searchStream(ids, q, tracesPerMessage));
    serving.stream(Grpc.SEARCH_TAGS, (ids, q) -> List.of(queries.tagNames(ids, q)));
    serving.stream(Grpc.SEARCH_TAGS_V2, (ids, q) -> List.of(queries.tagScopes(ids, q)));
    serving.stream(Grpc.SEARCH_TAG_VALUES, (ids, q) -> List.of(queries.tagValues(ids, q)));
    serving.stream(Grpc.SEARCH_TAG_VALUES_V2, (ids, q) -> List.of(queries.tagValuesTyped(ids, q)));
    serving.stream(Grpc.METRICS_QUERY_RANGE, (ids, q) -> List.of(series.range(ids, q)));
    serving.stream(Grpc.METRICS_QUERY_INSTANT, (ids, q) -> List.of(series.instant(ids, q)));
    return serving;
  }

  static boolean isGrpc(HttpServerRequest request) {
    String type = request.getHeader("content-type");
    return type != null && type.startsWith("application/grpc");
  }

  void handle(HttpServerRequest request, Received received, Fault ordered) {
    current = received;
    fault = ordered;
    server.handle(request);
  }

  private <I extends Message, O extends Message> void unary(
      Grpc.Method<I, O> method, BiFunction<List<String>, I, O> answer) {
    // Tempo's receivers say "try again" when the tenant is missing; its queries say who are you.
    serve(method, GrpcStatus.UNAVAILABLE, (ids, request) -> List.of(answer.apply(ids, request)));
  }

  private <I extends Message, O extends Message> void stream(
      Grpc.Method<I, O> method, BiFunction<List<String>, I, List<O>> answer) {
    serve(method, GrpcStatus.UNAUTHENTICATED, answer);
  }

  private <I extends Message, O extends Message> void serve(
      Grpc.Method<I, O> method,
      GrpcStatus withoutTenant,
      BiFunction<List<String>, I, List<O>> answer) {
    server.callHandler(
        method.server(),
        call -> {
          Received received = Objects.requireNonNull(current);
          Fault ordered = fault;
          List<String> ids = begin(call, received, withoutTenant);
          if (ids.isEmpty()) {
            return;
          }
          call.handler(request -> {
            received.bodyBytes(received.bodyBytes() + request.getSerializedSize());
            answer(call, received, ordered, ids, request, answer);
          });
        });
  }

  /** The tenants of a call; none when it has been refused. */
  private List<String> begin(
      GrpcServerRequest<?, ?> call, Received received, GrpcStatus withoutTenant) {
    watch(call, received);
    List<String> ids;
    try {
      ids = tenants.ofGrpc(received.header(Tenants.HEADER));
    } catch (IllegalArgumentException e) {
      fail(call.response(), received, withoutTenant, e);
      return List.of();
    }
    received.tenant(String.join("|", ids));
    return ids;
  }

  private <I, O> void answer(
      GrpcServerRequest<I, O> call,
      Received received,
      Fault ordered,
      List<String> ids,
      I request,
      BiFunction<List<String>, I, List<O>> answer) {
    List<O> messages;
    try {
      messages = answer.apply(ids, request);
    } catch (IllegalArgumentException e) {
      fail(call.response(), received, GrpcStatus.INVALID_ARGUMENT, e);
      return;
    }
    new Outgoing<>(call.response(), received, ordered, gate, messages.iterator()).next();
  }

  private static void watch(GrpcServerRequest<?, ?> call, Received received) {
    call.errorHandler(error -> received.cancelledNow());
    call.exceptionHandler(gone -> received.cancelledNow());
    call.response().exceptionHandler(gone -> received.cancelledNow());
    call.endHandler(end -> received.end());
  }

  /** Tempo's internal services answer anybody who reaches them: that is what must not happen. */
  private void unknown(GrpcServerRequest<Buffer, Buffer> call) {
    Received received = Objects.requireNonNull(current);
    watch(call, received);
    String service = call.serviceName().fullyQualifiedName();
    if (service.startsWith("tempopb.") || service.startsWith("frontend")) {
      recorder.forbidden(received);
      call.response().end(Buffer.buffer());
      received.answeredNow();
    } else {
      call.response()
          .status(GrpcStatus.UNIMPLEMENTED)
          .statusMessage("unknown service " + service)
          .end();
    }
  }

  private static void fail(
      GrpcServerResponse<?, ?> response, Received received, GrpcStatus status, Exception why) {
    response.status(status).statusMessage(String.valueOf(why.getMessage())).end();
    received.answeredNow();
  }

  /** The messages that are still to be sent, one by one as the gate and the client allow. */
  private static final class Outgoing<O> {
    private final GrpcServerResponse<?, O> response;
    private final Received received;
    private final Fault fault;
    private final Gate gate;
    private final Iterator<O> messages;
    private final Context context = Objects.requireNonNull(Vertx.currentContext());

    Outgoing(
        GrpcServerResponse<?, O> response,
        Received received,
        Fault fault,
        Gate gate,
        Iterator<O> messages) {
      this.response = response;
      this.received = received;
      this.fault = fault;
      this.gate = gate;
      this.messages = messages;
    }

    void next() {
      if (received.cancelled()) {
        return;
      }
      if (fault.type() == Fault.Type.RESET_AFTER && received.messagesSent() >= fault.after()) {
        response.cancel();
      } else if (messages.hasNext()) {
        gate.pass().onSuccess(turn -> context.runOnContext(go -> write()));
      } else {
        response.end().onSuccess(sent -> received.answeredNow());
      }
    }

    private void write() {
      if (received.cancelled()) {
        return;
      }
      response
          .write(messages.next())
          .onSuccess(sent -> {
            received.messageSent();
            next();
          })
          .onFailure(gone -> received.cancelledNow());
    }
  }
}
