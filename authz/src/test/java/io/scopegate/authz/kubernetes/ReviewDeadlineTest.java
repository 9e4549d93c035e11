package io.scopegate.authz.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.HandClock;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.ReviewsConfig;
import io.scopegate.testkit.Await;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reviews that may take only so long, at an address where nobody listens. */
final class ReviewDeadlineTest {
  private static final Cluster NOBODY =
      new Cluster(URI.create("http://127.0.0.1:1"), null, false, null, null);

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    Await.result(vertx.close());
  }

  /** What is asked is made when it is sent. The first case loads the classes. */
  @ParameterizedTest
  @CsvSource({"60000, 0, 1", "19, 0, 0", "60000, 59981, 0"})
  void sendsNoReviewThatHasNoTimeLeftForItsAnswer(int timeoutMillis, long waitedMillis, int sent)
      throws Exception {
    ReviewsConfig reviews =
        new ReviewsConfig(200, 400, 64, 2000, 32, 20, Duration.ofMillis(timeoutMillis));
    KubernetesApi api =
        new KubernetesApi(vertx, () -> NOBODY, reviews, new HandClock(), ReviewObserver.NONE);
    AtomicInteger made = new AtomicInteger();

    ApiAnswer answer =
        Await.result(
            api.reviewer()
                .review(
                    ReviewObserver.Kind.TOKEN,
                    ReviewPriority.KNOWN,
                    waitedMillis,
                    () -> {
                      made.incrementAndGet();
                      return TokenReviews.request("token", null);
                    }));

    assertThat(answer.problem()).isNotEmpty();
    assertThat(made).hasValue(sent);
    Await.result(api.close());
  }
}
