package io.scopegate.authz.kubernetes;

import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientImpl;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the JDK's client with a handful of threads of its own: the library's default has no bound.
 * One factory for one client.
 */
final class ApiClientFactory extends JdkHttpClientFactory {
  private static final int THREADS = 3;

  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, new Named());

  @Override
  protected java.net.http.HttpClient.Builder createNewHttpClientBuilder() {
    return java.net.http.HttpClient.newBuilder().executor(threads);
  }

  @Override
  protected void closeHttpClient(JdkHttpClientImpl client) {
    threads.shutdownNow();
  }

  private static final class Named implements ThreadFactory {
    private final AtomicInteger number = new AtomicInteger();

    @Override
    public Thread newThread(Runnable task) {
      Thread thread = new Thread(task, "kubernetes-api-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    }
  }
}
