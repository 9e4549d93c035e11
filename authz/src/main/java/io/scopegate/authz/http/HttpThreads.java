package io.scopegate.authz.http;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads for a client: the JDK's own default has no bound. */
public final class HttpThreads {
  private static final long IDLE_SECONDS = 30;

  private HttpThreads() {}

  /**
   * Makes daemon threads, which end when there is nothing to do for half a minute.
   *
   * @param name what they are called, with a number behind it
   * @param count how many there are at most
   */
  public static ExecutorService create(String name, int count) {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            count,
            count,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new Named(name));
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  private static final class Named implements ThreadFactory {
    private final AtomicInteger number = new AtomicInteger();
    private final String name;

    Named(String name) {
      this.name = name;
    }

    @Override
    public Thread newThread(Runnable task) {
      Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    }
  }
}
