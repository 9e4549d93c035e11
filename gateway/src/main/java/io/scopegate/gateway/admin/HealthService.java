package io.scopegate.gateway.admin;

import com.google.protobuf.CodedInputStream;
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
  private static final String SERVICE = "/grpc.health.v1.Health/";
  private static final int SERVICE_FIELD = 1;
  private static final int INVALID_ARGUMENT = 3;
  private static final int NOT_FOUND = 5;
  private static final int UNIMPLEMENTED = 12;

  private final Readiness readiness;
  private final Set<String> services;
  private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();

  /** Tells the readiness of the service without a name and of these. */
  HealthService(Readiness readiness, Set<String> services) {
    this.readiness = readiness;
    this.services = Set.copyOf(services);
    readiness.onChange(() -> watchers.forEach(Watcher::changed));
  }

  /** Answers a gRPC call. */
  void handle(AdminRequest request) {
    byte[] sent = request.grpcRequest();
    String path = request.path();
    boolean watches = path.equals(SERVICE + "Watch");
    if (!watches && !path.equals(SERVICE + "Check")) {
      request.grpcStatus(UNIMPLEMENTED, "method: unknown");
      return;
    }
    try {
      if (sent == null) {
        throw new IOException("no message");
      }
      String service = serviceOf(sent);
      if (watches) {
        watch(request, service);
      } else {
        check(request, service);
      }
    } catch (IOException e) {
      request.grpcStatus(INVALID_ARGUMENT, "message: not a HealthCheckRequest");
    }
  }

  private void check(AdminRequest request, String service) {
    ServingStatus status = statusOf(service);
    if (status == ServingStatus.SERVICE_UNKNOWN) {
      request.grpcStatus(NOT_FOUND, "service: unknown");
    } else {
      request.grpcMessage(status.message());
    }
  }

  private void watch(AdminRequest request, String service) {
    Watcher watcher = new Watcher(request, () -> statusOf(service));
    watchers.add(watcher);
    request.grpcStream(() -> watchers.remove(watcher));
    watcher.changed();
  }

  /** How many streams watch. */
  int watchers() {
    return watchers.size();
  }

  private ServingStatus statusOf(String service) {
    if (!service.isEmpty() && !services.contains(service)) {
      return ServingStatus.SERVICE_UNKNOWN;
    }
    return readiness.isReady() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }

  private static String serviceOf(byte[] message) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(message);
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
}
