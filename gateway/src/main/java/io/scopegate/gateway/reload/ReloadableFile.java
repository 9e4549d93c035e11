package io.scopegate.gateway.reload;

import io.scopegate.config.FileWatcher;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.gateway.telemetry.Telemetry.Reload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something made of files, reloaded whenever they change until this is closed.
 *
 * @param <T> what is made of them
 */
final class ReloadableFile<T> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReloadableFile.class);

  private final T value;
  private final FileWatcher.@Nullable Watch watch;

  private ReloadableFile(T value, FileWatcher.@Nullable Watch watch) {
    this.value = value;
    this.watch = watch;
  }

  /** Makes something of files. */
  interface Reader<T> {
    T read() throws IOException;
  }

  /** Has something read its files again. */
  interface Rereader<T> {
    void reread(T value) throws IOException;
  }

  /**
   * Reads files and follows them, counting reloads.
   *
   * @param what the key that names them, for the log
   * @param kind what the reloads are counted as
   */
  static <T> ReloadableFile<T> of(
      String what,
      Reload kind,
      List<Path> paths,
      FileWatcher files,
      Telemetry telemetry,
      Reader<T> reader,
      Rereader<T> rereader)
      throws IOException {
    return of(what, paths, files, good -> telemetry.reloaded(kind, good), reader, rereader);
  }

  /**
   * Reads files and follows them.
   *
   * @param what the key that names them, for the log
   * @param paths the files; none: nothing is followed
   * @param told whether a change could be taken over
   */
  static <T> ReloadableFile<T> of(
      String what,
      List<Path> paths,
      FileWatcher files,
      Consumer<Boolean> told,
      Reader<T> reader,
      Rereader<T> rereader)
      throws IOException {
    if (paths.isEmpty()) {
      return new ReloadableFile<>(reader.read(), null);
    }
    // Watched first and read after: no change falls in between.
    AtomicReference<@Nullable T> made = new AtomicReference<>();
    FileWatcher.Watch watch = files.watch(paths, () -> reread(what, made.get(), told, rereader));
    try {
      T value = reader.read();
      made.set(value);
      return new ReloadableFile<>(value, watch);
    } catch (IOException | RuntimeException e) {
      watch.close();
      throw e;
    }
  }

  private static <T> void reread(
      String what, @Nullable T value, Consumer<Boolean> told, Rereader<T> rereader) {
    if (value == null) {
      return; // about to be read
    }
    try {
      rereader.reread(value);
      told.accept(true);
      LOG.info("{}: reloaded", what);
    } catch (IOException e) {
      told.accept(false);
      LOG.warn("{}: invalid, keeping the previous content: {}", what, e.getMessage());
    }
  }

  /** What was made of the files; it is updated in place. */
  T value() {
    return value;
  }

  /** Stops watching the files. */
  @Override
  public void close() {
    if (watch != null) {
      watch.close();
    }
  }
}
