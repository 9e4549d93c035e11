package io.scopegate.authz.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.HandClock;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.config.Secret;
import io.scopegate.testkit.TestCa;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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

  @Test
  void tellsWhenItsOwnTokenExpiresAndWhenItWasRenewed() throws Exception {
    List<Long> expiries = new ArrayList<>();
    ReviewObserver listens =
        new ReviewObserver() {
          @Override
          public void ownCredential(long expiryMillis) {
            expiries.add(expiryMillis);
          }
        };
    Iterator<Cluster> files =
        List.of(by(token("{\"exp\":1000}")), by(token("{\"exp\":2000}")), by("opaque"), by(null))
            .iterator();
    ApiLink link =
        new ApiLink(vertx, files::next, Duration.ofMinutes(1).toMillis(), new HandClock(), listens);
    while (files.hasNext()) {
      assertThat(link.rereadNow()).isTrue();
    }

    assertThat(expiries).containsExactly(1_000_000L, 2_000_000L, Long.MAX_VALUE, Long.MAX_VALUE);
    link.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void aClientCertificateExpiresAtItsEnd() {
    TestCa.Issued issued = TestCa.create().client("gateway");
    Cluster cluster =
        new Cluster(
            URI.create("https://127.0.0.1:1"),
            null,
            false,
            new Cluster.ClientKey(issued.certificatePem(), Secret.parse(issued.keyPem())),
            null);

    assertThat(cluster.expiryMillis()).isEqualTo(issued.certificate().getNotAfter().getTime());
  }

  private static Cluster by(@Nullable String token) {
    return new Cluster(
        URI.create("http://127.0.0.1:1"),
        null,
        false,
        null,
        token == null ? null : Secret.parse(token));
  }

  private static String token(String claims) {
    return "e30."
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(claims.getBytes(StandardCharsets.UTF_8))
        + ".x";
  }

  private static void timeouts(ApiLink link, ApiConnection connection) {
    for (int i = 0; i < 3; i++) {
      link.timedOut(connection);
    }
  }
}
