package io.scopegate.gateway.reload;

import io.scopegate.config.Changes;
import io.scopegate.config.FileWatcher;
import io.scopegate.config.Problem;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.gateway.telemetry.LogConfig;
import io.scopegate.gateway.telemetry.Logging;
import io.scopegate.gateway.telemetry.Telemetry;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Loads a changed configuration file exactly as {@code check} does, and has what is valid taken
 * over. What is not is reported, and the running configuration stays.
 */
public final class ConfigurationFollower {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigurationFollower.class);

  private final GatewayConfig started;
  private final Taker taker;
  private final Telemetry telemetry;
  private LoadedConfig loaded;
  private LogConfig log;

  /** Takes a configuration over while requests are under way. */
  public interface Taker {
    /**
     * Takes over.
     *
     * @return what could not be; everything else is
     * @throws IOException when nothing could be and nothing has changed
     */
    List<IOException> take(GatewayConfig config) throws IOException;
  }

  /** Follows from what was started with. */
  public ConfigurationFollower(LoadedConfig loaded, Taker taker, Telemetry telemetry) {
    this.started = loaded.config();
    this.log = started.log();
    this.loaded = loaded;
    this.taker = taker;
    this.telemetry = telemetry;
  }

  /** Follows the file from now on; a change since it was loaded is found at once. */
  public void follow(FileWatcher files) {
    if (!loaded.followed().isEmpty()) {
      files.watch(loaded.followed(), this::changed);
    }
    LoadedConfig now = loaded.again();
    if (!now.isValid() || !now.config().equals(started)) {
      changed();
    }
  }

  private synchronized void changed() {
    LoadedConfig next = loaded.again();
    if (!next.isValid()) {
      for (Problem problem : next.problems()) {
        LOG.error("{}", problem);
      }
      failed("not valid");
      return;
    }
    try {
      List<IOException> problems = taker.take(next.config());
      tookOver(next);
      if (problems.isEmpty()) {
        telemetry.reloaded(Telemetry.Reload.CONFIGURATION, true);
        LOG.info("{}: read anew", next.file());
      } else {
        problems.forEach(problem -> LOG.error("{}", problem.getMessage()));
        telemetry.reloaded(Telemetry.Reload.CONFIGURATION, false);
        LOG.warn("{}: read anew, except for the listeners named before", next.file());
      }
    } catch (IOException | RuntimeException e) {
      LOG.error("{}", e.getMessage(), e instanceof IOException ? null : e);
      failed("not usable");
    }
  }

  private void failed(String why) {
    telemetry.reloaded(Telemetry.Reload.CONFIGURATION, false);
    LOG.warn("{}: {}, the configuration before stays", loaded.file(), why);
  }

  private void tookOver(LoadedConfig next) {
    loaded = next;
    LogConfig wanted = next.config().log();
    if (wanted.level() != log.level()) {
      Logging.level(Level.valueOf(wanted.level().name()));
    }
    log = wanted;
    Changes.atNextStart(started, next.config())
        .forEach(key -> LOG.warn("{}: a change acts at the next start", key));
  }
}
