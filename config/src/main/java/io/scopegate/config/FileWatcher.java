package io.scopegate.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when files have changed: written in place, renamed over, deleted and created again, or
 * swapped by the {@code ..data} symbolic link of a Kubernetes volume.
 *
 * <p>It looks at the content itself, at intervals: modification times have a grain, a swapped link
 * leaves its directory's events elsewhere, and network file systems have no events at all. Files of
 * this kind are small and few, so that reading them costs less than to guess. A change is told once
 * the same new content was seen twice in a row, so that a half-written file is waited for, and only
 * when it differs from the last content that was told. While a file is missing no change is told;
 * who wants to know is told that it is missing.
 *
 * <p>Safe for use by several threads. Callbacks run on the scheduler's thread, one at a time; an
 * exception of one is logged and keeps no other from running.
 */
public final class FileWatcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FileWatcher.class);

  private final List<Watch> watches = new CopyOnWriteArrayList<>();
  private final @Nullable ScheduledFuture<?> schedule;

  /** Looks only when {@link #poll()} is called. */
  public FileWatcher() {
    schedule = null;
  }

  /**
   * Looks at intervals.
   *
   * @param scheduler where it looks and calls back; reading files may block it
   * @param interval between two looks; a change is told after one to two of them
   */
  public FileWatcher(ScheduledExecutorService scheduler, Duration interval) {
    long nanos = interval.toNanos();
    schedule = scheduler.scheduleWithFixedDelay(this::poll, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * Follows files that belong together, such as a certificate and its key. What they hold now
   * counts as known: to miss no change, call this first and read the files after.
   *
   * @param files one or more
   * @param changed called after any of them has changed and all of them are there
   * @return ends it when closed
   */
  public Watch watch(Collection<Path> files, Runnable changed) {
    return watch(files, changed, present -> {});
  }

  /**
   * Follows files that belong together, and tells when one of them is missing.
   *
   * @param files one or more
   * @param changed called after any of them has changed and all of them are there
   * @param present told false once when any of them is missing, and true when all of them are back
   *     with what they held before; if they hold something else, that is a change
   * @return ends it when closed
   */
  public Watch watch(Collection<Path> files, Runnable changed, Consumer<Boolean> present) {
    Watch watch = new Watch(List.copyOf(files), changed, present);
    watches.add(watch);
    return watch;
  }

  /** Looks at all files now, and calls back for those that have changed. */
  public synchronized void poll() {
    watches.forEach(Watch::look);
  }

  /** Ends everything. */
  @Override
  public void close() {
    if (schedule != null) {
      schedule.cancel(false);
    }
    watches.clear();
  }

  /** Files that are followed together, until this is closed. */
  public final class Watch implements AutoCloseable {
    private final List<Path> files;
    private final Runnable changed;
    private final Consumer<Boolean> present;
    private Fingerprint told;
    private Fingerprint seen;
    private boolean isMissing;

    private Watch(List<Path> files, Runnable changed, Consumer<Boolean> present) {
      this.files = files;
      this.changed = changed;
      this.present = present;
      this.told = Fingerprint.of(files);
      this.seen = told;
    }

    private void look() {
      Fingerprint now = Fingerprint.of(files);
      boolean stable = now.equals(seen);
      seen = now;
      if (!stable) {
        return;
      }
      if (now.isComplete() && !now.equals(told)) {
        told = now;
        isMissing = false;
        tell(changed);
      } else if (now.isComplete() == isMissing) {
        isMissing = !isMissing;
        tell(() -> present.accept(!isMissing));
      }
    }

    private void tell(Runnable listener) {
      try {
        listener.run();
      } catch (RuntimeException e) {
        LOG.warn("files: {} (expected: a change that can be taken over)", files, e);
      }
    }

    /** Stops watching. */
    @Override
    public void close() {
      watches.remove(this);
    }
  }
}
