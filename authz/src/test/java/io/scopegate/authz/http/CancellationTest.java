package io.scopegate.authz.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CancellationTest {
  @Test
  void isDoneWithoutTheLocksOfWhoAskedForIt() throws Exception {
    Object lock = new Object();
    CompletableFuture<Boolean> held = new CompletableFuture<>();

    synchronized (lock) {
      Cancellation.later(() -> held.complete(Thread.holdsLock(lock)));
    }

    assertThat(held.get(10, TimeUnit.SECONDS)).isFalse();
  }

  @Test
  void doesNotWaitForAClientThatWaitsForTheCaller() throws Exception {
    Object lock = new Object();
    CompletableFuture<String> done = new CompletableFuture<>();

    synchronized (lock) {
      Cancellation.later(() -> {
        synchronized (lock) { // as a callback of the client does
          done.complete("cancelled");
        }
      });
      assertThat(done).isNotDone();
    }

    assertThat(done.get(10, TimeUnit.SECONDS)).isEqualTo("cancelled");
  }
}
