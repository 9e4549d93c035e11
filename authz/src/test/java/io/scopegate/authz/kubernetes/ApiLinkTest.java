package io.scopegate.authz.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.HandClock;
import io.scopegate.authz.ReviewObserver;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ApiLinkTest {
  private final Vertx vertx = Vertx.vertx();
  private final Semaphore reconnected = new Semaphore(0);
  private final ReviewObserver observer =
      new ReviewObserver() {
        @Override
        public void reconnected() {
          reconnected.release();
        }
      };

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void whatEndsOnAnOldConnectionDoesNotCountAgainstTheNewOne() throws Exception {
    Cluster cluster = new Cluster(URI.create("http://127.0.0.1:1"), null, false, null, null);
    ApiLink link =
        new ApiLink(
            vertx, () -> cluster, Duration.ofMinutes(1).toMillis(), new HandClock(), observer);
    ApiConnection old = link.connection();
    timeouts(link, old);
    assertThat(reconnected.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    ApiConnection next = link.connection();
    assertThat(next).isNotSameAs(old);

    timeouts(link, old);
    link.timedOut(next);
    link.timedOut(next);
    // Whatever was begun by then would be done before this.
    vertx.executeBlocking(() -> true, true).toCompletionStage().toCompletableFuture().get();
    assertThat(link.connection()).isSameAs(next);
    link.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static void timeouts(ApiLink link, ApiConnection connection) {
    for (int i = 0; i < 3; i++) {
      link.timedOut(connection);
    }
  }
}
