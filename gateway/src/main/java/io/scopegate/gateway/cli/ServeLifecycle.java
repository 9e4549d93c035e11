package io.scopegate.gateway.cli;

import io.scopegate.gateway.Gateway;
import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.gateway.telemetry.AuditFile;
import io.scopegate.gateway.telemetry.LineLog;
import io.scopegate.gateway.telemetry.LogConfig;
import io.scopegate.gateway.telemetry.LogOutput;
import io.scopegate.gateway.telemetry.Logging;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.gateway.telemetry.UsageLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a gateway from its configuration until the process gets a signal to end. */
final class ServeLifecycle {
  private static final int MAX_TENANTS = 500;

  private ServeLifecycle() {}

  /**
   * Serves until SIGTERM or SIGINT, which end the process with 0 after the drain. SIGHUP reloads
   * the configuration.
   *
   * @return the exit code when it could not start
   */
  static int serve(LoadedConfig loaded) {
    LogConfig log = loaded.config().log();
    LogConfig.Format format = log.format();
    LogOutput output = LogOutput.stdout(format);
    Logging.start(output, format, org.slf4j.event.Level.valueOf(log.level().name()));
    InstantSource clock = InstantSource.system();
    Telemetry telemetry =
        new Telemetry(LineLog.ofRequests(output, format, clock), MAX_TENANTS, Version.build());
    telemetry.auditTo(LineLog.ofDecisions(output, format, clock));
    telemetry.usageTo(new UsageLog(output, format, clock));
    telemetry.logOutput(output);
    Path auditFile = log.auditFile();
    if (auditFile != null) {
      telemetry.auditTo(AuditFile.of(auditFile, format, clock));
    }
    return run(loaded, telemetry, output);
  }

  private static int run(LoadedConfig loaded, Telemetry telemetry, LogOutput output) {
    Logger logger = LoggerFactory.getLogger(ServeLifecycle.class);
    AtomicReference<@Nullable Gateway> running = new AtomicReference<>();
    Thread hook = new Thread(() -> end(running.get(), telemetry, output), "scopegate-shutdown");
    Runtime.getRuntime().addShutdownHook(hook); // before the start: it may be ended in its middle
    Hangup.handle(() -> reload(running.get(), logger));
    try {
      Gateway gateway =
          Gateway.startWarmingUp(loaded.config(), telemetry)
              .toCompletionStage()
              .toCompletableFuture()
              .get();
      running.set(gateway);
      gateway.follow(loaded);
      logger.info("scopegate {} is serving", Version.text());
      StartSummary.of(loaded.config()).forEach(logger::info);
      loaded.warnings().forEach(warning -> logger.warn("{}", warning));
      new CountDownLatch(1).await(); // the shutdown hook ends the process
      return Main.OK;
    } catch (ExecutionException e) {
      Runtime.getRuntime().removeShutdownHook(hook);
      Throwable cause = e.getCause() == null ? e : e.getCause();
      logger.error(
          "cannot start: {}", cause.getMessage(), cause instanceof IOException ? null : cause);
      output.close();
      return Main.WRONG;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Main.WRONG;
    }
  }

  /** During the start there is nothing to reload: a change since is found at its end. */
  private static void reload(@Nullable Gateway gateway, Logger logger) {
    logger.info("SIGHUP: {}", gateway == null ? "still starting" : "reloading the configuration");
    if (gateway != null) {
      gateway.reload();
    }
  }

  /**
   * Graceful: first the requests in progress end, then the logs, then the process, with 0 whatever
   * the signal.
   */
  private static void end(@Nullable Gateway gateway, Telemetry telemetry, LogOutput output) {
    try {
      Logger logger = LoggerFactory.getLogger(ServeLifecycle.class);
      if (gateway != null) {
        gateway.stop().toCompletionStage().toCompletableFuture().get();
      }
      telemetry.closeLogs();
      logger.info("scopegate has ended");
      output.close();
      Runtime.getRuntime().halt(Main.OK);
    } catch (ExecutionException e) {
      Runtime.getRuntime().halt(Main.WRONG);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
