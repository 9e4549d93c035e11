package io.scopegate.gateway.admin;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One stream that is told a service's health whenever it changes. */
final class Watcher {
  private final Context context;
  private final GrpcServerResponse<Buffer, Buffer> response;
  private final Supplier<ServingStatus> current;
  private @Nullable ServingStatus told;

  /** Tells this stream, on its own context. */
  Watcher(
      Context context,
      GrpcServerResponse<Buffer, Buffer> response,
      Supplier<ServingStatus> current) {
    this.context = context;
    this.response = response;
    this.current = current;
  }

  /** Something changed, perhaps; called from any thread. */
  void changed() {
    context.runOnContext(ignored -> tell());
  }

  private void tell() {
    ServingStatus status = current.get();
    if (status != told) {
      told = status;
      response.write(status.message());
    }
  }
}
