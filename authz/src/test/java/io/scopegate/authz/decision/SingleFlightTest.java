package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class SingleFlightTest {
  private final SingleFlight<String, String> flights = new SingleFlight<>();

  @Test
  void asksEqualQuestionsOnce() {
    Promise<String> answer = Promise.promise();
    AtomicInteger asked = new AtomicInteger();
    AtomicInteger answered = new AtomicInteger();
    for (int i = 0; i < 1000; i++) {
      flights
          .join(
              "q",
              () -> {
                asked.incrementAndGet();
                return answer.future();
              })
          .onSuccess(ignored -> answered.incrementAndGet());
    }
    assertThat(answered).hasValue(0);
    answer.complete("a");
    assertThat(asked).hasValue(1);
    assertThat(answered).hasValue(1000);
    assertThat(flights.size()).isZero();
  }

  @Test
  void asksAgainAfterTheAnswer() {
    assertThat(flights.join("q", () -> Future.succeededFuture("1")).result()).isEqualTo("1");
    assertThat(flights.join("q", () -> Future.succeededFuture("2")).result()).isEqualTo("2");
  }

  @Test
  void questionThatThrowsFailsTheFutureAndIsForgotten() {
    Future<String> failed =
        flights.join(
            "q",
            () -> {
              throw new IllegalStateException("boom");
            });
    assertThat(failed.failed()).isTrue();
    assertThat(flights.size()).isZero();
  }

  @Test
  void questionThatEndsWithAnErrorIsForgottenToo() {
    Future<String> failed =
        flights.join(
            "q",
            () -> {
              throw new NoClassDefFoundError("boom");
            });
    assertThat(failed.failed()).isTrue();
    assertThat(flights.join("q", () -> Future.succeededFuture("a")).result()).isEqualTo("a");
  }

  @Test
  void waiterThatThrowsDoesNotKeepTheAnswerFromOthers() {
    Promise<String> answer = Promise.promise();
    AtomicInteger answered = new AtomicInteger();
    flights
        .join("q", answer::future)
        .onSuccess(ignored -> {
          throw new IllegalStateException("a waiter's own trouble");
        });
    flights.join("q", answer::future).onSuccess(ignored -> answered.incrementAndGet());
    answer.complete("a");
    assertThat(answered).hasValue(1);
  }

  @Test
  void answersOnTheCallersNettyLoop() throws Exception {
    var group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try {
      Promise<String> answer = Promise.promise();
      CompletableFuture<Boolean> onLoop = new CompletableFuture<>();
      group
          .next()
          .submit(() ->
              flights
                  .join("q", answer::future)
                  .onSuccess(a -> onLoop.complete(group.next().inEventLoop())))
          .get(20, TimeUnit.SECONDS);
      answer.complete("a");
      assertThat(onLoop.get(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  @Test
  void answersOnTheCallersVertxContext() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      Promise<String> answer = Promise.promise();
      Context context = vertx.getOrCreateContext();
      CompletableFuture<Context> found = new CompletableFuture<>();
      CompletableFuture<Void> joined = new CompletableFuture<>();
      context.runOnContext(ignored -> {
        flights.join("q", answer::future).onSuccess(a -> found.complete(Vertx.currentContext()));
        joined.complete(null);
      });
      joined.get(20, TimeUnit.SECONDS);
      answer.complete("a");
      assertThat(found.get(20, TimeUnit.SECONDS)).isSameAs(context);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }
}
