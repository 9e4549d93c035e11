package io.scopegate.gateway;

import io.scopegate.config.HostPort;
import io.scopegate.gateway.admin.AdminConfig;
import io.scopegate.gateway.admin.AdminServer;
import io.scopegate.gateway.admin.AdminVertx;
import io.scopegate.gateway.admin.Console;
import io.scopegate.gateway.admin.ConsoleServer;
import io.scopegate.gateway.admin.Readiness;
import io.scopegate.gateway.listen.BindFailure;
import io.scopegate.gateway.route.EndpointTable;
import io.scopegate.gateway.telemetry.Telemetry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ports for those who run the gateway: metrics and health, and the console. They have an event
 * loop of their own, so that what comes there does not delay tenants.
 */
final class AdminPorts {
  private static final Logger LOG = LoggerFactory.getLogger(AdminPorts.class);

  private final Vertx vertx = AdminVertx.create();
  private final HostPort adminAddress;
  private final @Nullable HostPort consoleAddress;
  private final AdminServer admin;
  private final @Nullable ConsoleServer console;
  private volatile int adminPort;
  private volatile int consolePort;

  /** Opens nothing yet. */
  AdminPorts(AdminConfig config, Telemetry telemetry, Readiness readiness, Console shown) {
    adminAddress = config.address();
    consoleAddress = config.console();
    admin = new AdminServer(vertx, telemetry::scrape, readiness, EndpointTable.grpcServices());
    console =
        consoleAddress == null ? null : new ConsoleServer(vertx, shown, readiness, consoleAddress);
  }

  /** Opens the port of metrics and health; fails with an {@code IOException} that names the key. */
  Future<Void> openAdmin() {
    return opened(
        "admin.address",
        adminAddress,
        admin.listen(adminAddress.host(), adminAddress.port()),
        port -> adminPort = port);
  }

  /** Opens the console's port where there is one; fails as that of {@link #openAdmin}. */
  Future<Void> openConsole() {
    return console == null || consoleAddress == null
        ? Future.succeededFuture()
        : opened("admin.console", consoleAddress, console.listen(), port -> consolePort = port);
  }

  private static Future<Void> opened(
      String key, HostPort address, Future<Integer> opening, IntConsumer bound) {
    return opening
        .map(port -> {
          bound.accept(port);
          LOG.info("{}: open on port {}", key, port);
          return (Void) null;
        })
        .recover(e -> Future.failedFuture(BindFailure.of(key, address, e)));
  }

  /** The port of metrics and health; 0 before it is open. */
  int adminPort() {
    return adminPort;
  }

  /** The port of the console; 0 when there is none. */
  int consolePort() {
    return consolePort;
  }

  /** Closes the ports. */
  Future<Void> close() {
    return admin
        .close()
        .transform(closed -> console == null ? Future.succeededFuture() : console.close());
  }

  /** Ends the event loop, when the ports are closed. */
  Future<Void> closeLoop() {
    return vertx.close();
  }
}
