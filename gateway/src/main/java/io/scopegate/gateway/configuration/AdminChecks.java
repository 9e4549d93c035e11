package io.scopegate.gateway.configuration;

import io.scopegate.config.HostPort;
import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;

/** Checks of {@code admin}. */
final class AdminChecks {
  private static final KeyPath ADDRESS = KeyPath.of("admin", "address");

  private AdminChecks() {}

  static void check(GatewayConfig config, Loaded<?> loaded) {
    HostPort address = config.admin().address();
    config
        .listeners()
        .forEach((name, listener) -> {
          if (ListenersChecks.collide(listener.address(), address)) {
            loaded.problem(
                ADDRESS, address, "is taken by listeners." + name + ".address", "another address");
          }
        });
  }
}
