package io.scopegate.gateway.admin;

import com.google.protobuf.CodedInputStream;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerRequest;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The <a href="https://github.com/grpc/grpc/blob/master/doc/health-checking.md">gRPC health
 * checking protocol</a>. Its two messages have one field each, so they are read and written here;
 * watchers are told as readiness changes, without polling, so that clients leave a draining gateway
 * at once.
 */
final class HealthService {
  private static final ServiceName NAME = ServiceName.create("grpc.health.v1", "Health");
  private static final ServiceMethod<Buffer, Buffer> CHECK = method("Check");
  private static final ServiceMethod<Buffer, Buffer> WATCH = method("Watch");
  private static final int SERVICE_FIELD = 1;

  private final Vertx vertx;
  private final Readiness readiness;
  private final Set<String> services;
  private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();

  /** Tells the readiness of the service without a name and of these. */
  HealthService(Vertx vertx, Readiness readiness, Set<String> services) {
    this.vertx = vertx;
    this.readiness = readiness;
    this.services = Set.copyOf(services);
    readiness.onChange(() -> watchers.forEach(Watcher::changed));
  }

  /** Adds both methods to a server. */
  void addTo(GrpcServer server) {
    server.callHandler(CHECK, request -> request.last().onSuccess(sent -> check(request, sent)));
    server.callHandler(WATCH, request -> request.last().onSuccess(sent -> watch(request, sent)));
  }

  private void check(GrpcServerRequest<Buffer, Buffer> request, Buffer sent) {
    try {
      ServingStatus status = statusOf(serviceOf(sent));
      if (status == ServingStatus.SERVICE_UNKNOWN) {
        request.response().status(GrpcStatus.NOT_FOUND).statusMessage("service: unknown").end();
      } else {
        request.response().end(status.message());
      }
    } catch (IOException e) {
      invalid(request);
    }
  }

  private void watch(GrpcServerRequest<Buffer, Buffer> request, Buffer sent) {
    try {
      String service = serviceOf(sent);
      Watcher watcher =
          new Watcher(vertx.getOrCreateContext(), request.response(), () -> statusOf(service));
      request.exceptionHandler(gone -> watchers.remove(watcher));
      request.response().exceptionHandler(gone -> watchers.remove(watcher));
      watchers.add(watcher);
      watcher.changed();
    } catch (IOException e) {
      invalid(request);
    }
  }

  /** How many streams watch. */
  int watchers() {
    return watchers.size();
  }

  private static void invalid(GrpcServerRequest<Buffer, Buffer> request) {
    request
        .response()
        .status(GrpcStatus.INVALID_ARGUMENT)
        .statusMessage("message: not a HealthCheckRequest")
        .end();
  }

  private ServingStatus statusOf(String service) {
    if (!service.isEmpty() && !services.contains(service)) {
      return ServingStatus.SERVICE_UNKNOWN;
    }
    return readiness.isReady() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }

  private static String serviceOf(Buffer message) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(message.getBytes());
    String service = "";
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == (SERVICE_FIELD << 3 | 2)) {
        service = in.readStringRequireUtf8();
      } else if (!in.skipField(tag)) {
        break;
      }
    }
    return service;
  }

  private static ServiceMethod<Buffer, Buffer> method(String name) {
    return ServiceMethod.server(
        NAME, name, GrpcMessageEncoder.IDENTITY, GrpcMessageDecoder.IDENTITY);
  }
}
