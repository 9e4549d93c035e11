package io.scopegate.demo;

import io.scopegate.gateway.Gateway;
import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.gateway.telemetry.LogConfig;
import io.scopegate.gateway.telemetry.LogOutput;
import io.scopegate.gateway.telemetry.Logging;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.testkit.Await;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** The gateway, started from its configuration file; the only class here that knows its inside. */
final class GatewayProcess implements AutoCloseable {
  private static final int MAX_TENANTS = 10;

  private final Gateway gateway;
  private final LogOutput log;
  private final OutputStream file;

  private GatewayProcess(Gateway gateway, LogOutput log, OutputStream file) {
    this.gateway = gateway;
    this.log = log;
    this.file = file;
  }

  /**
   * Starts a gateway and returns when its ports are open.
   *
   * @param configuration its configuration file
   * @param logFile where its log goes
   */
  static GatewayProcess start(
      Path configuration, Function<String, @Nullable String> environment, Path logFile)
      throws IOException {
    LoadedConfig loaded = LoadedConfig.load(configuration, environment);
    if (!loaded.isValid()) {
      throw new IllegalStateException("the demo's configuration: " + loaded.problems());
    }
    OutputStream file = Files.newOutputStream(logFile);
    LogOutput log = new LogOutput(file);
    Logging.start(log, LogConfig.Format.TEXT, Level.INFO);
    Telemetry telemetry = new Telemetry(null, MAX_TENANTS, "demo");
    Gateway gateway = Await.result(Gateway.start(loaded.config(), telemetry));
    return new GatewayProcess(gateway, log, file);
  }

  @Override
  public void close() throws IOException {
    Await.result(gateway.stop());
    log.close();
    file.close();
  }
}
