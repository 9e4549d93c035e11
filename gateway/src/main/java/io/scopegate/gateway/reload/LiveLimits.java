package io.scopegate.gateway.reload;

import io.scopegate.config.FileWatcher;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.limit.Limiter;
import io.scopegate.gateway.limit.Limits;
import io.scopegate.gateway.limit.TempoOverrides;
import io.scopegate.gateway.telemetry.Telemetry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The limits in force: those of the configuration and of Tempo's overrides file, each of which may
 * change while requests are in progress. For threads that may be blocked.
 */
public final class LiveLimits {
  private static final Logger LOG = LoggerFactory.getLogger(LiveLimits.class);
  private static final String KEY = "limits.tempoOverridesFile";

  private final Limiter limiter;
  private final FileWatcher files;
  private final Telemetry telemetry;
  private @Nullable Prepared current;

  public LiveLimits(Limiter limiter, FileWatcher files, Telemetry telemetry) {
    this.limiter = limiter;
    this.files = files;
    this.telemetry = telemetry;
  }

  /** The limiter that applies them. */
  Limiter limiter() {
    return limiter;
  }

  /** What Tempo's file holds at the moment. */
  private static final class Overrides {
    private final Path path;
    private volatile TempoOverrides value = TempoOverrides.NONE;

    Overrides(Path path) {
      this.path = path;
    }

    void read() throws IOException {
      TempoOverrides next = TempoOverrides.read(path);
      next.warnings().forEach(warning -> LOG.warn("{}", warning));
      value = next;
    }
  }

  /**
   * Limits that are not in force yet.
   *
   * @param overrides Tempo's file, followed; null without one
   */
  record Prepared(GatewayConfig config, @Nullable ReloadableFile<Overrides> overrides) {
    private Limits limits() {
      return Limits.of(
          config.limits(),
          config.tenancy().ids(),
          overrides == null ? TempoOverrides.NONE : overrides.value().value);
    }

    private boolean follows(@Nullable Path path) {
      return overrides != null && overrides.value().path.equals(path);
    }
  }

  /**
   * Reads what a configuration names.
   *
   * @throws IOException when Tempo's file cannot be used; nothing has changed
   */
  synchronized Prepared prepare(GatewayConfig config) throws IOException {
    Path path = config.limits().tempoOverridesFile();
    if (current != null && current.follows(path)) {
      return new Prepared(config, current.overrides());
    }
    return new Prepared(config, path == null ? null : follow(path));
  }

  private ReloadableFile<Overrides> follow(Path path) throws IOException {
    return ReloadableFile.of(
        KEY,
        List.of(path),
        files,
        good -> telemetry.reloaded(Telemetry.Reload.OVERRIDES, good),
        () -> {
          Overrides overrides = new Overrides(path);
          overrides.read();
          return overrides;
        },
        this::reread);
  }

  private void reread(Overrides overrides) throws IOException {
    overrides.read();
    act();
  }

  private synchronized void act() {
    if (current != null) {
      limiter.reconfigure(current.limits());
    }
  }

  /** Puts these limits into force. */
  synchronized void reconfigure(Prepared next) {
    Prepared before = current;
    current = next;
    act();
    if (before != null && before.overrides() != next.overrides() && before.overrides() != null) {
      before.overrides().close();
    }
  }

  /** Releases what was prepared but is not used. */
  synchronized void discard(Prepared prepared) {
    ReloadableFile<Overrides> unused = prepared.overrides();
    if (unused != null && (current == null || current.overrides() != unused)) {
      unused.close();
    }
  }
}
