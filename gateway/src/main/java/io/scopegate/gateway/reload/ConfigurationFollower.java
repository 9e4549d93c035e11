package io.scopegate.gateway.reload;

import io.scopegate.config.Changes;
import io.scopegate.config.FileWatcher;
import io.scopegate.config.KeyPath;
import io.scopegate.config.Problem;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.gateway.telemetry.LogConfig;
import io.scopegate.gateway.telemetry.Logging;
import io.scopegate.gateway.telemetry.Telemetry;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Loads a changed configuration file exactly as {@code check} does, and applies it if it is valid.
 * If not, its problems are reported and the current configuration stays in force. One reload at a
 * time; for threads that may be blocked.
 */
public final class ConfigurationFollower {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigurationFollower.class);

  /** How many changed keys are named. */
  private static final int MOST_KEYS = 12;

  private final GatewayConfig started;
  private final Taker taker;
  private final Telemetry telemetry;
  private LoadedConfig loaded;
  private boolean isCurrent = true;

  /** Takes a configuration over while requests are in progress. */
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
    this.loaded = loaded;
    this.taker = taker;
    this.telemetry = telemetry;
  }

  /** Follows the file from now on; a change since it was loaded is found at once. */
  public void follow(FileWatcher files) {
    if (!loaded.followed().isEmpty()) {
      files.watch(loaded.followed(), this::reload, this::present);
    }
    LoadedConfig now = loaded.again();
    if (!now.isValid() || !now.config().equals(started)) {
      reload();
    }
  }

  /** Loads the file as it is now, changed or not. */
  public synchronized void reload() {
    LoadedConfig next = loaded.again();
    if (!next.isValid()) {
      for (Problem problem : next.problems()) {
        LOG.error("{}", problem);
      }
      failed(next.problems().stream().map(Problem::toString).toList());
      return;
    }
    try {
      tookOver(next, taker.take(next.config()));
    } catch (IOException | RuntimeException e) {
      LOG.error("{}", e.getMessage(), e instanceof IOException ? null : e);
      failed(List.of(String.valueOf(e.getMessage())));
    }
  }

  private void failed(List<String> problems) {
    telemetry.configuration().noted(List.of(), List.of(), problems);
    telemetry.reloaded(Telemetry.Reload.CONFIGURATION, false);
    current(false);
    LOG.warn("{}: invalid, keeping the current configuration", loaded.file());
  }

  private void tookOver(LoadedConfig next, List<IOException> problems) {
    List<KeyPath> changed = Changes.between(loaded.config(), next.config()).all();
    List<KeyPath> later = Changes.between(started, next.config()).atNextStart();
    level(loaded.config().log(), next.config().log());
    loaded = next;
    boolean complete = problems.isEmpty();
    telemetry.reloaded(Telemetry.Reload.CONFIGURATION, complete);
    isCurrent = complete && later.isEmpty();
    telemetry.configuration().reloaded(isCurrent);
    telemetry
        .configuration()
        .noted(
            texts(changed),
            texts(later),
            problems.stream().map(problem -> String.valueOf(problem.getMessage())).toList());
    later.forEach(key -> LOG.warn("{}: the change takes effect at the next start", key));
    if (complete) {
      LOG.info("{}: configuration reloaded ({})", next.file(), named(changed));
    } else {
      problems.forEach(problem -> LOG.error("{}", problem.getMessage()));
      LOG.warn(
          "{}: configuration reloaded except for the listeners named above ({})",
          next.file(),
          named(changed));
    }
  }

  private static List<String> texts(List<KeyPath> keys) {
    return keys.stream().map(KeyPath::toString).toList();
  }

  private static void level(LogConfig before, LogConfig next) {
    if (next.level() != before.level()) {
      Logging.level(Level.valueOf(next.level().name()));
    }
  }

  private static String named(List<KeyPath> changed) {
    if (changed.isEmpty()) {
      return "nothing changed";
    }
    String keys =
        changed.stream().limit(MOST_KEYS).map(KeyPath::toString).collect(Collectors.joining(", "));
    int more = changed.size() - MOST_KEYS;
    return "changed: " + keys + (more > 0 ? " and " + more + " more" : "");
  }

  /** The file is missing, or back as it was. */
  private synchronized void present(boolean isPresent) {
    if (isPresent) {
      LOG.info("{}: the file is back, unchanged", loaded.file());
      telemetry.configuration().current(isCurrent);
    } else {
      LOG.warn("{}: the file is missing, keeping the current configuration", loaded.file());
      telemetry.configuration().current(false);
    }
  }

  private void current(boolean now) {
    isCurrent = now;
    telemetry.configuration().current(now);
  }
}
