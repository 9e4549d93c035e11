package io.scopegate.gateway.admin;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One stream that is told a service's health whenever it changes. */
final class Watcher {
  private final AdminRequest request;
  private final Supplier<ServingStatus> current;
  private @Nullable ServingStatus told;

  /** Tells this stream, on its own event loop. */
  Watcher(AdminRequest request, Supplier<ServingStatus> current) {
    this.request = request;
    this.current = current;
  }

  /** Something changed, perhaps; called from any thread. */
  void changed() {
    request.execute(this::tell);
  }

  private void tell() {
    ServingStatus status = current.get();
    if (status != told) {
      told = status;
      request.grpcNext(status.message());
    }
  }
}
