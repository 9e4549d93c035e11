package io.scopegate.e2e;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** Does something at a rate, in threads of its own, until it is told to end. */
public final class Paced implements AutoCloseable {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Future<Void>> running = new ArrayList<>();
  private final AtomicBoolean ended = new AtomicBoolean();

  /** Begins a thread that does this at that rate; one that is late does not catch up. */
  public Paced each(Duration interval, Step step) {
    Callable<Void> loop =
        () -> {
          long next = System.nanoTime();
          while (!ended.get() && step.goesOn()) {
            next = Math.max(next + interval.toNanos(), System.nanoTime() - interval.toNanos());
            while (next - System.nanoTime() > 0) {
              LockSupport.parkNanos(next - System.nanoTime());
            }
          }
          return null;
        };
    running.add(threads.submit(loop));
    return this;
  }

  /** Waits until all have ended by themselves; fails as the first of them did. */
  void await() {
    try {
      for (Future<Void> one : running) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Ends all, and fails as the first of them did. */
  @Override
  public void close() {
    ended.set(true);
    await();
  }

  /** What is done again and again. */
  public interface Step {
    /** Does it once; whether it is to be done again. */
    boolean goesOn() throws Exception;
  }
}
