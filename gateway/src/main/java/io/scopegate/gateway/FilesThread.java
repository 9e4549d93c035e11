package io.scopegate.gateway;

import io.scopegate.config.FileWatcher;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The thread that may be blocked: it reads files, and does what is too slow for event loops. */
final class FilesThread {
  private static final Duration LOOKS = Duration.ofSeconds(1);

  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(FilesThread::daemon);
  private final FileWatcher files;

  /**
   * Starts it.
   *
   * @param polled looks at files when the caller polls; null: they are looked at each second
   */
  FilesThread(@Nullable FileWatcher polled) {
    files = polled == null ? new FileWatcher(executor, LOOKS) : polled;
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "scopegate-files");
    thread.setDaemon(true);
    return thread;
  }

  /** Something that may block or fail. */
  interface Step {
    /** Does it, on this thread. */
    void run() throws IOException;
  }

  /** Tells when files have changed. */
  FileWatcher files() {
    return files;
  }

  /** Runs it after what is waiting; the future is one of no event loop. */
  Future<Void> run(Step step) {
    Promise<Void> done = Promise.promise();
    executor.execute(() -> {
      try {
        step.run();
        done.complete();
      } catch (IOException | RuntimeException e) {
        done.fail(e);
      }
    });
    return done.future();
  }

  /** Runs it every second from now on. */
  void eachSecond(Runnable task) {
    executor.scheduleWithFixedDelay(task, 1, 1, TimeUnit.SECONDS);
  }

  /** Ends it when what is waiting is done; files are not followed any more. */
  void close() {
    files.close();
    executor.shutdown();
  }
}
